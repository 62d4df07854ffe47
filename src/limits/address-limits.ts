import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { LimitsConfig } from '../config/config.ts';
import { type ConcurrencyLimit, createConcurrencyLimit } from './concurrency.ts';
import { createRateCounter, type Excess, type RateCounter } from './rate-counter.ts';

const MINUTE = 60;
const WRONG_TRIES_SECONDS = 10 * MINUTE;
/** Joins of one room from one network in a minute: each takes a prekey, which the doctor's page makes anew. */
const ROOM_ENTRIES = 60;
/** Requests whose body has not come whole: each may hold as much memory as the largest body. */
const BODIES = 100;
/** All networks together may have this many times as many sockets and connections as one. */
const EVERYBODY = 5;
/** A network that asks for this many times what is allowed is not answered any more. */
const SHUT_OUT = 2;

/** What one network may ask for. Each function resolves to null if it may, or to what was asked for beyond the limit. */
export interface AddressLimits {
  /** An HTTP request, a new socket, or a message of an unauthenticated socket; `cost` is what it counts for, 1 or more. */
  request(network: string, cost?: number): Promise<Excess | null>;
  /** The request was signed by a chat platform, which calls from few addresses for all its people: it does not count. */
  signed(network: string, cost?: number): Promise<void>;
  /** Somebody wants to open, join or come back to a note; `roomId` is the room's where it is known. */
  entry(network: string, roomId: string | null): Promise<Excess | null>;
  /** A ticket, link or token was wrong. */
  wrong(network: string): Promise<Excess | null>;
  /** Signalling sockets. */
  readonly sockets: ConcurrencyLimit;
  /** How many of them may be unauthenticated. */
  readonly unauthenticated: number;
  /** TCP connections that are no signalling socket. */
  readonly connections: ConcurrencyLimit;
  /** Requests whose body is still coming. */
  readonly bodies: ConcurrencyLimit;
  /** Connections of everybody together. */
  readonly connectionsMax: number;
  /** Whether the network went on asking, far beyond its limit. */
  isShutOut(network: string): boolean;
}

export function createAddressLimits(limits: LimitsConfig, clock: Clock, log: Logger): AddressLimits {
  const requests = createRateCounter({ points: limits.requests, seconds: MINUTE });
  const entries = createRateCounter({ points: limits.entries, seconds: MINUTE });
  const roomEntries = createRateCounter({ points: ROOM_ENTRIES, seconds: MINUTE });
  const wrongTries = createRateCounter({ points: limits.wrongTries, seconds: WRONG_TRIES_SECONDS });
  const shutOut = new Set<string>();
  const quarter = Math.max(1, Math.floor(limits.sockets / 4));
  const sockets = { each: limits.sockets, total: limits.sockets * EVERYBODY };
  const connections = { each: quarter, total: quarter * EVERYBODY };

  /** The log has one line for each window, so that it is not flooded, and no address. */
  async function take(limit: string, counter: RateCounter, key: string, cost = 1): Promise<Excess | null> {
    const excess = await counter.take(key, cost);
    if (excess?.first === true) log.warn({ event: 'limited', limit, waitSeconds: excess.waitSeconds });
    return excess;
  }

  return {
    async request(network, cost) {
      const excess = await take('requests', requests, network, cost);
      if (excess === null || excess.times < SHUT_OUT || shutOut.has(network)) return excess;
      shutOut.add(network);
      clock.after(excess.waitSeconds * 1000, () => shutOut.delete(network));
      log.warn({ event: 'shut-out', waitSeconds: excess.waitSeconds });
      return excess;
    },
    signed: (network, cost) => requests.refund(network, cost),
    async entry(network, roomId) {
      const excess = await take('entries', entries, network);
      if (excess !== null || roomId === null) return excess;
      return take('room-entries', roomEntries, `${network} ${roomId}`);
    },
    wrong: (network) => take('wrong-tries', wrongTries, network),
    sockets: createConcurrencyLimit(sockets),
    unauthenticated: quarter,
    connections: createConcurrencyLimit(connections),
    bodies: createConcurrencyLimit({ each: BODIES, total: BODIES * EVERYBODY }),
    connectionsMax: sockets.total + connections.total,
    isShutOut: (network) => shutOut.has(network),
  };
}
