import type { DraftExcess } from '../../src/limits/draft-limits.ts';
import { formatDuration } from '../../src/protocol/duration.ts';
import type { Policy } from '../../src/protocol/messages.ts';
import { roomTag, type WaitingReader } from '../../src/rooms/room.ts';
import type { Answer, ListedRoom } from './answer.ts';
import type { Opened } from './open.ts';
import { buttons, plainWords, quiet, row, text } from './parts.ts';
import type { RoomStatus } from './status.ts';
import type { Chat, Part, View, Words } from './view.ts';
import { words } from './words.ts';

/** Waiting readers shown in a message; the others are on the doctor's page. */
const WAITING_SHOWN = 10;
/** Open notes shown in a list: what every platform's messages have room for. */
const LISTED_SHOWN = 20;

/** A draft that is ready to be written. */
export type OpenedRoom = Extract<Opened, { kind: 'opened' }>;

/** A fresh draft: the button to the doctor's browser, and what was chosen. `before` is said first. */
export function readyView({ room, url, ticketUntil }: OpenedRoom, ...before: string[]): View {
  const tag = roomTag(room.id);
  return {
    summary: `${words.ready.title}. ${words.ready.private}`,
    parts: [
      ...before.map((sentence) => text([sentence])),
      text(words.ready.text(ticketUntil)),
      buttons(
        { action: 'glir-write', label: words.writeNote, value: tag, look: 'primary', url },
        { action: 'glir-revoke', label: words.revoke, value: tag },
      ),
      quiet([policyWords(room.policy)], [words.ready.private]),
    ],
  };
}

/** A command's answer. */
export function answerView(answer: Answer, chat: Chat): View {
  switch (answer.kind) {
    case 'list':
      return listView(answer.rooms);
    case 'revoked':
      return saidView(words.revoked(answer.count));
    case 'not-found':
      return saidView(words.notFound(chat));
    case 'help':
      return saidView(...words.help(chat));
    case 'do-not-type':
      return saidView(...words.doNotType(chat));
  }
}

/** One or more sentences, a line each. */
export function saidView(...sentences: (string | Words)[]): View {
  const lines = sentences.map((sentence): Words => (typeof sentence === 'string' ? [sentence] : sentence));
  return { summary: lines.map(plainWords).join(' '), parts: [text(...lines)] };
}

/** Why no note is begun, in words. */
export function refusedChoice(refused: Exclude<Opened, { kind: 'opened' }>): string {
  switch (refused.kind) {
    case 'out-of-range':
      return words.range(formatDuration(refused.minSeconds), formatDuration(refused.maxSeconds));
    case 'admission-not-allowed':
      return words.admissionNotAllowed;
    case 'readers-out-of-range':
      return words.readersRange(refused.min, refused.max);
    case 'limited':
      return limited(refused.excess);
    case 'unavailable':
      return words.noNewNotes;
  }
}

function limited(excess: DraftExcess): string {
  const { whose, most } = excess;
  if (excess.kind === 'open-at-once') return words.openAtOnce[whose](most);
  return words.inAnHour[whose](most, Math.ceil(excess.waitSeconds / 60));
}

/** A doctor's open notes, each with its button. */
export function listView(rooms: readonly ListedRoom[]): View {
  if (rooms.length === 0) return saidView(words.noRooms);
  const hidden = rooms.length - LISTED_SHOWN;
  return {
    summary: words.rooms,
    parts: [
      text([words.rooms]),
      ...rooms.slice(0, LISTED_SHOWN).map(listedRow),
      ...(hidden > 0 ? [quiet([words.moreRooms(hidden)])] : []),
    ],
  };
}

function listedRow({ id, state, readers, leftSeconds }: ListedRoom): Part {
  const left = formatDuration(wholeMinutes(leftSeconds));
  return row([[words.listed(words.state[state], words.status.reading(readers), left)]], {
    action: 'glir-revoke-listed',
    label: words.revoke,
    value: id,
    look: 'danger',
    ask: words.revokeAsk,
  });
}

/**
 * A room as it is now: state, time left, readers, and who waits.
 *
 * @param options.refresh with a button that asks for the status again, for a message that cannot follow by itself for long
 */
export function statusView(status: RoomStatus, { refresh }: { refresh: boolean } = { refresh: false }): View {
  const { roomTag: tag, state, expiresAt, reading, readBy, waiting, over, restarting } = status;
  if (over !== null) {
    const how = words.over[over.reason];
    return {
      summary: how,
      parts: [
        text([{ strong: words.status.title }], words.overAt(how, over.at)),
        quiet([capital(words.status.readBy(readBy))]),
      ],
    };
  }
  if (restarting === true) {
    return {
      summary: words.status.restarting[0],
      parts: [
        text([{ strong: words.status.title }], ...words.status.restarting.map((sentence): Words => [sentence])),
        buttons({ action: 'glir-revoke', label: words.revoke, value: tag, look: 'danger', ask: words.revokeAsk }),
      ],
    };
  }
  const hidden = waiting.length - WAITING_SHOWN;
  return {
    summary: `${words.status.title}: ${words.state[state]}`,
    parts: [
      text(
        [{ strong: words.status.title }],
        [`${words.state[state]} · `, ...words.status.left(expiresAt)],
        [capital(`${words.status.reading(reading)}, ${words.status.readBy(readBy)}`)],
      ),
      ...waiting.slice(0, WAITING_SHOWN).flatMap((reader) => waitingParts(tag, reader)),
      ...(hidden > 0 ? [quiet([words.status.more(hidden)])] : []),
      buttons(
        { action: 'glir-revoke', label: words.revoke, value: tag, look: 'danger', ask: words.revokeAsk },
        ...(refresh ? [{ action: 'glir-refresh', label: words.refresh, value: tag } as const] : []),
      ),
      ...(refresh ? [quiet([words.status.follow])] : []),
    ],
  };
}

/** As the beginning of a line. */
function capital(phrase: string): string {
  return phrase.charAt(0).toUpperCase() + phrase.slice(1);
}

function waitingParts(tag: string, { readerId, number, shortCode }: WaitingReader): Part[] {
  const value = `${tag} ${readerId}`;
  return [
    text(words.status.waiting(number, spacedCode(shortCode))),
    buttons(
      { action: 'glir-admit', label: words.admit, value, look: 'primary' },
      { action: 'glir-refuse', label: words.refuse, value },
    ),
  ];
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
