import type { DraftExcess } from '../../src/limits/draft-limits.ts';
import type { Policy } from '../../src/protocol/messages.ts';
import type { WaitingReader } from '../../src/rooms/room.ts';
import { roomTag } from '../../src/rooms/room.ts';
import type { ChatKey, ChatLanguage } from './chat-language.ts';
import type { RoomStatus } from './room-status.ts';
import type { CommandResult, ListedRoom, OpenedRoom, OpenRefusal } from './run-command.ts';
import {
  type Button,
  buttons,
  type Chat,
  type Part,
  type PlainLine,
  plainText,
  quiet,
  row,
  text,
  type View,
} from './view.ts';

/** Waiting readers shown in a message; the others are on the doctor's page. */
const WAITING_SHOWN = 10;
/** Open notes shown in a list: what every platform's messages have room for. */
const LISTED_SHOWN = 20;

/** A fresh draft: the button to the doctor's browser, and what was chosen. `before` comes first. */
export function readyView({ room, url, ticketUntil }: OpenedRoom, language: ChatLanguage, ...before: string[]): View {
  const { text: say, line } = language;
  const tag = roomTag(room.id);
  return {
    summary: `${say('ready.title')}. ${say('ready.private')}`,
    parts: [
      ...before.map((sentence) => text([sentence])),
      text(line('ready.text', { time: { at: ticketUntil, as: 'time' } })),
      buttons(
        { action: 'glir-write', label: say('writeNote'), value: tag, look: 'primary', url },
        { action: 'glir-revoke', label: say('revoke'), value: tag },
      ),
      quiet([policyText(room.policy, language)], [say('ready.private')]),
    ],
  };
}

/** What came of a command, in words; a draft has the `readyView`, and forms are no messages. */
export function answerView(
  result: Exclude<CommandResult, { kind: 'opened' | 'form' | 'settings' | 'admin' }>,
  chat: Chat,
): View {
  const { language } = chat;
  switch (result.kind) {
    case 'list':
      return listView(result.rooms, language);
    case 'revoked':
      return textView(language.text('revoked', { count: result.count }));
    case 'not-found':
      return notFoundView(chat);
    case 'help':
      return helpView(chat);
    case 'do-not-type':
      return textView(
        [{ strong: language.text('doNotType.title') }, ` ${language.text('doNotType.keeps', { chat: chat.name })}`],
        language.line('doNotType.next', { command: { typed: chat.command } }),
      );
    case 'node-unreachable':
      return textView(language.text(`unreachable.${result.command}`));
    case 'trouble':
      return textView(language.text('trouble'));
    default:
      return textView(refusalText(result, language));
  }
}

/** That none of the doctor's open notes is meant. */
export function notFoundView({ command, language }: Chat): View {
  return textView(language.line('notFound', { command: { typed: `${command} list` } }));
}

function helpView({ command, language }: Chat): View {
  const typed = (key: ChatKey, words: string) => language.line(key, { command: { typed: `${command}${words}` } });
  return textView(
    typed('help.open', ''),
    typed('help.timed', ' 15m'),
    typed('help.list', ' list'),
    typed('help.revoke', ' revoke all'),
    typed('help.settings', ' settings'),
  );
}

/** One or more sentences, a line each. */
export function textView(...sentences: (string | PlainLine)[]): View {
  const lines = sentences.map((sentence): PlainLine => (typeof sentence === 'string' ? [sentence] : sentence));
  return { summary: lines.map(plainText).join(' '), parts: [text(...lines)] };
}

/** Why no note is begun, in words. */
export function refusalText(refusal: OpenRefusal, language: ChatLanguage): string {
  const { text: say, duration } = language;
  switch (refusal.kind) {
    case 'out-of-range':
      return say('refused.range', { least: duration(refusal.minSeconds), most: duration(refusal.maxSeconds) });
    case 'admission-not-allowed':
      return say('refused.admission');
    case 'readers-out-of-range':
      return say('refused.readers', { least: refusal.min, most: refusal.max });
    case 'limited':
      return limitText(refusal.excess, language);
    case 'unavailable':
      return say('noNewNotes');
  }
}

function limitText(excess: DraftExcess, { text: say, duration }: ChatLanguage): string {
  const { whose, most } = excess;
  if (excess.kind === 'open-at-once') return say(`openAtOnce.${whose}`, { count: most });
  const wait = duration(Math.ceil(excess.waitSeconds / 60) * 60);
  return say(`inAnHour.${whose}`, { count: most, wait });
}

/** A doctor's open notes, each with its button. */
export function listView(rooms: readonly ListedRoom[], language: ChatLanguage): View {
  const { text: say } = language;
  if (rooms.length === 0) return textView(say('noNotes'));
  const hidden = rooms.length - LISTED_SHOWN;
  return {
    summary: say('openNotes'),
    parts: [
      text([say('openNotes')]),
      ...rooms.slice(0, LISTED_SHOWN).map((room) => listedRow(room, language)),
      ...(hidden > 0 ? [quiet([say('moreNotes', { count: hidden })])] : []),
    ],
  };
}

