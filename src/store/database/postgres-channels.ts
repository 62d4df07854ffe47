import { Socket } from 'node:net';
import pg from 'pg';
import type { Clock, Timer } from '../../clock.ts';
import type { PostgresConfig } from '../../config/postgres-url.ts';
import { StoreError } from '../errors.ts';
import { connectionTo } from './postgres-database.ts';
import { asPostgresError, silentPostgres } from './postgres-errors.ts';
import { within } from './postgres-pool.ts';

const CONNECT_MS = 5_000;
/** A connection on which nothing was answered for so long is cut. */
const SILENCE_MS = 2_000;
const KEEP_ALIVE_MS = 5_000;
/** How long it waits until it connects again: twice as long after each time that it could not. */
const RETRY_MS = { first: 100, longest: 2_000 };

/** Runs a statement and gives its rows. Rejects with a StoreError. */
export type Query = (text: string, values?: readonly unknown[]) => Promise<unknown[]>;

/** What is done with a connection that listens. */
export interface Listening {
  readonly postgres: PostgresConfig;
  readonly clock: Clock;
  /** Names in lower-case letters, digits and `_`. */
  readonly channels: readonly string[];
  /** Runs with each new connection, which already listens, before anybody else may use it. */
  onOpen(query: Query): Promise<void>;
  onNotification(channel: string, payload: string): void;
  /** There is a connection again; notifications may have been missed. */
  onBack(): void;
  /** The connection broke; another one is being made. */
  onLost(): void;
}

interface Live {
  readonly query: Query;
  cut(): void;
}

/**
 * A connection to PostgreSQL that listens on channels (NOTIFY), and connects again by itself. Its statements run one after the
 * other, in the order in which they were given.
 */
export class PostgresChannels {
  readonly #listening: Listening;
  #live: Live | null = null;
  #retry: Timer | null = null;
  #retryMs = RETRY_MS.first;
  #closed = false;

  constructor(listening: Listening) {
    this.#listening = listening;
  }

  /** Connects for the first time. Rejects with a StoreError when that is not possible, or with what `onOpen` rejects with. */
  async open(): Promise<void> {
    await this.#connect();
  }

  get isOpen(): boolean {
    return this.#live !== null;
  }

  /** Rejects with a StoreError, at once while there is no connection. */
  query(text: string, values: readonly unknown[] = []): Promise<unknown[]> {
    if (this.#live === null) return Promise.reject(silentPostgres());
    return this.#live.query(text, values);
  }

  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
    this.#live?.cut();
  }

  async #connect(): Promise<void> {
    const { postgres, channels, onOpen, onNotification } = this.#listening;
    // Its own, so that it can be cut without waiting for anything more to be sent.
    const socket = new Socket();
    const client = new pg.Client({
      ...connectionTo(postgres),
      stream: () => socket,
      application_name: 'glir',
      connectionTimeoutMillis: CONNECT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    });
    const query = queryOn(client, () => socket.destroy());
    const live: Live = { query, cut: () => socket.destroy() };
    // Its end tells; without a listener the process would end.
    client.on('error', () => socket.destroy());
    client.on('notification', ({ channel, payload }) => onNotification(channel, payload ?? ''));
    client.on('end', () => this.#ended(live));
    try {
      await connected(client);
      // What nodes tell each other is of no use after a crash, and would otherwise wait for the disk.
      await query('SET synchronous_commit = off');
      for (const channel of channels) await query(`LISTEN ${channel}`);
      await onOpen(query);
    } catch (error) {
      socket.destroy();
      throw error;
    }
    if (this.#closed || socket.destroyed) {
      socket.destroy();
      throw silentPostgres();
    }
    this.#retryMs = RETRY_MS.first;
    this.#live = live;
  }

  #ended(live: Live): void {
    if (this.#live !== live) return;
    this.#live = null;
    if (this.#closed) return;
    this.#listening.onLost();
    this.#again();
  }

  #again(): void {
    if (this.#closed) return;
    const ms = this.#retryMs;
    this.#retryMs = Math.min(2 * ms, RETRY_MS.longest);
    this.#retry = this.#listening.clock.after(ms, () => void this.#reconnect());
  }

  async #reconnect(): Promise<void> {
    try {
      await this.#connect();
    } catch {
      return this.#again();
    }
    this.#listening.onBack();
  }
}

async function connected(client: pg.Client): Promise<void> {
  try {
    await client.connect();
  } catch (error) {
    throw asPostgresError(error);
  }
}

function queryOn(client: pg.Client, cut: () => void): Query {
  return async (text, values = []) => {
    try {
      const { rows } = await within(SILENCE_MS, client.query<Record<string, unknown>>(text, [...values]));
      return rows;
    } catch (error) {
      if (error instanceof StoreError) cut();
      throw asPostgresError(error);
    }
  };
}
