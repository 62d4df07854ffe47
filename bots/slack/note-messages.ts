import { formatDuration } from '../../src/protocol/duration.ts';
import type { Policy } from '../../src/protocol/messages.ts';
import { roomTag } from '../../src/rooms/tag.ts';
import type { Answer } from '../commands/answer.ts';
import type { Opened } from '../commands/open.ts';
import type { RoomStatus } from '../commands/status.ts';
import {
  ACTIONS,
  actions,
  agoToken,
  button,
  type GlirBlock,
  type Message,
  quiet,
  section,
  timeToken,
} from './blocks.ts';
import { words } from './words.ts';

/** Waiting readers shown in a message; the others are on the doctor's page. */
const WAITING_SHOWN = 10;

type OpenedRoom = Extract<Opened, { kind: 'opened' }>;

/** The button to the doctor's browser, and what was chosen. */
export function readyBlocks({ room, url, ticketUntil }: OpenedRoom): GlirBlock[] {
  const tag = roomTag(room.id);
  return [
    section(words.ready.text(timeToken(ticketUntil))),
    actions(
      button(ACTIONS.write, words.writeNote, tag, { style: 'primary', url }),
      button(ACTIONS.revoke, words.revoke, tag),
    ),
    quiet(policyWords(room.policy), words.ready.private),
  ];
}

/** A fresh draft, as a message. */
export function readyMessage(opened: OpenedRoom, ...before: string[]): Message {
  const lead = before.map((sentence) => section(sentence));
  return { text: `${words.ready.title}. ${words.ready.private}`, blocks: [...lead, ...readyBlocks(opened)] };
}

/** A command's answer; a fresh draft is `readyMessage`'s. */
export function answerMessage(answer: Exclude<Answer, { kind: 'compose' }>): Message {
  switch (answer.kind) {
    case 'list':
      return listMessage(answer.rooms);
    case 'revoked':
      return said(words.revoked(answer.count));
    case 'not-found':
      return said(words.notFound);
    case 'out-of-range':
      return said(words.range(formatDuration(answer.minSeconds), formatDuration(answer.maxSeconds)));
    case 'help':
      return said(...words.help);
    case 'do-not-type':
      return said(...words.doNotType);
  }
}

/** One or more sentences. */
export function said(...sentences: string[]): Message {
  return { text: sentences.join(' '), blocks: [section(...sentences)] };
}

/** Why a choice is refused, in words. */
export function refusedChoice(refused: Exclude<Opened, { kind: 'opened' }>): string {
  switch (refused.kind) {
    case 'out-of-range':
      return words.range(formatDuration(refused.minSeconds), formatDuration(refused.maxSeconds));
    case 'admission-not-allowed':
      return words.admissionNotAllowed;
    case 'readers-out-of-range':
      return words.readersRange(refused.min, refused.max);
  }
}

/** A doctor's open notes, each with its button; Slack shows at most 50 blocks in a message. */
function listMessage(rooms: Extract<Answer, { kind: 'list' }>['rooms']): Message {
  if (rooms.length === 0) return said(words.noRooms);
  const blocks = rooms.slice(0, 45).map((room) => ({
    ...section(
      `${words.state[room.state]}, ${words.status.reading(room.readers)}, ${formatDuration(wholeMinutes(room.leftSeconds))} left`,
    ),
    accessory: button(ACTIONS.revokeListed, words.revoke, room.id, { style: 'danger', confirm: words.revokeAsk }),
  }));
  return { text: words.rooms, blocks: [section(words.rooms), ...blocks] };
}

/** A room as it is now: state, time left, readers, and who waits. */
export function statusMessage(status: RoomStatus, where: 'direct' | 'ephemeral'): Message {
  if (status.over !== null) {
    const how = words.overAt(words.over[status.over.reason], timeToken(status.over.at));
    const read = words.status.readBy(status.readBy);
    return { text: words.over[status.over.reason], blocks: [section(`*${words.status.title}*`, how), quiet(read)] };
  }
  const { roomTag: tag, state, waiting } = status;
  const facts = [words.status.reading(status.reading), words.status.readBy(status.readBy)].join(', ');
  const shown = waiting
    .slice(0, WAITING_SHOWN)
    .flatMap(({ readerId, number, shortCode }) => [
      section(words.status.waiting(number, spacedCode(shortCode))),
      actions(
        button(ACTIONS.admit, words.admit, `${tag} ${readerId}`, { style: 'primary' }),
        button(ACTIONS.refuse, words.refuse, `${tag} ${readerId}`),
      ),
    ]);
  const hidden = waiting.length - WAITING_SHOWN;
  return {
    text: `${words.status.title}: ${words.state[state]}`,
    blocks: [
      section(
        `*${words.status.title}*`,
        `${words.state[state]} · ${words.status.left(agoToken(status.expiresAt))}`,
        facts,
      ),
      ...shown,
      ...(hidden > 0 ? [quiet(words.status.more(hidden))] : []),
      actions(
        button(ACTIONS.revoke, words.revoke, tag, { style: 'danger', confirm: words.revokeAsk }),
        ...(where === 'ephemeral' ? [button(ACTIONS.refresh, words.refresh, tag)] : []),
      ),
      ...(where === 'ephemeral' ? [quiet(words.status.follow)] : []),
    ],
  };
}

function policyWords({ expirySeconds, admission, maxReaders }: Policy): string {
  const { admissions, reader } = words.form;
  return words.ready.policy(formatDuration(expirySeconds), admissions[admission], reader(maxReaders));
}

/** Six digits in two groups, as on the patient's page. */
function spacedCode(code: string): string {
  return `${code.slice(0, 3)} ${code.slice(3)}`;
}

function wholeMinutes(seconds: number): number {
  return seconds < 60 ? seconds : Math.round(seconds / 60) * 60;
}
