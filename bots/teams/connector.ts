import type { ConfigurationBotFrameworkAuthentication } from 'botbuilder';
import type { BotToken } from './bot-token.ts';

const TIMEOUT_MS = 5_000;

/** Teams' connector refuses a call. Neither what was sent nor what came back is kept: both may hold links. */
export class ConnectorFault extends Error {
  override readonly name = 'ConnectorFault';
  readonly status: number;
  /** The HTTP status as text, for the log. */
  readonly code: string;

  constructor(status: number) {
    super(`Teams' connector answered ${status}.`);
    this.status = status;
    this.code = String(status);
  }

  /** Whether the same call can succeed later. */
  get passes(): boolean {
    return this.status === 401 || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** One call to the connector. */
export interface ConnectorCall {
  url: string;
  method: string;
  body?: string | undefined;
}

/** Carries out a call. Rejects with a ConnectorFault, or another Error when the connector does not answer in 5 seconds. */
export type CallConnector = (call: ConnectorCall) => Promise<{ status: number; text: string }>;

/** @param token null where the connector asks for none */
export function connectorCalls(token: BotToken | null): CallConnector {
  return async ({ url, method, body }) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
        ...(token === null ? {} : { authorization: `Bearer ${await token.get()}` }),
      },
      ...(body === undefined ? {} : { body }),
      // The token is for this address alone.
      redirect: 'error',
      signal,
    });
    const text = await response.text();
    if (!response.ok) throw new ConnectorFault(response.status);
    return { status: response.status, text };
  };
}

type ConnectorOptions = NonNullable<ConstructorParameters<typeof ConfigurationBotFrameworkAuthentication>[4]>;

/** Lets botbuilder call the connector in the same way: without its retries, and without errors that hold what was sent. */
export function connectorOptions(call: CallConnector): ConnectorOptions {
  return {
    httpClient: {
      async sendRequest(request) {
        const body = typeof request.body === 'string' ? request.body : undefined;
        const { status, text } = await call({ url: request.url, method: request.method, body });
        const headers = request.headers.clone();
        for (const name of headers.headerNames()) headers.remove(name);
        headers.set('content-type', 'application/json');
        return { status, headers, request, bodyAsText: text };
      },
    },
  };
}
