import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { PostgresConfig } from '../config/postgres-url.ts';
import type { Secret } from '../config/secret.ts';
import { PostgresChannels, type Query } from '../store/database/postgres-channels.ts';
import { keyFor } from './cluster-keys.ts';
import type { DatabaseTime } from './database-time.ts';
import { MESSAGE_MS, MessageSeal, type NodeMessage, type Opened } from './node-messages.ts';

const ALL = 'glir_all';
/** What a notification carries at most (PostgreSQL's manual, NOTIFY), with a little to spare. */
const PAYLOAD_BYTES = 7_900;
/** Messages in one statement, and those that may wait. */
const BATCH = 64;
const WAITING_MAX = 10_000;
/** How long the end waits for what was said last. */
const LAST_WORDS_MS = 1_000;
const DROPPED_AGAIN_MS = 60_000;
const CLOCKS_DIFFER_MS = 5_000;
const CLOCK_AGAIN_MS = 60 * 60 * 1000;

const timeRows = z.tuple([z.object({ now: z.coerce.number() })]);
const idRows = z.tuple([z.object({ id: z.coerce.number().int() })]);
const messageRows = z.tuple([z.object({ message: z.instanceof(Uint8Array) })]);

/** What a node hears. */
export interface Hearing {
  /** Another node said this, so many milliseconds ago. */
  onMessage(from: string, message: NodeMessage, agoMs: number): void;
  /** What others say from now on is not heard, and nothing can be said. */
  onLost(): void;
  /** Something that others said may have been missed; the connection is there. */
  onGap(): void;
}

/**
 * Says messages to other nodes, and hears theirs, through PostgreSQL's notifications: in the order in which each node said
 * them. A message that is too large for a notification waits in a row of `node_messages`.
 */
export class NodeChannel {
  readonly #run: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #hearing: Hearing;
  readonly #time: DatabaseTime;
  readonly #seal: MessageSeal;
  readonly #channels: PostgresChannels;
  #waiting: { channel: string; message: NodeMessage }[] = [];
  #sending: Promise<void> | null = null;
  /** An event may not have reached the others. */
  #hasLostEvents = false;
  /** What arrives, one after the other. */
  #inbox: Promise<void> = Promise.resolve();
  #dropped = { count: 0, toldAt: Number.NEGATIVE_INFINITY };
  #clockToldAt = Number.NEGATIVE_INFINITY;
  #isOpened = false;

