import type { Clock, Timer } from '../clock.ts';
import type { AddressLimits } from '../limits/address-limits.ts';
import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import type { Dispatcher } from './dispatcher.ts';
import { Peer, type Wire } from './peer.ts';
import { createSocketPlaces, type SocketPlaces } from './socket-places.ts';

/** How long a joined reader is kept whose socket is not there yet. */
const ATTACH_MS = 10_000;
const TOKEN_BYTES = 16;

/** What `POST /join` is answered with; see `earlyJoinSchema`. */
interface EarlyAnswer {
  /** Each as a socket would have been sent it, in JSON. */
  messages: readonly string[];
  token?: string;
}

/** A reader who joined and whose socket is not there yet. */
interface EarlyReader {
  readonly peer: Peer;
  readonly wire: HeldWire;
  readonly places: Pick<SocketPlaces, 'leave'>;
  timeout: Timer | null;
}

/** Readers who join by a request on the connection that their page came on, while their socket is still being opened. */
export interface EarlyJoins {
  /**
   * Joins as a socket's first message would, with all that is counted and refused there. `signal` is aborted when whoever asked
   * is gone: then nothing is kept. Null when the node is stopping, or has no place.
   */
  join(join: { text: string; id: number }, network: string, signal: AbortSignal): Promise<EarlyAnswer | null>;
  /** Keeps a reader who joined at another node; its limits are that node's. */
  hold(token: string, peer: Peer, wire: HeldWire): void;
  /** Whether a reader is kept until its socket comes. */
  isHeld(peer: Peer): boolean;
  /** The reader whom a token stands for, once; from now on nothing but the socket's end ends it. Null for any other token. */
  take(token: string): Pick<EarlyReader, 'peer' | 'wire' | 'places'> | null;
  /** Nobody comes any more. */
  close(): Promise<void>;
}

export function createEarlyJoins(dispatcher: Dispatcher, limits: AddressLimits, clock: Clock): EarlyJoins {
  const readers = new Map<string, EarlyReader>();
  let closing = false;

  async function drop({ peer, places, timeout }: EarlyReader): Promise<void> {
    timeout?.cancel();
    places.leave();
    await dispatcher.closed(peer, false);
  }

  function keep(token: string, reader: EarlyReader): void {
    readers.set(token, reader);
    reader.timeout = clock.after(ATTACH_MS, () => {
      readers.delete(token);
      void drop(reader);
    });
  }

  /** Null when there is no place for one more who has shown nothing yet. */
  function begin(network: string, holdToken: string): EarlyReader | null {
    if (closing || !limits.sockets.hasPlace(network)) return null;
    const wire = new HeldWire();
    const places = createSocketPlaces(limits, network, () => wire.close());
    if (places === null) return null;
    const peer = new Peer(wire, network, { holdToken });
    peer.takePlace = places.take;
    return { peer, wire, places, timeout: null };
  }

  return {
    async join({ text, id }, network, signal) {
      const token = toBase64Url(randomBytes(TOKEN_BYTES));
      const reader = begin(network, token);
      if (reader === null) return null;
      const { peer, wire } = reader;
      signal.addEventListener('abort', () => wire.close());
      const answered = wire.answerTo(id);
      await peer.answering(() => dispatcher.dispatch(peer, text));
      // Another node's answer comes later than the message has been passed on.
      await answered;
      const isReceiver = !peer.closing && peer.role.name === 'receiver' && !closing;
      const isAtHost = peer.host !== null;
      const messages = wire.takeHeld();
      if (isReceiver && !isAtHost) keep(token, reader);
      else await drop(reader);
      return { messages, ...(isReceiver ? { token } : {}) };
    },
    hold: (token, peer, wire) => keep(token, { peer, wire, places: { leave: () => undefined }, timeout: null }),
    isHeld: (peer) => [...readers.values()].some((reader) => reader.peer === peer),
    take(token) {
      const reader = readers.get(token);
      if (reader === undefined) return null;
      readers.delete(token);
      reader.timeout?.cancel();
      return reader;
    },
    async close() {
      closing = true;
      const left = [...readers.values()];
      readers.clear();
      await Promise.all(left.map(drop));
    },
  };
}

/** Holds what a peer is sent until there is a socket for it. */
export class HeldWire implements Wire {
  readonly OPEN = 1;
  #socket: Wire | null = null;
  #held: string[] = [];
  #heldBytes = 0;
  /** Undefined while it is open. */
  #closeCode: number | null | undefined;
  #awaited: { id: number; resolve: () => void } | null = null;

  get readyState(): 0 | 1 | 2 | 3 {
    if (this.#socket !== null) return this.#socket.readyState;
    return this.#closeCode === undefined ? 1 : 3;
  }

  get bufferedAmount(): number {
    return this.#socket?.bufferedAmount ?? this.#heldBytes;
  }

  send(text: string): void {
    if (this.#socket !== null) return this.#socket.send(text);
    this.#held.push(text);
    this.#heldBytes += text.length;
    if (isAnswerTo(text, this.#awaited?.id)) this.#settle();
  }

  close(code?: number): void {
    if (this.#socket !== null) return this.#socket.close(code);
    this.#closeCode ??= code ?? null;
    this.#settle();
  }

  terminate(): void {
    if (this.#socket !== null) return this.#socket.terminate();
    this.close();
  }

  /** Fulfilled when the answer to a request is there, or none can come. */
  answerTo(id: number): Promise<void> {
    return new Promise((resolve) => {
      this.#awaited = { id, resolve };
    });
  }

  /** What was sent so far, and is not kept any longer. */
  takeHeld(): string[] {
    this.#heldBytes = 0;
    return this.#held.splice(0);
  }

  /** Whether this is the socket that everything goes to. */
  isOn(socket: Wire): boolean {
    return this.#socket === socket;
  }

  /** The socket is gone, and another one comes. */
  detach(): void {
    this.#socket = null;
  }

  /** From now on everything goes to the socket: first what was held, and then the close, if there was one. */
  attach(socket: Wire): void {
    this.#socket = socket;
    for (const text of this.takeHeld()) socket.send(text);
    if (this.#closeCode !== undefined) socket.close(this.#closeCode ?? undefined);
  }

  #settle(): void {
    this.#awaited?.resolve();
    this.#awaited = null;
  }
}

/** Whether a message of ours, or of another node, is the one answer to a request. */
function isAnswerTo(text: string, id: number | undefined): boolean {
  if (id === undefined) return false;
  const message: unknown = JSON.parse(text);
  if (typeof message !== 'object' || message === null || !('t' in message) || !('id' in message)) return false;
  return (message.t === 'reply' || message.t === 'refused') && message.id === id;
}
