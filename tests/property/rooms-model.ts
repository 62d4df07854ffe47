import { expect } from 'vitest';
import { type EndReason, LIMITS } from '../../src/protocol/constants.ts';
import { REFUSALS, type Refusal, Refused } from '../../src/protocol/errors.ts';
import type { RoomEvent, RoomService } from '../../src/rooms/room-service.ts';
import { type MovableClock, standingClock } from '../support/server/movable-clock.ts';
import { type Disk, disk, type Practice, practice } from '../unit/rooms/setup.ts';

/** What is known of one room from outside, whatever the rules say of it. */
export interface KnownRoom {
  readonly id: string;
  readonly tenant: string;
  readonly maxSeconds: number;
  readonly ticket: string;
  readonly tokens: string[];
  /** All in the clock's uptime. */
  readonly draftedAt: number;
  sharedAt: number | null;
  lostAt: number | null;
  composed: boolean;
  /** It came back after a restart. */
  rebuilt: boolean;
  over: { reason: EndReason; endedAt: number } | null;
  /** Its tombstone could not be written yet: this process has to know it by heart. */
  owed: boolean;
  /** It was there when its server went, and has not come back. */
  away: boolean;
  /** Its tombstone could not be kept before its server went; then no token of that time is good any more. */
  unmarked: boolean;
}

/** The rules of rooms under test, with a book of what must be true kept beside them. */
export class Book {
  readonly rooms: KnownRoom[] = [];
  readonly kept: Disk = disk();
  readonly time: MovableClock = standingClock();
  /** The machine's clock was set, so that times by the wall say less. */
  wallWasSet = false;
  #now: Practice;
  #isAlive = { yes: true };
  #key = new Uint8Array(32).fill(1);
  #startedAt: number;

  constructor() {
    this.#now = this.#start();
    this.#startedAt = this.time.uptime();
  }

  get rules(): RoomService {
    return this.#now.rooms;
  }

  /** One of the rooms so far; undefined when there is none. */
  pick(which: number): KnownRoom | undefined {
    return this.rooms[which % Math.max(1, this.rooms.length)];
  }

  /** Does something that may be refused; gives what it gives, or the code, which has to be one from the closed list. */
  ask<Result>(work: () => Result): { given: Result } | { refused: Refusal } {
    try {
      return { given: work() };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      expect(REFUSALS).toContain(error.code);
      return { refused: error.code };
    }
  }

  /** The server stops, or dies without a word, and starts again on the same disk. */
  restart(how: 'stop' | 'crash'): void {
    if (how === 'stop') this.rules.suspend();
    // A process that is gone does nothing more, and nobody hears what its listeners would.
    this.#isAlive.yes = false;
    if (how === 'stop') {
      this.rules.close();
      this.#now.registry.close();
    }
    for (const room of this.rooms) if (room.over === null) Object.assign(room, { away: true, lostAt: null });
    // Without the voucher no key outlives its process.
    if (!this.kept.vouched) {
      this.#key = this.#key.map((byte) => byte + 1);
      for (const room of this.rooms) room.unmarked ||= room.over !== null;
    }
    for (const room of this.rooms) room.owed = false;
    this.#isAlive = { yes: true };
    this.#now = this.#start();
    this.rules.start();
    this.#startedAt = this.time.uptime();
  }

  /** What has to be true after every step. */
  check(): void {
    for (const room of this.rooms) this.#checkRoom(room);
    const live = this.rooms.filter(({ over, away }) => over === null && !away).length;
    const tickets = this.rooms.filter(
      ({ draftedAt }) => this.time.uptime() - draftedAt < 2 * LIMITS.ticketSeconds * 1000,
    );
    // Two deadlines for each room, one for each ticket, the wait for rooms to come back, a try to write.
    expect(this.#now.timers()).toBeLessThanOrEqual(2 * live + tickets.length + 2);
  }

  #checkRoom(room: KnownRoom): void {
    const found = this.rules.find(room.id);
    if (room.over !== null) return this.#checkOver(room, room.over);
    if (found === undefined) {
      expect(room.away, 'a room is over and nobody was told').toBe(true);
      if (this.kept.broken) return;
      // Ended while nobody could come back to it, or still awaited: both are final or open, never forgotten and live.
      const tombstone = this.rules.tombstone(room.id);
      if (tombstone !== undefined) room.over = tombstone;
      return;
    }
    expect(room.away, 'a room came back by itself').toBe(false);
    this.#checkTime(room, this.rules.leftMs(room));
    expect(found.state === 'draft').toBe(found.joinHash === null);
    expect(found.policy.expirySeconds).toBeLessThanOrEqual(room.maxSeconds);
    expect(found.limits.expiryMaxSeconds).toBeLessThanOrEqual(room.maxSeconds);
    expect(found.limits.admissions).toContain(found.policy.admission);
    expect(found.policy.maxReaders).toBeLessThanOrEqual(found.limits.maxReaders);
  }

