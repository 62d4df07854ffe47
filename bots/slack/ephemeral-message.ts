import type { Clock } from '../../src/clock.ts';
import type { ChatLanguage } from '../commands/chat-language.ts';
import { statusView } from '../commands/note-views.ts';
import type { RoomStatus } from '../commands/room-status.ts';
import { DeliveryError, readRetryAfter, remedyFor } from '../delivery/delivery-error.ts';
import { type Message, messageOf } from './blocks.ts';

const TIMEOUT_MS = 5_000;

/** Slack's limits for one response_url. */
const USES = 5;
const LIFE_MS = 30 * 60 * 1000;
/** Leaves Slack a moment to take the call. */
const MARGIN_MS = 10_000;

/** Only the doctor sees it, and no link in it is opened by Slack. */
export const EPHEMERAL = { response_type: 'ephemeral', unfurl_links: false, unfurl_media: false } as const;

/**
 * Sends a message that only the doctor sees to a response_url, once.
 *
 * @param replace whether it takes the place of the message whose button was pressed
 * @throws DeliveryError; one that nothing helps when the response_url is used up or too old
 */
export async function respondTo(
  url: string,
  message: Message,
  { replace }: { replace: boolean },
  clock: Clock,
): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...message, ...EPHEMERAL, replace_original: replace }),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.ok) return;
  const isTemporary = response.status >= 500 || response.status === 429;
  const retryAfter = isTemporary ? readRetryAfter(response.headers.get('retry-after'), clock.now()) : null;
  throw new DeliveryError(isTemporary ? 'later' : 'none', String(response.status), retryAfter);
}

/**
 * The status of a note in the message that only its doctor sees. A command's response_url can only add messages; the one
 * that comes with a press of a button replaces the message with the button.
 */
export interface EphemeralMessage {
  /**
   * A button of the message was pressed: from now on its new response_url, which replaces the message, is used.
   *
   * @param refresh whether the next status is shown even when it looks the same
   */
  pressed(responseUrl: string, refresh: boolean): void;
  /** Shows a status if it is worth one of the few uses that are left. Rejects when Slack cannot be reached. */
  show(status: RoomStatus, language: ChatLanguage): Promise<void>;
}

/**
 * @param responseUrl the command's, or null for a note that was started without one
 * @param usesLeft of the response_url
 * @param isAlone whether nothing else, such as a direct message, shows the doctor the status
 */
export function createEphemeralMessage(
  { responseUrl, usesLeft = USES, isAlone }: { responseUrl: string | null; usesLeft?: number; isAlone: () => boolean },
  clock: Clock,
  respond: (url: string, message: Message, options: { replace: boolean }) => Promise<void>,
): EphemeralMessage {
  const target = (url: string, replaces: boolean, left: number) => ({
    url,
    replaces,
    left,
    until: clock.now() + LIFE_MS - MARGIN_MS,
  });
  let current = responseUrl === null ? null : target(responseUrl, false, usesLeft);
  let shown = '';
  let wasShared = false;

  /** The last use is reserved for the end. Where the message cannot be replaced, only the end of a shared note is worth one. */
  function isWorthIt(status: RoomStatus, { replaces, left }: NonNullable<typeof current>): boolean {
    if (status.over !== null) return left > 0 && (replaces || (wasShared && isAlone()));
    if (status.restarting === true) return left > 0 && replaces;
    return replaces && left > 1 && status.state !== 'draft' && shown !== visiblePart(status);
  }

  return {
    pressed(url, refresh) {
      if (refresh) shown = '';
      current = target(url, true, USES);
    },
    async show(status, language) {
      wasShared ||= status.state === 'open' || status.state === 'interrupted';
      const used = current;
      if (used === null || clock.now() >= used.until || !isWorthIt(status, used)) return;
      try {
        await respond(used.url, messageOf(statusView(status, language, { refresh: true })), { replace: used.replaces });
        shown = visiblePart(status);
        used.left -= 1;
      } catch (error) {
        if (remedyFor(error) === 'later') throw error;
        used.left = 0;
      }
    },
  };
}

/** What a doctor would notice; the time left runs by itself. */
function visiblePart({ state, expiresAt, reading, readBy, waiting }: RoomStatus): string {
  return JSON.stringify([state, expiresAt, reading, readBy, waiting.map(({ readerId }) => readerId)]);
}
