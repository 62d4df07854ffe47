import { pino } from 'pino';
import type { Clock } from '../../../src/clock.ts';
import { Refused } from '../../../src/protocol/errors.ts';
import type { Policy } from '../../../src/protocol/messages.ts';
import { createOwnerTokens } from '../../../src/rooms/owner-tokens.ts';
import type { Doctor, Room } from '../../../src/rooms/room.ts';
import { RoomPersistence } from '../../../src/rooms/room-persistence.ts';
import type { AbsentEnd } from '../../../src/rooms/room-repository.ts';
import { type RoomEvent, RoomService } from '../../../src/rooms/room-service.ts';
import { createRoomRepository, type StoredRooms } from '../../../src/store/room-repository.ts';
import { type MovableClock, standingClock } from '../../support/server/movable-clock.ts';
import { memoryDatabase } from '../store/memory-database.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

export const POLICY: Policy = { expirySeconds: 1_800, admission: 'ask', maxReaders: 3, showName: true };
export const ROSSI: Doctor = { platform: 'slack', tenant: 'T1', user: 'U1', displayName: 'Dr Anna Rossi' };
/** SHA-256 of a join key, as far as the rules are concerned. */
export const JOIN_HASH = 'h'.repeat(43);

/** The rules of rooms on a clock that stands still, with every event and the number of running timers. */
export interface Practice {
  /** Its run, as the store knows it. */
  run: string;
  rooms: RoomService;
  persistence: RoomPersistence;
  disk: Disk;
  clock: MovableClock;
  events: RoomEvent[];
  /** What listeners threw. */
  listenerErrors: unknown[];
  /** Rooms of earlier runs that ended while no server had them. */
  absentEnds: AbsentEnd[];
  /** Kinds of the events, with the reason of an end: `opened`, `ended lost`. */
  emitted(): string[];
  /** Timers of the rooms. */
  timers(): number;
  /** A draft whose composer is there. */
  composed(): Promise<{ roomId: string; ownerToken: string; ticket: string }>;
  /** An open room. */
  open(policy?: Partial<Policy>): Promise<{ roomId: string; ownerToken: string; ticket: string }>;
  /** The same practice after its server was stopped and started again: nothing is left but the disk and the key. */
  restarted(changes?: Away): Promise<Practice>;
  /** The same after its server died without another word. */
  crashed(changes?: Away): Promise<Practice>;
  /** Another node on the same disk, with the same key and the same clock. */
  sibling(changes?: Node): Promise<Practice>;
  /** Its process stands still: what is due waits until it wakes. */
  freeze(): void;
  wake(): void;
  /** Whether it cannot reach the disk, which others can. */
  cutOff(isCut: boolean): void;
  /** What the store does every hour. */
  housekeeping(): Promise<void>;
}

/** What happens while a server is away. */
interface Away {
  expiryMaxSeconds?: number;
  /** Milliseconds. */
  awayMs?: number;
  clockSetBy?: number;
  /** The machine was started anew as well. */
  rebooted?: boolean;
}

/** What a node believes of the others. */
interface Node {
  /** Whether the server of another run serves nobody any more. */
  isGone?: (run: string) => boolean;
  settleMs?: number;
  beforeDraft?: (room: Room) => Promise<void>;
}

/** What outlives a server. While it is `broken` nothing can be written to it or read from it. */
export interface Disk {
  broken: boolean;
  /** For one run of a server. */
  repository(): StoredRooms;
  /** Makes a copy of the rooms that are open; what it gives puts them back. */
  backup(): Promise<() => Promise<void>>;
}

export async function disk(): Promise<Disk> {
  const db = await memoryDatabase();
  const disk: Disk = {
    broken: false,
    repository: () => breakable(createRoomRepository(db), () => disk.broken),
    async backup() {
      const rows = await db.selectFrom('rooms').selectAll().execute();
      return async () => {
        for (const row of rows) {
          await db.deleteFrom('tombstones').where('room', '=', row.room).execute();
          await db
            .insertInto('rooms')
            .values(row)
            .onConflict((conflict) => conflict.doNothing())
            .execute();
        }
      };
    },
  };
  return disk;
}

function breakable(repository: StoredRooms, isBroken: () => boolean): StoredRooms {
  return new Proxy(repository, {
    get(target, name, receiver) {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function' || name === 'purge') return member;
      return (...args: unknown[]) => (isBroken() ? Promise.reject(new Error('disk full')) : member(...args));
    },
  });
}

interface Start extends Node {
  expiryMaxSeconds?: number;
  key?: Uint8Array;
  kept?: Disk;
  time?: MovableClock;
  /** Which start of the machine it is. */
  boot?: string;
}