  #checkTime(room: KnownRoom, leftMs: number): void {
    const now = this.time.uptime();
    expect(leftMs).toBeGreaterThan(0);
    if (room.composed) expect(leftMs).toBeLessThanOrEqual(room.maxSeconds * 1000);
    if (room.lostAt !== null) expect(now - room.lostAt).toBeLessThan(LIMITS.graceSeconds * 1000);
    if (!room.composed) expect(now - room.draftedAt + leftMs).toBeLessThanOrEqual(LIMITS.ticketSeconds * 1000);
    // A clock that was set back while the server was away is the one thing that can lengthen a note's life.
    if (room.sharedAt === null || (room.rebuilt && this.wallWasSet)) return;
    expect(now - room.sharedAt + leftMs).toBeLessThanOrEqual(room.maxSeconds * 1000);
  }

  #checkOver(room: KnownRoom, over: { reason: EndReason; endedAt: number }): void {
    const { id, ticket, tokens, unmarked } = room;
    if (room.owed) expect(this.ask(() => this.rules.tombstone(id))).toMatchObject({ given: over });
    room.owed &&= this.kept.broken;
    expect(this.rules.find(id)).toBeUndefined();
    expect(
      this.rules.of({ platform: 'slack', tenant: 'T1', user: 'U', displayName: '' }).map((one) => one.id),
    ).not.toContain(id);
    if (!this.kept.broken && !unmarked) expect(this.rules.tombstone(id)).toMatchObject(over);
    for (const token of tokens) expect(this.ask(() => this.rules.resume(token))).toHaveProperty('refused');
    expect(this.ask(() => this.rules.redeem(ticket, () => false))).toHaveProperty('refused');
    const open = { expirySeconds: 600, admission: 'link', maxReaders: 1, showName: false } as const;
    expect(this.ask(() => this.rules.open(id, 'h'.repeat(43), open))).toHaveProperty('refused');
    expect(this.ask(() => this.rules.extend(id, 600))).toHaveProperty('refused');
    expect(this.ask(() => this.rules.resumed(id))).toHaveProperty('refused');
    this.rules.composerLost(id);
    expect(this.rules.end(id, 'revoked')).toBe(false);
  }

  #start(): Practice {
    const alive = this.#isAlive;
    const clock: MovableClock = {
      ...this.time,
      after: (ms, run) => this.time.after(ms, () => (alive.yes ? run() : undefined)),
    };
    const started = practice({ kept: this.kept, time: clock, key: this.#key });
    started.rooms.onEvent((event) => (alive.yes ? this.#hear(event) : undefined));
    return started;
  }

  #hear(event: RoomEvent): void {
    const room = this.rooms.find(({ id }) => id === event.room.id);
    // The draft is entered into the book when `draft` has returned.
    if (room === undefined) return expect(event.kind).toBe('drafted');
    expect(room.over, `"${event.kind}" of a room that is over`).toBeNull();
    const now = this.time.uptime();
    switch (event.kind) {
      case 'ended':
        expect(event.tombstone.keepUntil - event.tombstone.endedAt).toBeGreaterThanOrEqual(86_400_000);
        room.over = { reason: event.tombstone.reason, endedAt: event.tombstone.endedAt };
        room.owed = this.kept.broken;
        break;
      case 'opened':
        room.sharedAt ??= now;
        break;
      case 'interrupted':
        room.lostAt = now;
        break;
      case 'resumed':
        room.lostAt = null;
        break;
      case 'recovered':
        expect(room.away && now - this.#startedAt < LIMITS.graceSeconds * 1000).toBe(true);
        Object.assign(room, { away: false, rebuilt: true, lostAt: now });
        break;
      default:
    }
  }
}
