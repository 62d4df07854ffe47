import { expect } from 'vitest';
import { type EndReason, LIMITS } from '../../src/protocol/constants.ts';
import { REFUSALS, type Refusal, Refused } from '../../src/protocol/errors.ts';
import type { Tombstone } from '../../src/rooms/room.ts';
import type { RoomEvent, RoomService } from '../../src/rooms/room-service.ts';
import { type MovableClock, standingClock } from '../support/server/movable-clock.ts';
import { type Disk, disk, type Practice, practice, settled } from '../unit/rooms/setup.ts';

const GRACE_MS = LIMITS.graceUnreadSeconds * 1000;
/** How long a room may come back after its server last wrote that it hosts it. */
const LEASE_MS = 15_000 + GRACE_MS;

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
  /** Somebody has read it, or was let in to. */
  read: boolean;
  /** All of its tenant were revoked while it was away, and that was written down. */
  barred: boolean;
  /** It came back after a restart. */
  recovered: boolean;
  over: { reason: EndReason; endedAt: number } | null;
  /** Its tombstone could not be written yet: this process has to know it by heart. */
  unsaved: boolean;
  /** It was there when its server went, and has not come back. */
  away: boolean;
  /** Its end died with its process, whose lease was over by then. */
  unmarked: boolean;
}

/** The rules of rooms under test, with a book of what must be true kept beside them. */
export class Book {
  readonly rooms: KnownRoom[] = [];
  readonly kept: Disk;
  readonly time: MovableClock = standingClock();
  /** The machine's clock was set, so that times by the wall say less. */
  wallWasSet = false;
  #now: Practice | null = null;
  #startedAt = 0;
  /** When the server last knew that everything was written; its lease cannot reach further than `LEASE_MS` from then. */
  #writtenAt = 0;

  private constructor(kept: Disk) {
    this.kept = kept;
  }

  static async begin(): Promise<Book> {
    const book = new Book(await disk());
    book.#serve(await practice({ kept: book.kept, time: book.time }));
    book.#startedAt = book.time.uptime();
    return book;
  }

  get #practice(): Practice {
    if (this.#now === null) throw new Error('no server runs');
    return this.#now;
  }

  get rules(): RoomService {
    return this.#practice.rooms;
  }

  /** Whether everything that was to be written down has been. */
  get isWritable(): boolean {
    return this.#practice.persistence.available && !this.kept.broken;
  }

  /** One of the rooms so far; undefined when there is none. */
  pick(which: number): KnownRoom | undefined {
    return this.rooms[which % Math.max(1, this.rooms.length)];
  }

  /** Does something that may be refused; gives what it gives, or the code, which has to be one from the closed list. */
  async ask<Result>(work: () => Result | Promise<Result>): Promise<{ given: Result } | { refused: Refusal }> {
    try {
      return { given: await work() };
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      expect(REFUSALS).toContain(error.code);
      return { refused: error.code };
    }
  }

  /** The composer is connected; nobody is told so of a draft. */
  seat(room: KnownRoom): void {
    this.rules.composerBack(room.id);
    room.lostAt = null;
  }

