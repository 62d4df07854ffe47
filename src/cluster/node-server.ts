import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { LIMITS } from '../protocol/constants.ts';
import { type Claims, type RequestSignatures, SIGNATURE_HEADER } from './request-signature.ts';

/** Whether a node is there. */
export const ALIVE_PATH = '/node/alive';
/** What follows is a command in base64url, for a node that does not hear the others through the database. */
export const COMMAND_PATH = '/node/command/';
/** A person's signalling socket, passed on. */
export const SIGNAL_PATH = '/node/signal';
/** RFC 6455, section 7.4.1: the other side should come back. */
export const RESTART = 1012;
const HEADERS_MS = 5_000;
const CLOSE_MS = 500;

const SOCKET_OPTIONS = {
  noServer: true,
  maxPayload: LIMITS.signalBytes,
  perMessageDeflate: false,
  closeTimeout: 5_000,
};

/** Gets the sockets that other nodes pass on, with the network of the person behind each. */
export type Accept = (socket: WebSocket, network: string) => void;

/** Answers a command, given as JSON; null when it is none, or cannot be carried out. */
export type Serve = (command: unknown) => Promise<string | null>;

/** Where this node answers the others. Every request has to be signed, for this very node. */
export class NodeServer {
  readonly #run: string;
  readonly #url: string;
  readonly #signatures: RequestSignatures;
  readonly #http: Server;
  readonly #sockets = new WebSocketServer(SOCKET_OPTIONS);
  #accept: Accept | null = null;
  #serve: Serve | null = null;
  #closing = false;

  /** `url` is where the others reach this node: a request that was sent to anywhere else is none for it. */
  constructor({ run, url, signatures }: { run: string; url: string; signatures: RequestSignatures }) {
    this.#run = run;
    this.#url = url;
    this.#signatures = signatures;
    this.#http = createServer({ headersTimeout: HEADERS_MS, requestTimeout: HEADERS_MS, maxHeaderSize: 8 * 1024 });
    this.#http.on('request', (request, response) => void this.#answer(request, response));
    this.#sockets.on('headers', (headers, request) => headers.push(`${SIGNATURE_HEADER}: ${this.#proof(request)}`));
    this.#http.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** From now on `accept` gets the sockets; before, nobody can be passed on to this node. */
  onSocket(accept: Accept): void {
    this.#accept = accept;
  }

  /** From now on `serve` answers commands. */
  onCommand(serve: Serve): void {
    this.#serve = serve;
  }

  /** Throws an Error that says what to set. */
  async listen({ host, port }: { host: string; port: number }): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#http.once('error', reject);
    this.#http.listen(port, host, resolve);
    try {
      await promise;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
      throw new Error(`GLIR cannot listen on GLIR_NODE_LISTEN${code}. Set an address of this machine and a free port.`);
    }
    this.#http.off('error', reject);
    // A server that listens has no errors of its own that could be mended here.
    this.#http.on('error', () => undefined);
  }

  /** Closes the sockets with 1012, and at once those that do not answer. */
  async close(): Promise<void> {
    this.#closing = true;
    const closed = new Promise((resolve) => this.#http.close(resolve));
    for (const socket of this.#sockets.clients) socket.close(RESTART);
    const patience = setTimeout(() => {
      for (const socket of this.#sockets.clients) socket.terminate();
      this.#http.closeAllConnections();
    }, CLOSE_MS);
    await new Promise((resolve) => this.#sockets.close(resolve));
    this.#http.closeAllConnections();
    await closed;
    clearTimeout(patience);
  }

  /** Never rejects. */
  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '' } = request;
    const command = url.startsWith(COMMAND_PATH) ? url.slice(COMMAND_PATH.length) : null;
    const { status } = this.#check(request, command === null ? ALIVE_PATH : url);
    if (status !== 200) return void response.writeHead(status).end();
    const body = command === null ? '' : await this.#carryOut(command);
    if (body === null) return void response.writeHead(503).end();
    response.writeHead(200, { [SIGNATURE_HEADER]: this.#proof(request, body) }).end(body);
  }

  async #carryOut(command: string): Promise<string | null> {
    if (this.#serve === null) return null;
    try {
      const answering: Promise<string | null> = this.#serve(JSON.parse(Buffer.from(command, 'base64url').toString()));
      return await answering;
    } catch {
      // The sender learns that it was not carried out, and says so to the doctor.
      return null;
    }
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const { status, claims } = this.#check(request, SIGNAL_PATH);
    const accept = this.#accept;
    if (claims === null) return refuse(socket, status);
    if (accept === null || this.#closing) return refuse(socket, 503);
    this.#sockets.handleUpgrade(request, socket, head, (webSocket) => {
      // It closes by itself; without a listener its error would end the process.
      webSocket.on('error', () => undefined);
      accept(webSocket, claims.network);
    });
  }

  #proof(request: IncomingMessage, body = ''): string {
    return this.#signatures.answer(headerOf(request) ?? '', body);
  }

  #check(request: IncomingMessage, path: string): { status: number; claims: Claims | null } {
    const { method = '', url = '' } = request;
    const claims = this.#signatures.check({ method, path: url }, headerOf(request));
    if (claims === null) return { status: 401, claims };
    // Another node was there before, at the same address.
    if (claims.to !== this.#run) return { status: 404, claims: null };
    // Somebody who stands at another address passes it on.
    if (claims.origin !== this.#url) return { status: 401, claims: null };
    if (method !== 'GET' || url !== path) return { status: 404, claims: null };
    return { status: 200, claims };
  }
}

function headerOf({ headers }: IncomingMessage): string | undefined {
  const header = headers[SIGNATURE_HEADER];
  return typeof header === 'string' ? header : undefined;
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
