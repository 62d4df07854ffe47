import type { ConnectionFailure } from '../../src/protocol/connection-failures.ts';
import type { Admission, EndReason } from '../../src/protocol/constants.ts';
import type { Note } from '../../src/protocol/note.ts';
import type { Place } from '../../src/protocol/sealed.ts';

/** Why the page has nothing to show; the first six are the room's end reasons. */
export type GoneReason =
  | EndReason
  | 'declined'
  | 'room-full'
  | 'incomplete-link'
  | 'no-secret'
  | 'unknown-room'
  | 'wrong-key'
  | 'old-page'
  | ConnectionFailure
  | 'unreachable'
  | 'wrong-address'
  | 'not-encrypted'
  | 'tampered';

/** What the page knows about the room before and after the tap. */
export interface RoomFacts {
  /** The doctor's display name, or null when the doctor keeps it private. */
  who: string | null;
  /** The practice's phone number, or null when its admin gave none. */
  phone: string | null;
  /** Local time of expiry, milliseconds since the Unix epoch. */
  until: number;
  /** Milliseconds left, never negative. */
  leftMs: number;
  /** Milliseconds the room lives in all, for the shortening line. */
  totalMs: number;
  admission: Admission;
}

/** What the page shows; the view draws it and nothing else. */
export type ReceiverState =
  | { name: 'loading' }
  /** Before the tap. `opening` once the tap is made and nothing came back yet. */
  | { name: 'closed'; room: RoomFacts; opening: boolean; pin: PinPrompt | null }
  /**
   * The doctor decides. `shortCode` is six digits without a space, or null until the doctor's page has answered.
   * `unanswered` when the patient has waited for so long that a call may help.
   */
  | { name: 'waiting'; room: RoomFacts; shortCode: string | null; unanswered: boolean }
  | Reading
  /**
   * The doctor's or our own connection is interrupted: the note is hidden until it is back. `failure` is what keeps our own
   * from coming back, once that is known.
   */
  | { name: 'interrupted'; room: RoomFacts; side: InterruptedSide; failure: ConnectionFailure | null }
  /** The doctor's page is away, and was not there since this page was opened: it may be asleep. */
  | { name: 'away'; who: string | null; phone: string | null }
  /** `silent` when the doctor's page did not answer. `at` is local time in milliseconds, null when unknown. `link` where it can be opened in another browser. */
  | {
      name: 'gone';
      reason: GoneReason;
      who: string | null;
      phone: string | null;
      at: number | null;
      link?: string;
      silent?: true;
    };

/** Whose connection it is; `asleep` when this device had put the page to sleep. */
export type InterruptedSide = 'doctor' | 'patient' | 'asleep';

/** The doctor set a PIN: what to say about the last try. */
export interface PinPrompt {
  problem: null | 'missing' | 'wrong';
  /** Tries left for everybody together; null before the first wrong one. */
  triesLeft: number | null;
}

export interface Reading {
  name: 'reading';
  room: RoomFacts;
  note: Note;
  /** Grows with every version that arrives, also with one in which no word changed. */
  rev: number;
  /** The doctor is typing: what is there may be half of a word or of a number. */
  editing: boolean;
  /** What the doctor allows; it hinders, it cannot prevent. */
  copy: boolean;
  print: boolean;
  /** "I have understood" was pressed for this text. */
  understood: boolean;
  /** Where the reader said "I don't understand this". */
  points: readonly Place[];
}

export interface ReceiverActions extends ReadingActions {
  /** The tap, and each further PIN after a wrong one. `pin` is as typed, and counts where the doctor set one. */
  open(pin?: string): void;
  retry(): void;
}

/** What the patient does with the note on the screen. */
export interface ReadingActions {
  /** The end of the note came into sight. */
  reachEnd(): void;
  confirmUnderstood(): void;
  /** "I don't understand this", or takes it back. */
  point(place: Place, on: boolean): void;
}
