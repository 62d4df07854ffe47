import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  ServerResponse,
} from 'node:http';
import type { Duplex } from 'node:stream';
import { METHODS } from './methods.ts';
import type { Refuse } from './refuse.ts';
import type { Headers } from './security-headers.ts';

/** What Node's codes for a request that it could not read are answered with; any other is a 400. */
const UNREADABLE: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * A server that listens nowhere yet, every answer of which has `headers` from its beginning: those of `listener`, those
 * that Node gives by itself, and those to what is no readable request. `takesSocket` says which requests may become
 * something else than HTTP (the `upgrade` event); the others are answered as if they had not asked to.
 */
export function createHttpServer(
  listener: RequestListener,
  {
    options,
    headers,
    refuse,
    takesSocket,
  }: { options: ServerOptions; headers: Headers; refuse: Refuse; takesSocket: (request: IncomingMessage) => boolean },
): Server {
  class Answer<Request extends IncomingMessage> extends ServerResponse<Request> {
    constructor(...given: [Request]) {
      super(...given);
      for (const [name, value] of Object.entries(headers)) this.setHeader(name, value);
    }
  }
  const server = createServer({ ...options, shouldUpgradeCallback: takesSocket, ServerResponse: Answer });
  const answering = new WeakMap<Duplex, ServerResponse>();
  server.on('request', ({ socket }, response) => answering.set(socket, response));
  server.on('request', listener);
  server.on('connect', (_request, socket) => refuse(socket, 405, { Allow: METHODS.join(', ') }));
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    const begun = answering.get(socket);
    const cutsIn = begun?.headersSent === true && !begun.writableFinished;
    if (cutsIn || !socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    refuse(socket, UNREADABLE[error.code ?? ''] ?? 400);
  });
  return server;
}
