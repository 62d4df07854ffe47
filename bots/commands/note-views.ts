import type { DraftExcess } from '../../src/limits/draft-limits.ts';
import { formatDuration } from '../../src/protocol/duration.ts';
import type { Policy } from '../../src/protocol/messages.ts';
import type { WaitingReader } from '../../src/rooms/room.ts';
import { roomTag } from '../../src/rooms/room.ts';
import type { RoomStatus } from './room-status.ts';
import type { CommandResult, ListedRoom, OpenedRoom, OpenRefusal } from './run-command.ts';
import { strings } from './strings.ts';
import { buttons, type Chat, type Part, type PlainLine, plainText, quiet, row, text, type View } from './view.ts';

/** Waiting readers shown in a message; the others are on the doctor's page. */
const WAITING_SHOWN = 10;
/** Open notes shown in a list: what every platform's messages have room for. */
const LISTED_SHOWN = 20;

/** A fresh draft: the button to the doctor's browser, and what was chosen. `before` comes first. */
export function readyView({ room, url, ticketUntil }: OpenedRoom, ...before: string[]): View {
  const tag = roomTag(room.id);
  return {
    summary: `${strings.ready.title}. ${strings.ready.private}`,
    parts: [
      ...before.map((sentence) => text([sentence])),
      text(strings.ready.text(ticketUntil)),
      buttons(
        { action: 'glir-write', label: strings.writeNote, value: tag, look: 'primary', url },
        { action: 'glir-revoke', label: strings.revoke, value: tag },
      ),
      quiet([policyText(room.policy)], [strings.ready.private]),
    ],
  };
}

/** What came of a command, in words; a draft has the `readyView`, and a form is no message. */
export function answerView(result: Exclude<CommandResult, { kind: 'opened' | 'form' }>, chat: Chat): View {
  switch (result.kind) {
    case 'list':
      return listView(result.rooms);
    case 'revoked':
      return textView(strings.revoked(result.count));
    case 'not-found':
      return textView(strings.notFound(chat));
    case 'help':
      return textView(...strings.help(chat));
    case 'do-not-type':
      return textView(...strings.doNotType(chat));
    case 'node-unreachable':
      return textView(strings.nodeUnreachable[result.command]);
    case 'trouble':
      return textView(strings.trouble);
    default:
      return textView(refusalText(result));
  }
}

/** One or more sentences, a line each. */
export function textView(...sentences: (string | PlainLine)[]): View {
  const lines = sentences.map((sentence): PlainLine => (typeof sentence === 'string' ? [sentence] : sentence));
  return { summary: lines.map(plainText).join(' '), parts: [text(...lines)] };
}

/** Why no note is begun, in words. */
export function refusalText(refusal: OpenRefusal): string {
  switch (refusal.kind) {
    case 'out-of-range':
      return strings.range(formatDuration(refusal.minSeconds), formatDuration(refusal.maxSeconds));
    case 'admission-not-allowed':
      return strings.admissionNotAllowed;
    case 'readers-out-of-range':
      return strings.readersRange(refusal.min, refusal.max);
    case 'limited':
      return limitText(refusal.excess);
    case 'unavailable':
      return strings.noNewNotes;
  }
}

function limitText(excess: DraftExcess): string {
  const { whose, most } = excess;
  if (excess.kind === 'open-at-once') return strings.openAtOnce[whose](most);
  return strings.inAnHour[whose](most, Math.ceil(excess.waitSeconds / 60));
}

/** A doctor's open notes, each with its button. */
export function listView(rooms: readonly ListedRoom[]): View {
  if (rooms.length === 0) return textView(strings.noRooms);
  const hidden = rooms.length - LISTED_SHOWN;
  return {
    summary: strings.rooms,
    parts: [
      text([strings.rooms]),
      ...rooms.slice(0, LISTED_SHOWN).map(listedRow),
      ...(hidden > 0 ? [quiet([strings.moreRooms(hidden)])] : []),
    ],
  };
}

function listedRow({ id, state, readers, leftSeconds }: ListedRoom): Part {
  const left = formatDuration(wholeMinutes(leftSeconds));
  return row([[strings.listed(strings.state[state], strings.status.reading(readers), left)]], {
    action: 'glir-revoke-listed',
    label: strings.revoke,
    value: id,
    look: 'danger',
    confirm: strings.confirmRevoke,
  });
}

/**
 * A room as it is now: state, time left, readers, and who waits.
 *
 * @param options.refresh with a button that asks for the status again, for a message that cannot follow by itself for long
 */
export function statusView(status: RoomStatus, { refresh }: { refresh: boolean } = { refresh: false }): View {
  const { roomTag: tag, state, expiresAt, reading, readBy, waiting, over, restarting, again } = status;
  if (over !== null) {
    const how = strings.over[over.reason];
    return {
      summary: how,
      parts: [
        text([{ strong: strings.status.title }], strings.overAt(how, over.at)),
        quiet([capital(strings.status.readBy(readBy))]),
      ],
    };
  }
  if (restarting === true) {
    return {
      summary: strings.status.restarting[0],
      parts: [
        text([{ strong: strings.status.title }], ...strings.status.restarting.map((sentence): PlainLine => [sentence])),
        buttons({
          action: 'glir-revoke',
          label: strings.revoke,
          value: tag,
          look: 'danger',
          confirm: strings.confirmRevoke,
        }),
      ],
    };
  }
  const hidden = waiting.length - WAITING_SHOWN;
  return {
    summary: `${strings.status.title}: ${strings.state[state]}`,
    parts: [
      text(
        [{ strong: strings.status.title }],
        ...(again === true ? [[strings.status.again]] : []),
        [`${strings.state[state]} · `, ...strings.status.left(expiresAt)],
        [capital(`${strings.status.reading(reading)}, ${strings.status.readBy(readBy)}`)],
      ),
      ...waiting.slice(0, WAITING_SHOWN).flatMap((reader) => waitingParts(tag, reader)),
      ...(hidden > 0 ? [quiet([strings.status.more(hidden)])] : []),
      buttons(
        { action: 'glir-revoke', label: strings.revoke, value: tag, look: 'danger', confirm: strings.confirmRevoke },
        ...(refresh ? [{ action: 'glir-refresh', label: strings.refresh, value: tag } as const] : []),
      ),
      ...(refresh ? [quiet([strings.status.follow])] : []),
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
    text(strings.status.waiting(number, spacedCode(shortCode))),
    buttons(
      { action: 'glir-admit', label: strings.admit, value, look: 'primary' },
      { action: 'glir-refuse', label: strings.refuse, value },
    ),
  ];
}

function policyText({ expirySeconds, admission, maxReaders }: Policy): string {
  const { admissions, reader } = strings.form;
  return strings.ready.policy(formatDuration(expirySeconds), admissions[admission], reader(maxReaders));
}

/** Six digits in two groups, as on the patient's page. */
function spacedCode(code: string): string {
  return `${code.slice(0, 3)} ${code.slice(3)}`;
}

function wholeMinutes(seconds: number): number {
  return seconds < 60 ? seconds : Math.round(seconds / 60) * 60;
}
