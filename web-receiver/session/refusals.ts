import type { Refusal } from '../../src/protocol/errors.ts';
import type { GoneReason } from './state.ts';

/** What a refusal means for the patient's page: it is over, or something is waited for. */
export type Meaning =
  | { over: GoneReason }
  | { wait: 'for-doctor' | 'for-place' }
  /** How it ended comes in a notice of its own. */
  | { wait: 'for-notice' };

/** `admittedBefore`: our own earlier connection may still hold our place, until the server notices that it is dead. */
export function meaningOf(code: Refusal, admittedBefore: boolean): Meaning {
  switch (code) {
    case 'unknown-room':
      // A room that this page was in did exist, and did not come back after a restart of the server.
      return { over: admittedBefore ? 'lost' : code };
    case 'wrong-key':
      return { over: code };
    case 'room-full':
      return admittedBefore ? { wait: 'for-place' } : { over: code };
    case 'wrong-version':
      return { over: 'old-page' };
    case 'not-open':
    case 'no-prekey':
      return { wait: 'for-doctor' };
    case 'unavailable':
    case 'too-often':
      // As after a restart, when everybody comes back at once.
      return admittedBefore ? { wait: 'for-place' } : { over: 'unreachable' };
    case 'ended-room':
      return { wait: 'for-notice' };
    default:
      return { over: 'unreachable' };
  }
}

/** Whether a message without an answer may be refused so when the room is interrupted at the same moment. */
export function isBelated(code: Refusal): boolean {
  return code === 'not-allowed' || code === 'not-open' || code === 'unknown-reader';
}