export async function practice({
  expiryMaxSeconds = 86_400,
  key = new Uint8Array(32).fill(7),
  kept,
  time = standingClock(),
  boot = 'first boot',
  isGone = () => true,
  settleMs = 0,
  beforeDraft,
}: Start = {}): Promise<Practice> {
  const onDisk = kept ?? (await disk());
  const life: Life = { isOver: false, isCut: false, held: null };
  const { clock, timers } = counted(time, life);
  const bootTime = () => ({ boot, ms: time.uptime() });
  const repository = breakable(onDisk.repository(), () => life.isCut);
  const absentEnds: AbsentEnd[] = [];
  const persistence = new RoomPersistence({
    repository,
    clock: mortal(time, life),
    bootTime,
    log: pino({ level: 'silent' }),
    isGone: (run) => Promise.resolve(isGone(run)),
    settleMs,
  });
  await persistence.open();
  const listenerErrors: unknown[] = [];
  const rooms = new RoomService({
    clock,
    persistence,
    ownerTokens: createOwnerTokens(key),
    defaults: { policy: POLICY, expiryMaxSeconds },
    ...(beforeDraft === undefined ? {} : { beforeDraft }),
    onListenerError: (error) => listenerErrors.push(error),
  });
  const events: RoomEvent[] = [];
  rooms.onEvent((event) => events.push(event));
  rooms.onAbsentEnds((ends) => absentEnds.push(...ends));

  async function composed() {
    const { room, ticket } = await rooms.draft(ROSSI);
    const { ownerToken } = await rooms.redeem(ticket, () => false);
    return { roomId: room.id, ownerToken, ticket };
  }

  async function next({
    expiryMaxSeconds: most = expiryMaxSeconds,
    awayMs = 0,
    clockSetBy = 0,
    rebooted = false,
  }: Away): Promise<Practice> {
    time.advance(awayMs);
    time.set(clockSetBy);
    const started = await practice({
      expiryMaxSeconds: most,
      key,
      kept: onDisk,
      time,
      boot: rebooted ? `${boot} again` : boot,
    });
    await started.rooms.start();
    return started;
  }

  return {
    run: repository.run,
    rooms,
    persistence,
    disk: onDisk,
    clock,
    events,
    listenerErrors,
    absentEnds,
    emitted: () => events.map((event) => (event.kind === 'ended' ? `ended ${event.tombstone.reason}` : event.kind)),
    timers,
    composed,
    async open(policy = {}) {
      const { roomId, ticket } = await composed();
      const { ownerToken } = await rooms.open(roomId, JOIN_HASH, { ...POLICY, ...policy });
      return { roomId, ownerToken, ticket };
    },
    sibling: (changes = {}) => practice({ expiryMaxSeconds, key, kept: onDisk, time, boot, ...changes }),
    freeze() {
      life.held = [];
    },
    wake() {
      const due = life.held ?? [];
      life.held = null;
      for (const run of due) run();
    },
    cutOff(isCut) {
      life.isCut = isCut;
    },
    housekeeping: () => repository.purge(clock.now()),
    async restarted(changes = {}) {
      await rooms.close();
      await persistence.close();
      return next(changes);
    },
    crashed(changes = {}) {
      life.isOver = true;
      return next(changes);
    },
  };
}

/** Moves time on and lets everything be done that is due, as far as it waits for nothing but its turn. */
export async function pass(clock: Pick<MovableClock, 'advance'>, ms: number): Promise<void> {
  clock.advance(ms);
  await settled();
}

/** Until everything is done that waits for nothing but its turn. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The code that `act` is refused with. */
export async function refusalOf(act: () => unknown): Promise<string> {
  try {
    await act();
  } catch (error) {
    if (error instanceof Refused) return error.code;
    throw error;
  }
  return 'not refused';
}

/** A process: whether it is over, reaches the disk, and what is due while it stands still. */
interface Life {
  isOver: boolean;
  isCut: boolean;
  held: (() => void)[] | null;
}

/** A clock whose timers do nothing any more once its process is gone, and wait while it stands still. */
function mortal(clock: MovableClock, life: Life): Clock {
  return {
    ...clock,
    after(ms, run) {
      let isCancelled = false;
      const fire = (): void => {
        if (life.isOver || isCancelled) return;
        if (life.held === null) run();
        else life.held.push(fire);
      };
      const timer = clock.after(ms, fire);
      return {
        cancel() {
          isCancelled = true;
          timer.cancel();
        },
      };
    },
  };
}

function counted(time: MovableClock, life: Life): { clock: MovableClock; timers(): number } {
  const running = new Set<() => void>();
  const clock = mortal(time, life);
  return {
    timers: () => running.size,
    clock: {
      ...time,
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

/** Asks for so many seconds more than the room has. */
export function moreTime(rooms: RoomService, roomId: string, seconds: number): ReturnType<RoomService['extend']> {
  return rooms.extend(roomId, (rooms.find(roomId)?.policy.expirySeconds ?? 60) + seconds);
}
