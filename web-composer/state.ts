import type { PolicyLimits } from '../src/protocol/messages.ts';
import type { Admission, EndReason, Refusal } from '../src/protocol/terms.ts';

/** One reader as the doctor sees it. */
export interface ReaderRow {
  id: string;
  /** 1 for the first reader that knocked, and so on. */
  number: number;
  state: 'waiting' | 'reading' | 'left' | 'refused';
  /** Six digits without a space; the patient's page shows the same. */
  shortCode: string;
  /** Local time of the last change, milliseconds since the Unix epoch. */
  since: number;
}

/** What the doctor chooses before "Share". */
export interface Policy {
  expirySeconds: number;
  admission: Admission;
  maxReaders: number;
  /** Whether the patient's page names the doctor. */
  showName: boolean;
}

/** The composer's state; the note itself stays in the textbox and in the session. */
export type ComposerState =
  | { name: 'loading' }
  | {
      name: 'writing';
      policy: Policy;
      limits: PolicyLimits;
      /** The doctor's own display name from the platform. */
      displayName: string;
      /** UTF-8 bytes of the note. */
      noteBytes: number;
      /** `sharing` while the server opens the room. */
      sharing: boolean;
      /** A problem to say beside "Share"; nothing is lost by it. */
      problem: 'too-long' | 'empty' | 'unreachable' | null;
    }
  | {
      name: 'open';
      policy: Policy;
      displayName: string;
      link: string;
      /** Local time of expiry and milliseconds left of the total. */
      until: number;
      leftMs: number;
      totalMs: number;
      readers: ReaderRow[];
      /** True while our own connection is away; the note is still here. */
      interrupted: boolean;
      /** A word to the doctor about the last action, or null. */
      notice: 'room-full' | null;
    }
  /** The room is over; the note is wiped from this page as well. `readBy` counts readers who had it on screen. */
  | { name: 'over'; reason: EndReason; at: number; readBy: number }
  /** Nothing could be started: a used or expired compose link and the like. */
  | { name: 'refused'; code: Refusal | 'incomplete-link' | 'no-webrtc' | 'unreachable' };

/** What the doctor can do. */
export interface ComposerActions {
  /** The textbox changed. */
  write(note: string): void;
  choose(policy: Partial<Policy>): void;
  share(): void;
  admit(readerId: string): void;
  refuse(readerId: string): void;
  destroy(): void;
}
