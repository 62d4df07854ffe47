import type { Admission, EndReason } from '../src/protocol/terms.ts';

/** Why the page has nothing to show; the first six are the room's end reasons. */
export type GoneReason =
  | EndReason
  | 'declined'
  | 'room-full'
  | 'incomplete-link'
  | 'unknown-room'
  | 'wrong-key'
  | 'old-page'
  | 'no-webrtc'
  | 'unreachable'
  | 'tampered';

/** What the page knows about the room before and after the tap. */
export interface RoomFacts {
  /** The doctor's display name, or null when the doctor keeps it private. */
  who: string | null;
  /** Local time of expiry, milliseconds since the Unix epoch. */
  until: number;
  /** Milliseconds left, never negative. */
  leftMs: number;
  /** Milliseconds the room lives in all, for the shortening line. */
  totalMs: number;
  admission: Admission;
}

/** The receiver's state; the view draws it and nothing else. */
export type ReceiverState =
  | { name: 'loading' }
  /** Before the tap. `opening` once the tap is made and nothing came back yet. */
  | { name: 'closed'; room: RoomFacts; opening: boolean }
  /** The doctor decides. `shortCode` is six digits without a space, or null until it is known. */
  | { name: 'waiting'; room: RoomFacts; shortCode: string | null }
  | { name: 'reading'; room: RoomFacts; note: string }
  /** The doctor's or our own connection is interrupted: the note is hidden until it is back. */
  | { name: 'interrupted'; room: RoomFacts; side: 'doctor' | 'patient' }
  /** `at` is local time in milliseconds, null when unknown. */
  | { name: 'gone'; reason: GoneReason; who: string | null; at: number | null };

/** What the patient can do. */
export interface ReceiverActions {
  open(): void;
  /** Tries again after `unreachable`. */
  retry(): void;
}
