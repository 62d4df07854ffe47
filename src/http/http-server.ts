import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  ServerResponse,
  STATUS_CODES,
} from 'node:http';
import type { Duplex } from 'node:stream';
import type { RequestHandler } from 'express';
import { cutHeaders } from './header-limits.ts';
import type { Headers } from './security-headers.ts';

/** The methods that every address takes. */
const METHODS = ['GET', 'HEAD', 'POST'];

/** Status for Node's codes of requests that it could not read; 400 for all others. */
const UNREADABLE: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Answers with a status where Node has no response object to answer with, and ends the connection. */
export type Refuse = (socket: Duplex, status: number, more?: Headers) => void;

/** @param headers those of every answer */
export function createRefuse(headers: Headers): Refuse {
  return (socket, status, more = {}) => {
    const lines = Object.entries({ ...headers, ...more, Connection: 'close', 'Content-Length': '0' });
    // The connection ends here, also when the other side leaves its half open.
    socket.once('finish', () => socket.destroy());
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    );
  };
}

/** Refuses other methods alike everywhere, so that OPTIONS does not tell which addresses exist. */
export const onlyMethods: RequestHandler = ({ method }, response, next) => {
  if (METHODS.includes(method)) return next();
  const allowed = METHODS.join(', ');
  response
    .status(405)
    .set('Allow', allowed)
    .json({ error: 'bad-method', next: `Use one of ${allowed}.` });
};

/**
 * Node's HTTP server, which does not listen yet. Every answer has `headers`: those of `listener`, those that Node gives by
 * itself, and those to unreadable requests. `takesSocket` says which requests may become
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
  class ResponseWithHeaders<Request extends IncomingMessage> extends ServerResponse<Request> {
    constructor(...options: [Request]) {
      super(...options);
      for (const [name, value] of Object.entries(headers)) this.setHeader(name, value);
    }
  }
  const server = createServer({ ...options, shouldUpgradeCallback: takesSocket, ServerResponse: ResponseWithHeaders });
  // Before everybody else who listens, so that nothing parses more than it should.
  for (const event of ['request', 'upgrade']) {
    server.on(event, ({ headers: given }: IncomingMessage) => cutHeaders(given));
  }
  const responses = new WeakMap<Duplex, ServerResponse>();
  server.on('request', ({ socket }, response) => responses.set(socket, response));
  server.on('request', listener);
  server.on('connect', (_request, socket) => refuse(socket, 405, { Allow: METHODS.join(', ') }));
  server.on('clientError', (error: Error & { code?: string }, socket) => {
    const response = responses.get(socket);
    const cutsIn = response?.headersSent === true && !response.writableFinished;
    if (cutsIn || !socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    refuse(socket, UNREADABLE[error.code ?? ''] ?? 400);
  });
  return server;
}
