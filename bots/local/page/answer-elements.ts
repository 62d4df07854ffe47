/** The bot's answers as elements. */
import type { ChatAnswer, ListedRoom } from '../../../src/protocol/local-chat.ts';
import type { TimeFormat } from '../../../web-shared/i18n/time-format.ts';
import { button, el } from '../../../web-shared/ui/dom.ts';
import { eye, icon } from '../../../web-shared/ui/icons.ts';
import { strings } from './strings.ts';

export interface AnswerActions {
  /** Sends a command as if the doctor had typed it. */
  send(command: string): void;
}

export function renderAnswer(answer: ChatAnswer, actions: AnswerActions, time: TimeFormat): HTMLElement[] {
  switch (answer.kind) {
    case 'compose':
      return composeAnswer(answer, time);
    case 'list':
      return answer.rooms.length === 0
        ? [el('p', {}, strings.noRooms)]
        : [
            el('p', {}, strings.rooms),
            el('ul', { class: 'rooms' }, ...answer.rooms.map((room) => roomItem(room, actions, time))),
          ];
    case 'revoked':
      return [el('p', {}, strings.revoked(answer.count))];
    case 'not-found':
      return [el('p', {}, strings.notFound)];
    case 'help':
      return [el('p', {}, strings.help), commandList(actions)];
    case 'do-not-type':
      return strings.doNotType.map((sentence) => el('p', {}, sentence));
    case 'error':
      return [el('p', {}, answer.next)];
  }
}

function composeAnswer(answer: ChatAnswer & { kind: 'compose' }, time: TimeFormat): HTMLElement[] {
  const link = { class: 'button button-primary', href: answer.url, target: '_blank', rel: 'noopener noreferrer' };
  return [
    el('p', { class: 'only-you' }, icon(eye), strings.onlyYou),
    el('p', {}, el('a', link, strings.writeNote)),
    el(
      'p',
      { class: 'quiet small' },
      strings.composeHint(time.duration(answer.expirySeconds * 1000), time.clock(answer.ticketUntil)),
    ),
  ];
}

function roomItem(room: ListedRoom, actions: AnswerActions, time: TimeFormat): HTMLElement {
  const descriptionId = `room-${room.id}`;
  const revoke = button('button-danger', [strings.revoke], () => actions.send(`/glir revoke ${room.id}`));
  revoke.setAttribute('aria-describedby', descriptionId);
  return el(
    'li',
    { class: 'room' },
    el(
      'p',
      { id: descriptionId },
      el('code', {}, room.id),
      ` ${strings.roomState[room.state]}`,
      el('span', { class: 'quiet small' }, strings.roomFacts(room.readers, time.duration(room.leftSeconds * 1000))),
    ),
    revoke,
  );
}

function commandList(actions: AnswerActions): HTMLElement {
  return el(
    'ul',
    { class: 'commands' },
    ...strings.commands.map(([command, what]) =>
      el(
        'li',
        {},
        button('button-command', [command], () => actions.send(command)),
        el('span', { class: 'quiet' }, what),
      ),
    ),
  );
}
