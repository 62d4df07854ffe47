import { createHmac } from 'node:crypto';

/** What Slack signs with, in the tests. */
export const SIGNING_SECRET = 'tests-signing-secret';

/** The headers of a request, signed as Slack signs it: HMAC-SHA256 over version, time and body. */
export function signedHeaders(
  body: string,
  { secret = SIGNING_SECRET, atSeconds = Math.floor(Date.now() / 1000) } = {},
): Record<string, string> {
  const signature = createHmac('sha256', secret).update(`v0:${atSeconds}:${body}`).digest('hex');
  return { 'x-slack-request-timestamp': String(atSeconds), 'x-slack-signature': `v0=${signature}` };
}
