import http from 'node:http';
import https from 'node:https';
import { WebSocket } from 'ws';
import type { Clock, Timer } from '../../../src/clock.ts';
import { acknowledgement, type Envelope, readFrame } from './envelopes.ts';

/** From the begin of a connection to Slack's `hello`. */
const HELLO_MS = 10_000;
/** How often the other side is asked for a sign of life. */
const PING_MS = 10_000;
/** A connection that brought nothing after so many of them, not even an answer, is dead. */
const SILENT_PINGS = 2;
/** How long a closing handshake may take. */
const CLOSE_MS = 1_000;
/** Far above Slack's largest payload. */
const FRAME_BYTES = 4 * 1024 * 1024;

export interface ConnectionListener {
  /** The connection is ready. */
  onHello(): void;
  onEnvelope(envelope: Envelope): void;
  /** Slack is about to close it. */
  onDisconnect(reason: string): void;
  /** Something came that nobody understands; it is ignored. */
  onRubbish(): void;
  /** It is closed, whoever closed it; called once, and nothing is called afterwards. */
  onEnd(why: string): void;
}

/** One connection to Slack's socket server, from its begin to its end. Nothing of it throws or rejects. */
export class SocketConnection {
  readonly #socket: WebSocket;
  readonly #clock: Clock;
  readonly #listener: ConnectionListener;
  #timer: Timer;
  /** Pings since something came. */
  #pings = 0;
  #ready = false;
  #ended = false;

  /** @param url what `apps.connections.open` gave; holds a ticket and so is never logged */
  constructor(url: string, clock: Clock, listener: ConnectionListener) {
    this.#clock = clock;
    this.#listener = listener;
    // The agent is what takes the connection through a proxy; it is another one once there is a proxy.
    const { globalAgent: agent } = url.startsWith('wss:') ? https : http;
    this.#socket = new WebSocket(url, { agent, maxPayload: FRAME_BYTES, perMessageDeflate: false });
    this.#socket.on('message', (data, isBinary) => this.#read(isBinary ? '' : String(data)));
    this.#socket.on('ping', () => this.#sign());
    this.#socket.on('pong', () => this.#sign());
    // A close follows.
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', (code) => this.#end(`closed-${code}`));
    this.#timer = clock.after(HELLO_MS, () => this.#cut('no-hello'));
  }

  /** Whether Slack said hello, and the connection is not over. */
  get isReady(): boolean {
    return this.#ready && !this.#ended;
  }

  /** Answers an envelope of this connection; false when it cannot be, so that Slack sends it again. */
  acknowledge(id: string, payload?: unknown): boolean {
    if (this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(acknowledgement(id, payload), () => undefined);
    return true;
  }

  /** Closes it in good order, and within a second. */
  close(): void {
    if (this.#ended) return;
    this.#timer.cancel();
    this.#timer = this.#clock.after(CLOSE_MS, () => this.#cut('closed'));
    this.#socket.close(1000);
  }

  #read(text: string): void {
    if (this.#ended) return;
    this.#sign();
    const frame = readFrame(text);
    switch (frame.kind) {
      case 'hello':
        return this.#hello();
      case 'disconnect':
        return this.#listener.onDisconnect(frame.reason);
      case 'envelope':
        return this.#listener.onEnvelope(frame.envelope);
      case 'empty-envelope':
        this.acknowledge(frame.id);
        return this.#listener.onRubbish();
      case 'unknown':
        return this.#listener.onRubbish();
    }
  }

  #hello(): void {
    if (this.#ready || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#ready = true;
    this.#timer.cancel();
    this.#watch();
    this.#listener.onHello();
  }

  #sign(): void {
    this.#pings = 0;
  }

  #watch(): void {
    this.#timer = this.#clock.after(PING_MS, () => {
      if (this.#pings >= SILENT_PINGS) return this.#cut('silent');
      this.#pings += 1;
      if (this.#socket.readyState === WebSocket.OPEN) this.#socket.ping();
      this.#watch();
    });
  }

  #cut(why: string): void {
    this.#end(why);
    this.#socket.terminate();
  }

  #end(why: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer.cancel();
    this.#listener.onEnd(why);
  }
}