  /** The server stops, or dies without a word, and starts again on the same disk. */
  async restart(how: 'stop' | 'crash'): Promise<void> {
    const before = this.#practice;
    if (how === 'stop') before.rooms.suspend();
    const next = how === 'stop' ? await before.restarted() : await before.crashed();
    const leaseMayHold = this.time.uptime() - this.#writtenAt <= LEASE_MS;
    for (const room of this.rooms) {
      // An end that died with its process is forgotten, for as long as the lease of its run holds.
      if (room.unsaved && !(await this.#isOver(room, next))) {
        if (leaseMayHold) room.over = null;
        else room.unmarked = true;
      }
      room.unsaved = false;
      if (room.over === null) Object.assign(room, { away: true, lostAt: null });
    }
    this.#serve(next);
    this.#startedAt = this.time.uptime();
  }

  /** What has to be true after every step. */
  async check(): Promise<void> {
    await settled();
    expect(this.#practice.listenerErrors).toEqual([]);
    if (this.isWritable) this.#writtenAt = this.time.uptime();
    for (const room of this.rooms) await this.#checkRoom(room);
    const live = this.rooms.filter(({ over, away }) => over === null && !away).length;
    // Two deadlines for each room and the writing of its readers, and the next look for rooms that nobody brought back.
    expect(this.#practice.timers()).toBeLessThanOrEqual(3 * live + 1);
  }

  async #checkRoom(room: KnownRoom): Promise<void> {
    const found = this.rules.find(room.id);
    if (room.over !== null) return this.#checkOver(room, room.over);
    if (found === undefined) {
      expect(room.away, 'a room is over and nobody was told').toBe(true);
      if (this.kept.broken) return;
      // Ended while nobody could come back to it, or still recoverable: both are final or open, never forgotten and live.
      const tombstone = await this.#tombstoneOf(room);
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

  /** Undefined also while it cannot be known. */
  async #tombstoneOf({ id }: KnownRoom): Promise<Tombstone | undefined> {
    const asked = await this.ask(() => this.rules.findTombstone(id));
    return 'given' in asked ? asked.given : undefined;
  }

  #checkTime(room: KnownRoom, leftMs: number): void {
    const now = this.time.uptime();
    expect(leftMs).toBeGreaterThan(0);
    if (room.composed) expect(leftMs).toBeLessThanOrEqual(room.maxSeconds * 1000);
    // What is kept of a room may not say yet that it was read.
    const graceMs = room.read && !room.recovered ? LIMITS.graceSeconds * 1000 : GRACE_MS;
    if (room.lostAt !== null) expect(now - room.lostAt).toBeLessThan(graceMs);
    if (!room.composed) expect(now - room.draftedAt + leftMs).toBeLessThanOrEqual(LIMITS.ticketSeconds * 1000);
    // A clock that was set back while the server was away is the one thing that can lengthen a note's life.
    if (room.sharedAt === null || (room.recovered && this.wallWasSet)) return;
    expect(now - room.sharedAt + leftMs).toBeLessThanOrEqual(room.maxSeconds * 1000);
  }

  async #checkOver(room: KnownRoom, over: { reason: EndReason; endedAt: number }): Promise<void> {
    const { id, ticket, tokens } = room;
    if (room.unsaved) expect(await this.ask(() => this.rules.findTombstone(id))).toMatchObject({ given: over });
    room.unsaved &&= !this.#practice.persistence.available;
    expect(this.rules.find(id)).toBeUndefined();
    expect(this.rules.of({ platform: 'slack', tenant: 'T1', user: 'U' }).map((one) => one.id)).not.toContain(id);
    const asked = await this.ask(() => this.rules.findTombstone(id));
    if (!this.kept.broken && !room.unmarked) expect(asked).toMatchObject({ given: over });
    for (const token of tokens) expect(await this.ask(() => this.rules.resume(token))).toHaveProperty('refused');
    expect(await this.ask(() => this.rules.redeem(ticket, () => false))).toHaveProperty('refused');
    const open = { expirySeconds: 600, admission: 'link', maxReaders: 1, showName: false } as const;
    expect(await this.ask(() => this.rules.open(id, 'h'.repeat(43), open))).toHaveProperty('refused');
    expect(await this.ask(() => this.rules.extend(id, 600))).toHaveProperty('refused');
    this.rules.composerBack(id);
    this.rules.composerLost(id);
    expect(await this.rules.end(id, 'revoked')).toBe(false);
  }

  async #isOver({ id }: KnownRoom, { disk }: Practice): Promise<boolean> {
    return !disk.broken && (await disk.repository().findTombstone(id)) !== undefined;
  }

  #serve(started: Practice): void {
    this.#now = started;
    started.rooms.onEvent((event) => this.#hear(event));
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
        room.unsaved = !this.#practice.persistence.available;
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
        expect(room.away && now - this.#startedAt <= LEASE_MS).toBe(true);
        expect(room.barred, 'a room came back that was revoked').toBe(false);
        Object.assign(room, { away: false, recovered: true, lostAt: now });
        break;
      default:
    }
  }
}
