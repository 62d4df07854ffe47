import type { Clock } from '../../../src/clock.ts';
import { DeliveryError, type Remedy, readRetryAfter } from '../../delivery/delivery-error.ts';
import type { BotToken } from '../authentication.ts';

const TIMEOUT_MS = 5_000;

/** The status of a call that GLIR does not make: the URL is nobody's whom it trusts. */
const NOT_OURS = 421;

export interface ConnectorCall {
  url: string;
  method: string;
  body?: string | undefined;
}

/** Rejects with a DeliveryError that holds neither request nor response: both may hold links. */
export type CallConnector = (call: ConnectorCall) => Promise<{ status: number; text: string }>;

/**
 * Calls to Teams' connector.
 *
 * @param botToken null where the connector asks for none
 * @param mayCall which URLs are Teams' connector; the others are refused
 */
export function connectorCalls(
  botToken: BotToken | null,
  mayCall: (url: string) => boolean,
  clock: Clock,
): CallConnector {
  async function callOnce({ url, method, body }: ConnectorCall, token: string | null): Promise<Response> {
    return await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body }),
      // The token is for this address alone.
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  }

  return async (call) => {
    if (!mayCall(call.url)) throw new DeliveryError('none', String(NOT_OURS));
    const token = botToken === null ? null : await botToken.get();
    let response = await callOnce(call, token);
    if (response.status === 401 && botToken !== null && token !== null) {
      await response.text();
      // Taken back before its time, such as when the app's password was changed.
      botToken.refused(token);
      response = await callOnce(call, await botToken.get());
    }
    const { status } = response;
    const text = await response.text();
    if (response.ok) return { status, text };
    throw new DeliveryError(
      remedyAfter(status, call.method),
      String(status),
      readRetryAfter(response.headers.get('retry-after'), clock.now()),
    );
  };
}

const CONFLICTS: ReadonlySet<number> = new Set([401, 408, 409, 412, 425, 429]);

/**
 * What may help, see https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability (status codes)
 * and https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
 */
function remedyAfter(status: number, method: string): Remedy {
  if (CONFLICTS.has(status) || status >= 500) return 'later';
  // The conversation is gone, or the person blocked or removed the bot in it.
  if (status === 403) return 'new-conversation';
  if (method === 'PUT') return 'post-anew';
  return status === 404 ? 'new-conversation' : 'none';
}
