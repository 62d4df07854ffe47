import type { Refusal } from '../../src/protocol/errors.ts';
import type { GoneReason } from './state.ts';

/** What a refusal means for the patient's page: the end, or a wait. */
export type RefusalMeaning =
  | { gone: GoneReason }
  | { wait: 'for-doctor' | 'for-place' }
  /** The server says in an event of its own how the room ended. */
  | { wait: 'for-event' };

/** `admittedBefore`: our own earlier connection may still hold our place, until the server notices that it is dead. */
export function meaningOf(code: Refusal, admittedBefore: boolean): RefusalMeaning {
  switch (code) {
    case 'unknown-room':
      // A room that this page was in did exist, and did not come back after a restart of the server.
      return { gone: admittedBefore ? 'lost' : code };
    case 'wrong-key':
      return { gone: code };
    case 'room-full':
      return admittedBefore ? { wait: 'for-place' } : { gone: code };
    case 'wrong-version':
      return { gone: 'old-page' };
    case 'not-open':
      return { wait: 'for-doctor' };
    case 'no-prekey':
      // The doctor's page is busy or just gone: nobody says when it can serve again.
      return { wait: 'for-place' };
    case 'unavailable':
    case 'too-often':
      // As after a restart of the server, when every page comes back at once.
      return admittedBefore ? { wait: 'for-place' } : { gone: 'unreachable' };
    case 'ended-room':
      return { wait: 'for-event' };
    default:
      return { gone: 'unreachable' };
  }
}

/** Whether a message that has no reply may be refused so because it crossed with an interruption of the room. */
export function isBelated(code: Refusal): boolean {
  return code === 'not-allowed' || code === 'not-open' || code === 'unknown-reader';
}
