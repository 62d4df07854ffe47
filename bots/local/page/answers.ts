/** What the bot says, as elements. */
import type { ChatAnswer, ListedRoom } from '../../../src/protocol/local-chat.ts';
import type { TimeFormat } from '../../../web-shared/i18n/time-format.ts';
import { button, el } from '../../../web-shared/ui/dom.ts';
import { eye, icon } from '../../../web-shared/ui/icons.ts';
import { words } from './words.ts';

/** What an answer can do to the chat: say a command for the doctor. */
export interface AnswerActions {
  say(command: string): void;
}

/** The inside of one message of the bot. */
export function renderAnswer(answer: ChatAnswer, actions: AnswerActions, time: TimeFormat): HTMLElement[] {
  switch (answer.kind) {
    case 'compose':
      return compose(answer, time);
    case 'list':
      return answer.rooms.length === 0
        ? [el('p', {}, words.noRooms)]
        : [
            el('p', {}, words.rooms),
            el('ul', { class: 'rooms' }, ...answer.rooms.map((room) => listed(room, actions, time))),
          ];
    case 'revoked':
      return [el('p', {}, words.revoked(answer.count))];
    case 'not-found':
      return [el('p', {}, words.notFound)];
    case 'help':
      return [el('p', {}, words.help), commandList(actions)];
    case 'do-not-type':
      return words.doNotType.map((sentence) => el('p', {}, sentence));
    case 'error':
      return [el('p', {}, answer.next)];
  }
}

function compose(answer: ChatAnswer & { kind: 'compose' }, time: TimeFormat): HTMLElement[] {
  const link = { class: 'button button-primary', href: answer.url, target: '_blank', rel: 'noopener noreferrer' };
  return [
    el('p', { class: 'only-you' }, icon(eye), words.onlyYou),
    el('p', {}, el('a', link, words.writeNote)),
    el(
      'p',
      { class: 'quiet small' },
      words.composeHint(time.duration(answer.expirySeconds * 1000), time.clock(answer.ticketUntil)),
    ),
  ];
}

function listed(room: ListedRoom, actions: AnswerActions, time: TimeFormat): HTMLElement {
  const about = `room-${room.id}`;
  const revoke = button('button-danger', [words.revoke], () => actions.say(`/glir revoke ${room.id}`));
  revoke.setAttribute('aria-describedby', about);
  return el(
    'li',
    { class: 'room' },
    el(
      'p',
      { id: about },
      el('code', {}, room.id),
      ` ${words.roomState[room.state]}`,
      el('span', { class: 'quiet small' }, words.roomFacts(room.readers, time.duration(room.leftSeconds * 1000))),
    ),
    revoke,
  );
}

function commandList(actions: AnswerActions): HTMLElement {
  return el(
    'ul',
    { class: 'commands' },
    ...words.commands.map(([command, what]) =>
      el(
        'li',
        {},
        button('button-command', [command], () => actions.say(command)),
        el('span', { class: 'quiet' }, what),
      ),
    ),
  );
}