  constructor(
    parts: { run: string; key: Secret; postgres: PostgresConfig; time: DatabaseTime; clock: Clock; log: Logger },
    hearing: Hearing,
  ) {
    const { run, key, postgres, time, clock, log } = parts;
    this.#run = run;
    this.#clock = clock;
    this.#log = log;
    this.#hearing = hearing;
    this.#time = time;
    this.#seal = new MessageSeal({ key: keyFor('messages', key), run, now: () => time.now() });
    this.#channels = new PostgresChannels({
      postgres,
      clock,
      channels: [ALL, channelOf(run)],
      onOpen: (query) => this.#compareClocks(query),
      onNotification: (channel, payload) => this.#arrived(channel, payload),
      onLost: () => this.#lost(),
      onBack: () => this.#back(),
    });
  }

  /**
   * Connects. Rejects with a StoreError when that is not possible, and with an Error that says what to set when this machine's
   * clock is not the database's.
   */
  async open(): Promise<void> {
    await this.#channels.open();
    this.#seal.start();
    this.#isOpened = true;
  }

  get isOpen(): boolean {
    return this.#channels.isOpen;
  }

  /** Says a message to the node of a run, or to all others. While there is no connection, nobody hears it. */
  say(to: string | 'others', message: NodeMessage): void {
    if (!this.isOpen || this.#waiting.length >= WAITING_MAX) {
      if (message.kind === 'event') this.#hasLostEvents = true;
      return;
    }
    this.#waiting.push({ channel: to === 'others' ? ALL : channelOf(to), message });
    this.#sending ??= this.#sendAll();
  }

  /** Makes sure of the connection, the clocks, and that others know when they missed something. Never rejects. */
  async probe(): Promise<void> {
    this.#seal.forget();
    if (!this.isOpen) return;
    // It cuts a connection that does not answer.
    await this.#compareClocks((text, values) => this.#channels.query(text, values)).catch(() => undefined);
    this.#sayWhatWasLost();
  }

  /** Says what waits to be said, and ends. */
  async close(): Promise<void> {
    const { promise: isLate, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.after(LAST_WORDS_MS, resolve);
    await Promise.race([this.#sending, isLate]);
    timer.cancel();
    this.#channels.close();
  }

  async #sendAll(): Promise<void> {
    try {
      while (this.#waiting.length > 0) await this.#sendSome(this.#waiting.splice(0, BATCH));
    } catch (error) {
      this.#waiting = [];
      this.#hasLostEvents = true;
      this.#warn('node-message-not-sent', error);
    } finally {
      this.#sending = null;
    }
  }

  async #sendSome(messages: readonly { channel: string; message: NodeMessage }[]): Promise<void> {
    const payloads: string[] = [];
    for (const { channel, message } of messages) {
      const payload = this.#seal.seal(channel, message);
      payloads.push(payload.length <= PAYLOAD_BYTES ? payload : await this.#store(channel, message));
    }
    await this.#channels.query(
      'SELECT pg_notify(channel, payload) FROM unnest($1::text[], $2::text[]) AS said(channel, payload)',
      [messages.map(({ channel }) => channel), payloads],
    );
  }

  /** Puts a large message into a row; gives the notification of it. */
  async #store(channel: string, message: NodeMessage): Promise<string> {
    const { stored, notification } = this.#seal.sealStored(channel, message);
    const rows = await this.#channels.query(
      `INSERT INTO node_messages (message, until)
       VALUES ($1, (extract(epoch from clock_timestamp()) * 1000)::bigint + ${MESSAGE_MS}) RETURNING id`,
      [Buffer.from(stored)],
    );
    return notification(idRows.parse(rows)[0].id);
  }

  #arrived(channel: string, payload: string): void {
    const opened = this.#seal.open(channel, payload);
    if (opened === null) return this.#drop();
    if (opened.from === this.#run || !this.#isOpened) return;
    this.#inbox = this.#inbox.then(() => this.#read(channel, opened));
  }

  /** Never rejects. */
  async #read(channel: string, opened: Opened): Promise<void> {
    try {
      const message = 'message' in opened ? opened.message : await this.#fetch(channel, opened);
      if (message === null) {
        this.#drop();
        // Another node did say something.
        return this.#hearing.onGap();
      }
      this.#hearing.onMessage(opened.from, message, this.#time.now() - opened.at);
    } catch (error) {
      this.#warn('node-message-not-read', error);
      if (this.isOpen) this.#hearing.onGap();
    }
  }

  async #fetch(channel: string, opened: Opened & { row: number }): Promise<NodeMessage | null> {
    const rows = await this.#channels.query('SELECT message FROM node_messages WHERE id = $1', [opened.row]);
    const found = messageRows.safeParse(rows);
    if (!found.success) return null;
    return this.#seal.openStored(channel, opened, Buffer.from(found.data[0].message).toString());
  }

  /** Somebody else sent something, or it was sent again, or too late. */
  #drop(): void {
    this.#dropped.count += 1;
    const now = this.#clock.uptime();
    if (now - this.#dropped.toldAt < DROPPED_AGAIN_MS) return;
    this.#log.warn({ event: 'node-message-dropped', count: this.#dropped.count });
    this.#dropped = { count: 0, toldAt: now };
  }

  #lost(): void {
    this.#log.warn({ event: 'nodes-disconnected' });
    if (this.#waiting.length > 0) this.#hasLostEvents = true;
    this.#waiting = [];
    this.#hearing.onLost();
  }

  #back(): void {
    this.#log.info({ event: 'nodes-connected' });
    this.#sayWhatWasLost();
    this.#hearing.onGap();
  }

  #sayWhatWasLost(): void {
    if (!this.#hasLostEvents || !this.isOpen) return;
    this.#hasLostEvents = false;
    this.say('others', { kind: 'gap' });
  }

  async #compareClocks(query: Query): Promise<void> {
    const ahead = await this.#time.measure(async () => {
      const rows = await query('SELECT extract(epoch from clock_timestamp()) * 1000 AS now');
      return timeRows.parse(rows)[0].now;
    });
    if (Math.abs(ahead) <= CLOCKS_DIFFER_MS) return;
    const seconds = Math.round(Math.abs(ahead) / 1000);
    if (!this.#isOpened) {
      throw new Error(
        `This machine's clock is ${seconds} s ${ahead > 0 ? 'ahead of' : 'behind'} PostgreSQL's. Set both by NTP (such as timedatectl set-ntp true), and start GLIR again.`,
      );
    }
    const now = this.#clock.uptime();
    if (now - this.#clockToldAt < CLOCK_AGAIN_MS) return;
    this.#clockToldAt = now;
    this.#log.warn({ event: 'clock-differs', seconds: Math.sign(ahead) * seconds });
  }

  #warn(event: string, error: unknown): void {
    this.#log.warn({ event, error: error instanceof Error ? error.message : typeof error });
  }
}

/** Where one node alone is spoken to. */
function channelOf(run: string): string {
  return `glir_${createHash('sha256').update(run).digest('hex').slice(0, 32)}`;
}
