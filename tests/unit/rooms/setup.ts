import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { Refused } from '../../../src/protocol/errors.ts';
import type { Policy } from '../../../src/protocol/messages.ts';
import { createOwnerTokens } from '../../../src/rooms/owner-tokens.ts';
import type { Doctor } from '../../../src/rooms/room.ts';
import { Registry, type RoomRepository, type Voucher } from '../../../src/rooms/room-persistence.ts';
import { type RoomEvent, RoomService } from '../../../src/rooms/room-service.ts';
import { createTickets } from '../../../src/rooms/tickets.ts';
import { migrate } from '../../../src/store/sqlite/migrations.ts';
import { type SqliteRegistry, sqliteRegistry } from '../../../src/store/sqlite/registry.ts';
import { type MovableClock, standingClock } from '../../support/server/movable-clock.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const POLICY: Policy = { expirySeconds: 1_800, admission: 'ask', maxReaders: 3, showName: true };
export const ROSSI: Doctor = { platform: 'slack', tenant: 'T1', user: 'U1', displayName: 'Dr Anna Rossi' };
/** SHA-256 of a join key, as far as the rules are concerned. */
export const JOIN_HASH = 'h'.repeat(43);

/** The rules of rooms on a clock that stands still, with every event and the number of running timers. */
export interface Practice {
  rooms: RoomService;
  registry: Registry;
  disk: Disk;
  clock: MovableClock;
  events: RoomEvent[];
  /** What listeners threw. */
  faults: unknown[];
  /** Kinds of the events, with the reason of an end: `opened`, `ended lost`. */
  told(): string[];
  timers(): number;
  /** A draft whose composer is there. */
  composed(): { roomId: string; ownerToken: string; ticket: string };
  /** An open room. */
  open(policy?: Partial<Policy>): { roomId: string; ownerToken: string; ticket: string };
  /** The same practice after a restart of its server: nothing is left but the disk and the key. */
  restarted(changes?: { expiryMaxSeconds?: number }): Practice;
  /** What the store does every hour. */
  housekeeping(): void;
}

/** What outlives a server. While it is `broken` nothing can be written to it or read from it. */
export interface Disk {
  broken: boolean;
  /** Also that nothing can be deleted on it. */
  dead: boolean;
  vouched: boolean;
  /** As a server that starts finds it. */
  registry(): SqliteRegistry;
  voucher: Voucher;
}

export function disk(): Disk {
  const db = new DatabaseSync(':memory:');
  migrate(db);
  const whole = (): void => {
    if (made.broken) throw new Error('disk full');
  };
  const made: Disk = {
    broken: false,
    dead: false,
    vouched: false,
    registry: () => onDisk(sqliteRegistry(db), whole),
    voucher: {
      withdraw() {
        if (made.dead) throw new Error('read-only');
        made.vouched = false;
      },
      restore() {
        whole();
        made.vouched = true;
      },
    },
  };
  return made;
}

function onDisk(registry: SqliteRegistry, whole: () => void): SqliteRegistry {
  const first =
    <Given extends unknown[], Result>(work: (...given: Given) => Result) =>
    (...given: Given): Result => {
      whole();
      return work(...given);
    };
  const { share, awaited, bury, tombstone, buryAwaited, check, purge } = registry;
  const durable: RoomRepository = {
    share: first(share),
    awaited: first(awaited),
    bury: first(bury),
    tombstone: first(tombstone),
    buryAwaited: first(buryAwaited),
    check: first(check),
  };
  return { ...durable, purge };
}

interface Start {
  expiryMaxSeconds?: number;
  key?: Uint8Array;
  kept?: Disk;
  time?: MovableClock;
}

export function practice({
  expiryMaxSeconds = 86_400,
  key = new Uint8Array(32).fill(7),
  kept = disk(),
  time = standingClock(),
}: Start = {}): Practice {
  const { clock, timers } = counted(time);
  const registry = new Registry({
    durable: kept.registry(),
    voucher: kept.voucher,
    clock,
    log: pino({ level: 'silent' }),
  });
  registry.open();
  const faults: unknown[] = [];
  const rooms = new RoomService({
    clock,
    registry,
    tickets: createTickets(clock),
    ownerTokens: createOwnerTokens(key),
    defaults: { policy: POLICY, expiryMaxSeconds },
    fault: (error) => faults.push(error),
  });
  const events: RoomEvent[] = [];
  rooms.onEvent((event) => events.push(event));

  function composed() {
    const { room, ticket } = rooms.draft(ROSSI);
    const { ownerToken } = rooms.redeem(ticket, () => false);
    return { roomId: room.id, ownerToken, ticket };
  }

  return {
    rooms,
    registry,
    disk: kept,
    clock,
    events,
    faults,
    told: () => events.map((event) => (event.kind === 'ended' ? `ended ${event.tombstone.reason}` : event.kind)),
    timers,
    composed,
    open(policy = {}) {
      const { roomId, ticket } = composed();
      const { ownerToken } = rooms.open(roomId, JOIN_HASH, { ...POLICY, ...policy });
      return { roomId, ownerToken, ticket };
    },
    housekeeping: () => kept.registry().purge(clock.now()),
    restarted({ expiryMaxSeconds: most = expiryMaxSeconds } = {}) {
      rooms.close();
      registry.close();
      const next = practice({ expiryMaxSeconds: most, key, kept, time });
      next.rooms.start();
      return next;
    },
  };
}

/** The code that `act` is refused with. */
export function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
  return 'not refused';
}

function counted(clock: MovableClock): { clock: MovableClock; timers(): number } {
  const running = new Set<() => void>();
  return {
    timers: () => running.size,
    clock: {
      ...clock,
      after(ms, run) {
        const fire = () => {
          running.delete(fire);
          run();
        };
        running.add(fire);
        const timer = clock.after(ms, fire);
        return {
          cancel() {
            running.delete(fire);
            timer.cancel();
          },
        };
      },
    },
  };
}