function listedRow({ id, state, readers, leftSeconds }: ListedRoom, language: ChatLanguage): Part {
  const { text: say, duration } = language;
  const left = duration(wholeMinutes(leftSeconds));
  const values = { state: say(`state.${state}`), reading: readingText(readers, language), left };
  return row([[say('listed', values)]], {
    action: 'glir-revoke-listed',
    label: say('revoke'),
    value: id,
    look: 'danger',
    confirm: confirmRevoke(language),
  });
}

/** The question before a note is revoked. */
export function confirmRevoke({ text: say }: ChatLanguage): NonNullable<Button['confirm']> {
  return { title: say('revoke.title'), text: say('revoke.text'), yes: say('revoke'), no: say('revoke.keep') };
}

/** How many are reading, in words. */
function readingText(amount: number, { text: say }: ChatLanguage): string {
  return amount === 0 ? say('reading.nobody') : say('reading', { count: amount });
}

/** How many are reading and how many have read, in words. */
export function readersText(reading: number, readBy: number, language: ChatLanguage): string {
  const values = { reading: readingText(reading, language), readBy: readByText(readBy, language) };
  return language.text('readingAndRead', values);
}

/** How many have read, in words. */
export function readByText(amount: number, { text: say }: ChatLanguage): string {
  return amount === 0 ? say('readBy.nobody') : say('readBy', { count: amount });
}

/**
 * A room as it is now: state, time left, readers, and who waits.
 *
 * @param options.refresh with a button that asks for the status again, for a message that cannot follow by itself for long
 */
export function statusView(
  status: RoomStatus,
  language: ChatLanguage,
  { refresh }: { refresh: boolean } = { refresh: false },
): View {
  const { text: say, line } = language;
  const { roomTag: tag, state, expiresAt, reading, readBy, waiting, over, restarting, again } = status;
  if (over !== null) {
    const how = say(`over.${over.reason}`);
    return {
      summary: how,
      parts: [
        text([{ strong: say('yourNote') }], line('overAt', { what: how, time: { at: over.at, as: 'time' } })),
        quiet([capital(readByText(readBy, language))]),
      ],
    };
  }
  const revoke: Button = {
    action: 'glir-revoke',
    label: say('revoke'),
    value: tag,
    look: 'danger',
    confirm: confirmRevoke(language),
  };
  if (restarting === true) {
    return {
      summary: say('restarting.now'),
      parts: [
        text(
          [{ strong: say('yourNote') }],
          [say('restarting.now')],
          [say('restarting.note')],
          [say('restarting.message')],
        ),
        buttons(revoke),
      ],
    };
  }
  const hidden = waiting.length - WAITING_SHOWN;
  return {
    summary: `${say('yourNote')}: ${say(`state.${state}`)}`,
    parts: [
      text(
        [{ strong: say('yourNote') }],
        ...(again === true ? [[say('openedAgain')]] : []),
        [`${say(`state.${state}`)} · `, ...line('ends', { when: { at: expiresAt, as: 'period' } })],
        [capital(readersText(reading, readBy, language))],
      ),
      ...waiting.slice(0, WAITING_SHOWN).flatMap((reader) => waitingParts(tag, reader, language)),
      ...(hidden > 0 ? [quiet([say('waits.more', { count: hidden })])] : []),
      buttons(revoke, ...(refresh ? [{ action: 'glir-refresh', label: say('refresh'), value: tag } as const] : [])),
      ...(refresh ? [quiet([say('onlyYou')])] : []),
    ],
  };
}

function waitingParts(tag: string, { readerId, number, shortCode }: WaitingReader, language: ChatLanguage): Part[] {
  const { text: say, line } = language;
  const value = `${tag} ${readerId}`;
  const code = { strong: spacedCode(shortCode) };
  return [
    text([{ strong: say('waits.reader', { number }) }, ' ', ...line('waits.code', { code })]),
    buttons(
      { action: 'glir-admit', label: say('admit'), value, look: 'primary' },
      { action: 'glir-refuse', label: say('refuse'), value },
    ),
  ];
}

function policyText({ expirySeconds, admission, maxReaders }: Policy, { text: say, duration }: ChatLanguage): string {
  return say('ready.policy', {
    expiry: duration(expirySeconds),
    admission: say(`admission.${admission}`),
    readers: say('readers', { count: maxReaders }),
  });
}

function capital(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** Six digits in two groups, as on the patient's page. */
export function spacedCode(code: string): string {
  return `${code.slice(0, 3)} ${code.slice(3)}`;
}

function wholeMinutes(seconds: number): number {
  return seconds < 60 ? seconds : Math.round(seconds / 60) * 60;
}
