import { expect } from 'vitest';
import type { Clock } from '../../src/clock.ts';
import type { EndReason } from '../../src/protocol/constants.ts';
import { REFUSALS, type Refusal } from '../../src/protocol/errors.ts';
import {
  type ClientMessage,
  clientMessageSchema,
  type Policy,
  type ServerMessage,
} from '../../src/protocol/messages.ts';
import type { createDispatcher } from '../../src/signalling/dispatcher.ts';
import { CLOSE, Peer, type Wire } from '../../src/signalling/peer.ts';
import type { FakeRoom } from '../support/signalling/fake-sfu.ts';

/** What the closing handshake takes. */
const CLOSING_MS = 100;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** The server's end of a socket without a network: time closes what is being closed. */
class FakeSocket implements Wire {
  readonly OPEN = OPEN;
  readonly bufferedAmount = 0;
  readyState: Wire['readyState'] = OPEN;
  readonly #closed: (code: number) => void;
  readonly #clock: Clock;

  constructor(clock: Clock, closed: (code: number) => void) {
    this.#clock = clock;
    this.#closed = closed;
  }

  /** The other side goes, as the server hears of it. */
  gone(code: number): void {
    if (this.readyState === CLOSED) return;
    this.readyState = CLOSED;
    this.#closed(code);
  }

  /** Whoever listens does so at the peer, which drops what a closed socket cannot take. */
  send(): void {
    return;
  }

  close(code = 1005): void {
    if (this.readyState !== OPEN) return;
    this.readyState = CLOSING;
    this.#clock.after(CLOSING_MS, () => this.gone(code));
  }

  terminate(): void {
    this.gone(1006);
  }
}

/** A reader as the server's answers told of it. */
export interface KnownReader {
  id: string;
  line: Line;
  channelId: string;
  prekeyId: string;
  knocked: boolean;
}

/** One room as it is known from the tickets, links and tokens that were given out, whatever the server believes. */
export interface KnownRoom {
  readonly id: string;
  readonly ticket: string;
  readonly joinKey: string;
  readonly joinHash: string;
  readonly tokens: string[];
  readonly readers: KnownReader[];
  /** The channels of each of its composers' connections, the present one last. */
  readonly seats: FakeRoom[];
  /** Who may act as its composer: the last who was answered with a token. */
  composer: Line | null;
  /** Whose ticket it is: null before it was used. */
  page: string | null;
  shared: Policy | null;
  /** Readers who were in already when fewer were allowed: they stay. */
  admittedBefore: number;
  over: EndReason | null;
  /** Over because nobody brought it back after a restart: there was no room left to end, and nobody is told at once. */
  forgotten: boolean;
}

/** What somebody sent, as far as it can be read. */
export interface Asked {
  message: ClientMessage | null;
  /** The answer has to carry it. */
  id: number | undefined;
  answers: number;
}

/** Hears of everything that a line does. */
interface Listener {
  begun(line: Line, asked: Asked): void;
  heard(line: Line, message: ServerMessage): void;
  answered(line: Line, asked: Asked, code: Refusal | null, data: unknown): void;
  done(line: Line, asked: Asked): void;
  fault(error: unknown): void;
}

/** Tells of all that it is to send, also when nobody can hear it any more: it shows what the server did. */
class HeardPeer extends Peer {
  readonly #hear: (message: ServerMessage) => void;

  constructor(wire: Wire, network: string, hear: (message: ServerMessage) => void) {
    super(wire, network);
    this.#hear = hear;
  }

  override send(message: ServerMessage): void {
    this.#hear(message);
    super.send(message);
  }
}

/** One socket, with its place in the queue of messages that the server keeps for each. */
export class Line {
  readonly name: string;
  readonly peer: Peer;
  /** The room that it proved to belong to. */
  inside: KnownRoom | null = null;
  /** It was seated as a room's composer. */
  seated = false;
  readonly readerIds: string[] = [];
  ended = false;
  /** What the server works on, and that it has heard of the socket's end. */
  working: Asked | null = null;
  goingAway = false;
  gone = false;
  readonly #socket: FakeSocket;
  readonly #listener: Listener;
  readonly #dispatcher: ReturnType<typeof createDispatcher>;
  #queue: Promise<void> = Promise.resolve();
  #ids = 0;

  constructor(name: string, clock: Clock, dispatcher: ReturnType<typeof createDispatcher>, listener: Listener) {
    this.name = name;
    this.#listener = listener;
    this.#dispatcher = dispatcher;
    this.#socket = new FakeSocket(clock, (code) => this.#then(() => this.#close(code)));
    this.peer = new HeardPeer(this.#socket, name, (message) => this.#hear(message));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
  }

  nextId(): number {
    this.#ids += 1;
    return this.#ids;
  }

  /** Sends a text, which the server reads when it has answered what came before. */
  send(text: string): void {
    if (this.peer.closing) return;
    const asked: Asked = { ...understood(text), answers: 0 };
    this.#then(async () => {
      this.working = asked;
      this.#listener.begun(this, asked);
      await this.peer.answering(async () => {
        await this.#dispatcher.dispatch(this.peer, text);
        this.#mustBeAnswered(asked);
        this.working = null;
      });
      this.#listener.done(this, asked);
    });
  }

  hangUp(code: number): void {
    this.#socket.gone(code);
  }

  #then(work: () => Promise<void> | void): void {
    this.#queue = this.#queue.then(work).catch((error: unknown) => this.#listener.fault(error));
  }

  #mustBeAnswered({ message, id, answers }: Asked): void {
    const said = `answers to "${message?.t ?? 'what cannot be read'}"`;
    if (message === null || id !== undefined) return expect(answers, said).toBe(1);
    expect(answers, said).toBeLessThanOrEqual(1);
  }

  async #close(code: number): Promise<void> {
    this.goingAway = code === CLOSE.goingAway;
    await this.#dispatcher.closed(this.peer, this.goingAway);
    this.goingAway = false;
    this.gone = true;
  }

  #hear(message: ServerMessage): void {
    try {
      if (message.t !== 'reply' && message.t !== 'refused') {
        return this.isOpen ? this.#listener.heard(this, message) : undefined;
      }
      const { working } = this;
      if (working === null) throw new Error(`"${message.t}" to nothing`);
      working.answers += 1;
      expect(message.id, `the answer to "${working.message?.t}"`).toBe(working.id);
      if (message.t === 'refused') expect(REFUSALS).toContain(message.code);
      const code = message.t === 'refused' ? message.code : null;
      this.#listener.answered(this, working, code, message.t === 'reply' ? message.data : undefined);
    } catch (error) {
      // Not thrown into the server, which would take it for its own.
      this.#listener.fault(error);
    }
  }
}

function understood(text: string): Omit<Asked, 'answers'> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { message: null, id: undefined };
  }
  const read = clientMessageSchema.safeParse(value);
  if (read.success) return { message: read.data, id: 'id' in read.data ? read.data.id : undefined };
  const id: unknown = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  return { message: null, id: typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : undefined };
}
