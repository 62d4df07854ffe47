import { LIMITS } from '../../src/protocol/constants.ts';
import { Refused } from '../../src/protocol/errors.ts';
import {
  type ClientMessage,
  type Reply,
  type Request,
  type RequestType,
  replySchemas,
  type ServerMessage,
  serverMessageSchema,
} from '../../src/protocol/messages.ts';
import type { PageClock, Timer } from '../clock.ts';

/** The code of a socket that ended without a close frame (RFC 6455, section 7.4.1). */
const ABNORMAL = 1006;

/** A message from the server that is no reply. */
export type ServerEvent = Exclude<ServerMessage, { t: 'reply' | 'heartbeat' }>;

/** What a reader's connection needs of the signalling. */
export type ReaderSignalling = Pick<SignallingClient, 'clock' | 'request' | 'say' | 'expectMessage'>;

export class Disconnected extends Error {
  override readonly name = 'Disconnected';
}

interface Pending {
  resolve(data: unknown): void;
  reject(error: Error): void;
}

export class SignallingClient {
  onServerEvent: (event: ServerEvent) => void = () => undefined;
  onClose: () => void = () => undefined;
  readonly #socket: WebSocket;
  readonly clock: PageClock;
  /** Whether the socket ended without a closing word, and not by this page (RFC 6455, section 7.1.5). */
  wasCut = false;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #silence: Timer | null = null;
  #isOver = false;

  /** Takes a socket that may be open already. Rejects with Disconnected when it does not reach the server. */
  static on(socket: WebSocket, clock: PageClock): Promise<SignallingClient> {
    return new Promise((resolve, reject) => {
      if (socket.readyState > WebSocket.OPEN) throw new Disconnected();
      const signalling = new SignallingClient(socket, clock);
      signalling.onClose = () => reject(new Disconnected());
      if (socket.readyState === WebSocket.OPEN) resolve(signalling);
      socket.addEventListener('open', () => resolve(signalling));
    });
  }

  private constructor(socket: WebSocket, clock: PageClock) {
    this.#socket = socket;
    this.clock = clock;
    socket.addEventListener('message', ({ data }) => this.#receive(data));
    socket.addEventListener('close', ({ code }) => {
      this.wasCut = code === ABNORMAL && !this.#isOver;
      this.#closed();
    });
    this.#expectHeartbeat();
  }

  get isOpen(): boolean {
    return this.#socket.readyState <= WebSocket.OPEN;
  }

  /** Sends a request. Rejects with Refused when the server refuses, with Disconnected when it is gone. */
  async request<T extends RequestType>(t: T, body: Request<T>): Promise<Reply<T>> {
    if (!this.isOpen) throw new Disconnected();
    const id = ++this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    const message = { t, id, ...body };
    this.#send(message);
    return replySchemas[t].parse(await answer) as Reply<T>;
  }

  /** Sends a message that has no reply. */
  say(message: Extract<ClientMessage, { t: 'sealed' | 'leave' | 'connection-failed' }>): void {
    this.#send(message);
  }

  /** The server has to send anything within `ms`, or the socket counts as lost; for when the network changed. */
  expectMessage(ms: number): void {
    this.#silence?.cancel();
    this.#silence = this.clock.after(ms, () => this.close());
  }

  close(): void {
    this.#socket.close();
    this.#closed();
  }

  #send(message: Pick<ClientMessage, 't'>): void {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #receive(data: unknown): void {
    const message = parse(data);
    // A server of another version cannot be relied on.
    if (message === null) return this.close();
    this.#expectHeartbeat();
    if (message.t === 'heartbeat') return;
    if (message.t === 'reply') return this.#take(message.id)?.resolve(message.data);
    const pending = message.t === 'refused' && message.id !== undefined ? this.#take(message.id) : undefined;
    if (pending !== undefined && message.t === 'refused') return pending.reject(new Refused(message.code));
    this.onServerEvent(message);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #expectHeartbeat(): void {
    this.expectMessage(LIMITS.heartbeatLostSeconds * 1000);
  }

  #closed(): void {
    this.#isOver = true;
    this.#silence?.cancel();
    for (const { reject } of this.#pending.values()) reject(new Disconnected());
    this.#pending.clear();
    const { onClose } = this;
    this.onClose = () => undefined;
    onClose();
  }
}

function parse(data: unknown): ServerMessage | null {
  if (typeof data !== 'string') return null;
  try {
    return serverMessageSchema.parse(JSON.parse(data));
  } catch {
    return null;
  }
}
