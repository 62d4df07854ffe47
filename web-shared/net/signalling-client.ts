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

/** What the server says without being asked. */
export type ServerEvent = Exclude<ServerMessage, { t: 'reply' | 'heartbeat' }>;

/** The socket closed before the server answered. */
export class Disconnected extends Error {
  override readonly name = 'Disconnected';
}

interface Pending {
  resolve(data: unknown): void;
  reject(error: Error): void;
}

/** The page's end of one signalling socket. */
export class SignallingClient {
  onServerEvent: (notice: ServerEvent) => void = () => undefined;
  onClose: () => void = () => undefined;
  readonly #socket: WebSocket;
  readonly clock: PageClock;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;
  #silence: Timer | null = null;

  /** Works on a socket, which may be open already; rejects with Disconnected when it does not reach the server. */
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
    socket.addEventListener('close', () => this.#closed());
    this.#expectBeat();
  }

  get isOpen(): boolean {
    return this.#socket.readyState <= WebSocket.OPEN;
  }

  /** Asks the server. Rejects with Refused when it refuses, with Disconnected when it is gone. */
  async request<T extends RequestType>(t: T, body: Request<T>): Promise<Reply<T>> {
    if (!this.isOpen) throw new Disconnected();
    const id = ++this.#lastId;
    const answer = new Promise<unknown>((resolve, reject) => this.#pending.set(id, { resolve, reject }));
    const message = { t, id, ...body };
    this.#send(message);
    return replySchemas[t].parse(await answer) as Reply<T>;
  }

  /** Says something that has no answer. */
  say(message: Extract<ClientMessage, { t: 'sealed' | 'leave' }>): void {
    this.#send(message);
  }

  /** Something has happened to the network: the server has to say anything within `ms`, or the socket counts as lost. */
  expectWord(ms: number): void {
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
    // A server of another version: nothing of it can be relied on.
    if (message === null) return this.close();
    this.#expectBeat();
    if (message.t === 'heartbeat') return;
    if (message.t === 'reply') return this.#take(message.id)?.resolve(message.data);
    const asked = message.t === 'refused' && message.id !== undefined ? this.#take(message.id) : undefined;
    if (asked !== undefined && message.t === 'refused') return asked.reject(new Refused(message.code));
    this.onServerEvent(message);
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #expectBeat(): void {
    this.expectWord(LIMITS.heartbeatLostSeconds * 1000);
  }

  #closed(): void {
    this.#silence?.cancel();
    for (const { reject } of this.#pending.values()) reject(new Disconnected());
    this.#pending.clear();
    const tell = this.onClose;
    this.onClose = () => undefined;
    tell();
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
