import type { Clock } from '../../src/clock.ts';
import { statusView } from '../commands/note-views.ts';
import type { RoomStatus } from '../commands/status.ts';
import { messageOf } from './blocks.ts';
import { ResponseUrlSpent, respondTo } from './respond.ts';

/** Slack's limits for one response_url. */
const USES = 5;
const LIFE_MS = 30 * 60 * 1000;
/** Leaves Slack a moment to take the call. */
const MARGIN_MS = 10_000;

/**
 * Where a doctor reads about a note: the message that only they see. A command's response_url can only add messages; the
 * one that comes with a press of a button replaces the message with the button.
 */
export interface EphemeralMessage {
  /**
   * A button of the message was pressed: from now on its new response_url, which replaces the message, is used.
   *
   * @param again whether the next status is shown even when it looks the same
   */
  pressed(responseUrl: string, again: boolean): void;
  /** Shows a status if it is worth one of the few uses that are left. Rejects when Slack cannot be reached. */
  show(status: RoomStatus): Promise<void>;
}

/**
 * @param url the command's response_url, or null for a note that was started without one
 * @param alone whether nothing else, such as a direct message, tells the doctor how it went
 */
export function createEphemeralMessage(
  { url, usesLeft = USES, alone }: { url: string | null; usesLeft?: number; alone: () => boolean },
  clock: Clock,
): EphemeralMessage {
  let sight = url === null ? null : { url, replaces: false, left: usesLeft, until: clock.now() + LIFE_MS - MARGIN_MS };
  let shown = '';
  let wasShared = false;

  /** The last use is kept for the end. Where the message cannot be replaced, only the end of a shared note is news. */
  function isWorthIt(status: RoomStatus, { replaces, left }: NonNullable<typeof sight>): boolean {
    if (status.over !== null) return left > 0 && (replaces || (wasShared && alone()));
    if (status.restarting === true) return left > 0 && replaces;
    return replaces && left > 1 && status.state !== 'draft' && shown !== lookOf(status);
  }

  return {
    pressed(responseUrl, again) {
      if (again) shown = '';
      sight = { url: responseUrl, replaces: true, left: USES, until: clock.now() + LIFE_MS - MARGIN_MS };
    },
    async show(status) {
      wasShared ||= status.state === 'open' || status.state === 'interrupted';
      const now = sight;
      if (now === null || clock.now() >= now.until || !isWorthIt(status, now)) return;
      try {
        await respondTo(now.url, messageOf(statusView(status, { refresh: true })), { replace: now.replaces });
        shown = lookOf(status);
        now.left -= 1;
      } catch (error) {
        if (!(error instanceof ResponseUrlSpent)) throw error;
        now.left = 0;
      }
    },
  };
}

/** What a doctor would notice; the time left runs by itself. */
function lookOf({ state, expiresAt, reading, readBy, waiting }: RoomStatus): string {
  return JSON.stringify([state, expiresAt, reading, readBy, waiting.map(({ readerId }) => readerId)]);
}
