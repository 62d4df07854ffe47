import type { Message } from './blocks.ts';

const TIMEOUT_MS = 5_000;

/** Slack no longer takes messages at this response_url: it is used up or too old. */
export class ResponseUrlSpent extends Error {
  override readonly name = 'ResponseUrlSpent';
}

/**
 * Sends a message that only the doctor sees to a response_url.
 *
 * @param replace whether it takes the place of the message whose button was pressed
 * @throws ResponseUrlSpent, or an Error when Slack cannot be reached or is busy
 */
export async function respondTo(url: string, message: Message, { replace }: { replace: boolean }): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...message, ...EPHEMERAL, replace_original: replace }),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (response.ok) return;
  if (response.status >= 500 || response.status === 429) throw new Error(`Slack answered ${response.status}.`);
  throw new ResponseUrlSpent(`Slack answered ${response.status}.`);
}

/** Only the doctor sees it, and no link in it is opened by Slack. */
export const EPHEMERAL = { response_type: 'ephemeral', unfurl_links: false, unfurl_media: false } as const;
