/** Every English sentence of the composer's page. */
import type { Admission, EndReason } from '../src/protocol/terms.ts';
import { safeName } from '../web-shared/names.ts';
import type { ComposerState, ReaderRow } from './state.ts';

type RefusedCode = Extract<ComposerState, { name: 'refused' }>['code'];

/** A last page: what happened, and the next step. */
export interface LastWords {
  heading: string;
  why: string;
  next: string;
}

const number = new Intl.NumberFormat('en');

function count(amount: number, one: string, more: string): string {
  return `${number.format(amount)} ${amount === 1 ? one : more}`;
}

export const words = {
  loading: 'One moment, please.',
  pageTitle: 'Private note',
  waitingTitle: (waiting: number) => `${number.format(waiting)} waiting · Private note`,

  writing: 'A private note',
  open: 'The note is open',
  interrupted: 'Connection lost',
  stays: 'The note stays in this tab. Nothing is stored. Close the tab, and it is gone.',
  stillHere: 'The note is still here. GLIR is trying to connect again.',

  note: 'Note',
  notePlaceholder: 'Write here what the patient should read.',
  spaceLeft: (characters: number) => `Space for about ${count(characters, 'more character', 'more characters')}.`,
  spaceOver: (characters: number) => `Too long by about ${count(characters, 'character', 'characters')}.`,

  admission: 'Who gets in',
  admissionTitle: { ask: 'I admit each reader', link: 'The link is enough' } satisfies Record<Admission, string>,
  admissionHint: {
    ask: 'You see who waits, compare a code by phone, and let them in. Recommended.',
    link: 'Whoever has the link can read the note, also if it is passed on. You are not asked.',
  } satisfies Record<Admission, string>,
  expiry: 'Ends after',
  readers: 'Readers, at most',
  showName: 'Show my name',
  shownAs: (name: string) => `The patient sees “${safeName(name)}”.`,
  shownAsDoctor: 'The patient sees “A doctor”.',

  share: 'Share',
  sharing: 'Sharing…',
  problem: {
    empty: 'The note is empty. Write it first, then share.',
    unreachable: 'GLIR cannot be reached. Your note is still here. Check the connection, then share again.',
    tooLong: (characters: number) =>
      `The note is too long by about ${count(characters, 'character', 'characters')}. Nothing is lost. Shorten it, then share.`,
  },

  left: (duration: string) => `${duration} left`,
  until: (time: string) => `until ${time}`,
  link: 'Note link',
  linkHint: 'Send this link to the patient. It works while this tab is open.',
  copy: 'Copy',
  copied: 'Copied',
  copyByHand: 'Copying is not allowed here. Select the link and copy it yourself.',
  showQr: 'Show QR code',
  hideQr: 'Hide QR code',
  qr: 'QR code of the note link',

  readersHeading: 'Readers',
  nobodyYet: 'Nobody has opened the link yet.',
  summary: (waiting: number, reading: number) =>
    [waiting > 0 ? `${number.format(waiting)} waiting` : '', reading > 0 ? `${number.format(reading)} reading` : '']
      .filter((part) => part !== '')
      .join(', '),
  reader: (position: number) => `Reader ${number.format(position)}`,
  readerState: {
    waiting: 'waiting',
    reading: 'reading',
    left: 'left',
    refused: 'refused',
  } satisfies Record<ReaderRow['state'], string>,
  readerSince: (state: ReaderRow['state'], time: string) =>
    state === 'waiting' || state === 'reading' ? `since ${time}` : `at ${time}`,
  readerNews: {
    waiting: (position: number) => `Reader ${position} is waiting.`,
    reading: (position: number) => `Reader ${position} is reading.`,
    left: (position: number) => `Reader ${position} has left.`,
    refused: (position: number) => `Reader ${position} is refused.`,
  } satisfies Record<ReaderRow['state'], (position: number) => string>,
  compare: 'Compare this code by phone',
  admit: 'Admit',
  refuse: 'Refuse',
  roomFull: (limit: number) =>
    `Somebody else tried to open the note. It is for ${count(limit, 'reader', 'readers')} at most.`,

  destroy: 'Destroy now',
  destroyHint: 'Wipes the note here and on every screen.',
  destroyAsk: (reading: number) =>
    reading === 1 ? 'Somebody is reading the note' : `${number.format(reading)} people are reading the note`,
  destroyWhat: 'It goes from their screen at once. This cannot be undone.',
  keepOpen: 'Keep it open',
} as const;

const TYPE_AGAIN = 'For another note, type /glir again.';

/** The last page after the room ended at the clock time `time`. */
export function overWords(reason: EndReason, time: string, readBy: number): LastWords & { readBy: string } {
  const why: Record<EndReason, string> = {
    revoked: `You ended it at ${time}.`,
    expired: `Its time was over at ${time}.`,
    left: `Its tab was closed at ${time}.`,
    lost: `The connection was away for too long. The note ended at ${time}.`,
    locked: `It closed itself at ${time}, after too many wrong PINs.`,
    stopped: `GLIR was switched off at ${time}. Every note ends with it.`,
  };
  return {
    heading: 'The note is gone',
    why: why[reason],
    readBy: `${readByWords(readBy)} It is wiped from this page as well.`,
    next: TYPE_AGAIN,
  };
}

function readByWords(readBy: number): string {
  if (readBy === 0) return 'Nobody had opened it.';
  return readBy === 1
    ? 'One reader had it on the screen.'
    : `${number.format(readBy)} readers had it on their screens.`;
}

/** The page when nothing could be started. */
export function refusedWords(code: RefusedCode): LastWords {
  switch (code) {
    case 'used-ticket':
      return { heading: 'This link was used already', why: 'Each link opens one note, once.', next: TYPE_AGAIN };
    case 'expired-ticket':
      return { heading: 'This link is too old', why: 'It works for ten minutes.', next: 'Type /glir again.' };
    case 'unknown-ticket':
      return {
        heading: 'This link is not known here',
        why: 'It may have changed on the way.',
        next: 'Type /glir again.',
      };
    case 'incomplete-link':
      return {
        heading: 'This link is not complete',
        why: 'Its end is missing. That can happen when it is copied.',
        next: 'Open the link in the chat once more, or type /glir again.',
      };
    case 'composer-present':
      return {
        heading: 'This note is open in another tab',
        why: 'A note lives in one tab only.',
        next: 'Go to that tab. For another note, type /glir again.',
      };
    case 'unknown-room':
    case 'ended-room':
      return { heading: 'This note is over', why: 'Its time passed, or it was ended.', next: TYPE_AGAIN };
    case 'wrong-version':
      return {
        heading: 'This page is out of date',
        why: 'A newer one is ready.',
        next: 'Close this page, then type /glir again.',
      };
    case 'no-webrtc':
      return {
        heading: 'This browser cannot share a note',
        why: 'It does not allow the direct connection (WebRTC) that a note goes through.',
        next: 'Type /glir again and open the link in Chrome, Edge, Firefox or Safari.',
      };
    case 'unreachable':
    case 'unavailable':
      return {
        heading: 'GLIR cannot be reached',
        why: 'The connection failed, or the service is being restarted.',
        next: 'Check the connection, then type /glir again.',
      };
    case 'too-often':
      return {
        heading: 'Too many tries at once',
        why: 'GLIR needs a short rest.',
        next: 'Wait a minute, then type /glir again.',
      };
    default:
      return { heading: 'The note could not be started', why: 'Nothing was shared.', next: 'Type /glir again.' };
  }
}
