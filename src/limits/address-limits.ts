import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { LimitsConfig } from '../config/config.ts';
import { prefixesOf } from './client-network.ts';
import { type ConcurrencyLimit, createConcurrencyLimit } from './concurrency.ts';
import { createNestedRate, type NestedExcess, type NestedRate } from './nested-rate.ts';
import type { Excess } from './rate-counter.ts';

const MINUTE = 60;
const WRONG_TRIES_SECONDS = 10 * MINUTE;
/** Joins of one room from one network in a minute: each takes a prekey, which the doctor's page makes anew. */
const ROOM_ENTRIES = 60;
/** Requests whose body has not come whole: each may hold as much memory as the largest body. */
const BODIES = 100;
/** All networks together may have this many times as many sockets and connections as one. */
const EVERYBODY = 5;
/** Of those, what readers may have: the rest is left for doctors. */
const READERS = 4;
/** A network that asks for this many times what is allowed is not answered any more. */
const SHUT_OUT = 2;
/** Networks that belong to one household or organisation: wider ones are never shut out. */
const SHUT_OUT_SHARE = 2;
/** How often the log says at most that a limit is reached. */
const LOG_MS = MINUTE * 1000;

/**
 * What one network may ask for, and the wider networks that it is part of. Each function resolves to null if it may, or to
 * what was asked for beyond the limit.
 */
export interface AddressLimits {
  /** An HTTP request, a new socket, or a message of an unauthenticated socket; `cost` is what it counts for, 1 or more. */
  request(network: string, cost?: number): Promise<Excess | null>;
  /** The request was signed by a chat platform, which calls from few addresses for all its people: it does not count. */
  signed(network: string, cost?: number): Promise<void>;
  /** Somebody wants to open, join or come back to a note; `roomId` is the room's where it is known. */
  entry(network: string, roomId: string | null): Promise<Excess | null>;
  /** A ticket, link or token was wrong. */
  wrong(network: string): Promise<Excess | null>;
  /** Signalling sockets of doctors and readers. */
  readonly sockets: ConcurrencyLimit;
  /** How many of them may be readers'. */
  readonly readers: ConcurrencyLimit;
  /** Signalling sockets that have shown nothing yet: few places of their own, which newcomers of other networks get. */
  readonly unauthenticated: ConcurrencyLimit;
  /** TCP connections that are no signalling socket. */
  readonly connections: ConcurrencyLimit;
  /** Requests whose body is still coming. */
  readonly bodies: ConcurrencyLimit;
  /** Connections of everybody together. */
  readonly connectionsMax: number;
  /** Whether the network went on asking, far beyond its limit. */
  isShutOut(network: string): boolean;
}

/** @param onExcess hears of everything beyond a limit, with the limit's name */
export function createAddressLimits(
  limits: LimitsConfig,
  clock: Clock,
  log: Logger,
  onExcess: (limit: string) => void = () => undefined,
): AddressLimits {
  const requests = createNestedRate({ points: limits.requests, seconds: MINUTE });
  const entries = createNestedRate({ points: limits.entries, seconds: MINUTE });
  const roomEntries = createNestedRate({ points: ROOM_ENTRIES, seconds: MINUTE });
  const wrongTries = createNestedRate({ points: limits.wrongTries, seconds: WRONG_TRIES_SECONDS });
  const shutOut = new Set<string>();
  const loggedAt = new Map<string, number>();
  const each = limits.sockets;
  const quarter = Math.max(1, Math.floor(each / 4));
  const connections = { each: quarter, total: quarter * EVERYBODY };

  /** The log has one line a minute for each limit, however many networks reach it, and no address. */
  function logOnce(limit: string, line: Record<string, unknown>): void {
    const last = loggedAt.get(limit) ?? Number.NEGATIVE_INFINITY;
    if (clock.uptime() - last < LOG_MS) return;
    loggedAt.set(limit, clock.uptime());
    log.warn(line);
  }

  async function take(
    limit: string,
    counter: NestedRate,
    network: string,
    options?: { cost?: number; of?: string },
  ): Promise<NestedExcess | null> {
    const excess = await counter.take(network, options);
    if (excess !== null) onExcess(limit);
    if (excess?.first === true) logOnce(limit, { event: 'limited', limit, waitSeconds: excess.waitSeconds });
    return excess;
  }

  function onFull(limit: string): void {
    onExcess(limit);
    logOnce(limit, { event: 'crowded', limit });
  }

  function atOnce(limit: string, options: { each: number; total: number; evicts?: boolean }): ConcurrencyLimit {
    return createConcurrencyLimit({ ...options, onFull: () => onFull(limit) });
  }

  return {
    async request(network, cost = 1) {
      const excess = await take('requests', requests, network, { cost });
      if (excess === null || excess.times < SHUT_OUT || excess.prefix.share > SHUT_OUT_SHARE) return excess;
      const { key } = excess.prefix;
      if (shutOut.has(key)) return excess;
      shutOut.add(key);
      clock.after(excess.waitSeconds * 1000, () => shutOut.delete(key));
      logOnce('shut-out', { event: 'shut-out', waitSeconds: excess.waitSeconds });
      return excess;
    },
    signed: (network, cost) => requests.refund(network, cost),
    async entry(network, roomId) {
      const excess = await take('entries', entries, network);
      if (excess !== null || roomId === null) return excess;
      return take('room-entries', roomEntries, network, { of: roomId });
    },
    wrong: (network) => take('wrong-tries', wrongTries, network),
    sockets: atOnce('sockets', { each, total: each * EVERYBODY }),
    readers: atOnce('readers', { each, total: each * READERS }),
    unauthenticated: atOnce('unauthenticated', { each: quarter, total: quarter, evicts: true }),
    connections: atOnce('connections', { ...connections, evicts: true }),
    bodies: atOnce('bodies', { each: BODIES, total: BODIES * EVERYBODY, evicts: true }),
    connectionsMax: each * EVERYBODY + quarter + connections.total,
    isShutOut: (network) => shutOut.size > 0 && prefixesOf(network).some(({ key }) => shutOut.has(key)),
  };
}
