import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { LimitsConfig } from '../config/config.ts';
import { createPlaces, type Places } from './concurrency.ts';
import { type Counter, createCounter, type Excess } from './rate-counter.ts';

const MINUTE = 60;
const WRONG_TRIES_SECONDS = 10 * MINUTE;
/** Joins of one room from one network in a minute: each takes an offer, which the doctor's page makes anew. */
const ROOM_ENTRIES = 60;
/** Requests whose body has not come whole: each may hold as much memory as the largest body. */
const BODIES = 100;
/** Everybody together may have this many times as many sockets and connections as one network. */
const EVERYBODY = 5;
/** Whoever asks for so many times what is allowed is no longer answered. */
const SHUT_OUT = 2;

/** What one network may ask for. Each function gives null where it may, or by how much it asked for too much. */
export interface AddressLimits {
  /** An HTTP request, a new socket, or a message of a socket that nobody knows yet. */
  request(network: string): Promise<Excess | null>;
  /** A request that a chat platform has signed: a platform may ask as often as its people do. */
  signed(network: string): Promise<void>;
  /** Somebody wants to open, join or come back to a note; `roomId` is the room's where it is known. */
  entry(network: string, roomId: string | null): Promise<Excess | null>;
  /** A ticket, link or token was wrong. */
  wrong(network: string): Promise<Excess | null>;
  /** Signalling sockets. */
  readonly sockets: Places;
  /** How many of them may be of nobody yet. */
  readonly unauthenticated: number;
  /** TCP connections that are no signalling socket. */
  readonly connections: Places;
  /** Requests whose body is still coming. */
  readonly bodies: Places;
  /** Connections of everybody together. */
  readonly connectionsMax: number;
  /** Whether the network goes on and on although it was told to wait. */
  isShutOut(network: string): boolean;
}

export function createAddressLimits(limits: LimitsConfig, clock: Clock, log: Logger): AddressLimits {
  const requests = createCounter({ points: limits.requests, seconds: MINUTE });
  const entries = createCounter({ points: limits.entries, seconds: MINUTE });
  const roomEntries = createCounter({ points: ROOM_ENTRIES, seconds: MINUTE });
  const wrongTries = createCounter({ points: limits.wrongTries, seconds: WRONG_TRIES_SECONDS });
  const shutOut = new Set<string>();
  const quarter = Math.max(1, Math.floor(limits.sockets / 4));
  const sockets = { each: limits.sockets, total: limits.sockets * EVERYBODY };
  const connections = { each: quarter, total: quarter * EVERYBODY };

  /** The log has one line for each window: it must not be flooded, and an address is nobody's business there. */
  async function take(limit: string, counter: Counter, key: string): Promise<Excess | null> {
    const excess = await counter.take(key);
    if (excess?.first === true) log.warn({ event: 'limited', limit, waitSeconds: excess.waitSeconds });
    return excess;
  }

  return {
    async request(network) {
      const excess = await take('requests', requests, network);
      if (excess === null || excess.times < SHUT_OUT || shutOut.has(network)) return excess;
      shutOut.add(network);
      clock.after(excess.waitSeconds * 1000, () => shutOut.delete(network));
      log.warn({ event: 'shut-out', waitSeconds: excess.waitSeconds });
      return excess;
    },
    signed: (network) => requests.giveBack(network),
    async entry(network, roomId) {
      const excess = await take('entries', entries, network);
      if (excess !== null || roomId === null) return excess;
      return take('room-entries', roomEntries, `${network} ${roomId}`);
    },
    wrong: (network) => take('wrong-tries', wrongTries, network),
    sockets: createPlaces(sockets),
    unauthenticated: quarter,
    connections: createPlaces(connections),
    bodies: createPlaces({ each: BODIES, total: BODIES * EVERYBODY }),
    connectionsMax: sockets.total + connections.total,
    isShutOut: (network) => shutOut.has(network),
  };
}
