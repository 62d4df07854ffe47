import type { Logger } from 'pino';
import type { Clock, Timer } from '../../src/clock.ts';
import { isNodeUnreachable, type RoomDirectory, type RoomView } from '../../src/cluster/room-directory.ts';
import type { EndReason } from '../../src/protocol/constants.ts';
import { Refused } from '../../src/protocol/errors.ts';
import { type RoomState, roomTag, type Tombstone, type WaitingReader } from '../../src/rooms/room.ts';
import { remedyFor } from '../delivery/delivery-error.ts';
import { pauseAfter } from '../delivery/retry-pauses.ts';
import { errorFields } from './error-fields.ts';

/** A room as a chat message shows it; a snapshot that does not change. Times are milliseconds since the Unix epoch. */
export interface RoomStatus {
  roomTag: string;
  state: RoomState;
  expiresAt: number;
  /** Readers that are admitted at this moment. */
  reading: number;
  waiting: readonly WaitingReader[];
  /** How many readers had the note on screen so far. */
  readBy: number;
  /** Whether the doctor can see the composer's page. */
  isPageVisible: boolean;
  /** How and when it ended, once it has; the state is `ended` then. */
  over: { reason: EndReason; at: number } | null;
  /** The server stops, and what comes then is not followed: the last status of a room that is not over. */
  restarting?: true;
  /** It was begun from the doctor's page, with the text of another note. */
  again?: true;
}

/** How a note ended, in milliseconds since the Unix epoch, and how many had read it as far as is known. */
export interface HowItEnded {
  reason: EndReason;
  at: number;
  readBy: number;
}

/** Keeps chat messages about rooms up to date. */
export interface StatusBoard {
  /**
   * A room as it is now, or how it ended; null when it was never there, or its tombstone is gone or cannot be read.
   * Rejects with Refused `node-unreachable` when its node does not answer.
   *
   * @param readBy how many had read it when the caller last saw it, for a room that is over and was not followed here
   */
  status(roomId: string, readBy?: number): Promise<RoomStatus | null>;
  /**
   * Calls `show` now and whenever the room's status changes: one call at a time, at most one a second, the latest status
   * only, so that a burst costs one call and its last state is always shown. The status that says how the room ended is
   * always shown, and is the last one. A `show` that rejects is tried again with the then latest status after 1, 2, 4
   * seconds and so on, at most a minute or what the platform asks for, until it is taken: the last status for an hour. One
   * that the platform refuses for good (`DeliveryError`) is not tried again before the next change. `show` must settle by
   * itself: a call that hangs holds back the ones behind it. Each call of `follow` is served by itself. Of a room without a status nothing
   * is shown; of one whose node does not answer, nothing until the next change.
   *
   * @returns stops following; a call under way is not cut short
   */
  follow(roomId: string, show: (status: RoomStatus) => Promise<void>): () => void;
  /** Shows what is still due, each once and without waiting, and follows nothing any more. */
  close(): Promise<void>;
}

interface FollowedRoom {
  /** As the last event left it; null until it is known. */
  status: RoomStatus | null;
  /** No other status comes after this one. */
  isLast: boolean;
  readonly followers: Set<Follower>;
}

interface BoardDependencies {
  rooms: RoomDirectory;
  clock: Clock;
  log: Logger;
}

/** Listens to the rooms from now on, until it is closed. */
export function createStatusBoard({ rooms, clock, log }: BoardDependencies): StatusBoard {
  const followed = new Map<string, FollowedRoom>();
  const unlisten = rooms.onEvent((event) => {
    const entry = followed.get(event.room.id);
    if (entry === undefined) return;
    const isEnd = event.kind === 'ended';
    if (entry.isLast && !isEnd) return;
    entry.status = isEnd ? endedStatus(event.room, event.tombstone) : liveStatus(event.room);
    if (event.kind === 'suspended') entry.status = { ...entry.status, waiting: [], restarting: true };
    entry.isLast = isEnd || event.kind === 'suspended';
    for (const follower of entry.followers) follower.changed();
  });

  async function statusOf(roomId: string, readBy = 0): Promise<RoomStatus | null> {
    const status = followed.get(roomId)?.status ?? null;
    if (status !== null) return status;
    try {
      const room = await rooms.find(roomId);
      if (room !== undefined) return liveStatus(room);
      const tombstone = await rooms.findTombstone(roomId);
      // All that is left of a room that is over: that nobody reads, and how it ended.
      return tombstone === undefined
        ? null
        : endedStatus({ id: roomId, expiresAt: tombstone.endedAt, readBy }, tombstone);
    } catch (error) {
      if (error instanceof Refused && !isNodeUnreachable(error)) return null;
      throw error;
    }
  }

  /** Null while the room's end is being saved: the event that tells of it follows. */
  function current(roomId: string, { status, isLast }: FollowedRoom): RoomStatus | null {
    return !isLast && rooms.isEnding(roomId) ? null : status;
  }

  /** The first status. What an event says meanwhile is newer. */
  async function lookUp(roomId: string, entry: FollowedRoom, follower: Follower, stop: () => void): Promise<void> {
    try {
      const found = await statusOf(roomId);
      entry.status ??= found;
    } catch (error) {
      log.warn({ event: 'status-unknown', room: roomTag(roomId), ...errorFields(error) });
      return;
    }
    if (entry.status === null) stop();
    else follower.changed();
  }

  return {
    status: statusOf,
    follow(roomId, show) {
      const entry = followed.get(roomId) ?? { status: null, isLast: false, followers: new Set() };
      followed.set(roomId, entry);
      const forget = () => {
        entry.followers.delete(follower);
        if (entry.followers.size === 0 && followed.get(roomId) === entry) followed.delete(roomId);
      };
      const follower = new Follower({ clock, log, show, status: () => current(roomId, entry), onDone: forget });
      entry.followers.add(follower);
      const stop = () => {
        follower.stop();
        forget();
      };
      if (entry.status !== null) follower.changed();
      else void lookUp(roomId, entry, follower, stop);
      return stop;
    },
    async close() {
      unlisten();
      const all = [...followed.values()].flatMap(({ followers }) => [...followers]);
      await Promise.all(all.map((follower) => follower.finish()));
      followed.clear();
    },
  };
}

/** The last status of a note of which nothing is left but how it ended. */
export function overStatus(tag: string, { reason, at, readBy }: HowItEnded): RoomStatus {
  const ended = { state: 'ended', expiresAt: at, reading: 0, waiting: [], readBy, isPageVisible: false } as const;
  return { roomTag: tag, ...ended, over: { reason, at } };
}

type StatusFields = Pick<RoomView, 'id' | 'state' | 'expiresAt' | 'reading' | 'waiting' | 'readBy' | 'isPageVisible'>;

function liveStatus({ id, state, expiresAt, reading, waiting, readBy, isPageVisible }: StatusFields): RoomStatus {
  return { roomTag: roomTag(id), state, expiresAt, reading, waiting: [...waiting], readBy, isPageVisible, over: null };
}

function endedStatus(
  room: Pick<RoomView, 'id' | 'expiresAt' | 'readBy'>,
  { reason, endedAt: at }: Pick<Tombstone, 'reason' | 'endedAt'>,
): RoomStatus {
  return {
    ...liveStatus({ ...room, state: 'ended', reading: 0, waiting: [], isPageVisible: false }),
    over: { reason, at },
  };
}

const PACE_MS = 1_000;
/** For so long the last status is tried. */
const LAST_PATIENCE_MS = 60 * 60 * 1000;
/** What a platform does not let GLIR do is tried again with the next change, and not sooner than that. */
const REFUSED_PAUSE_MS = 60_000;

interface FollowerOptions extends Pick<BoardDependencies, 'clock' | 'log'> {
  status: () => RoomStatus | null;
  show: (status: RoomStatus) => Promise<void>;
  /** Called once, after the last status was shown or given up. */
  onDone: () => void;
}

/** Brings one message up to date: one call at a time, paced, the latest status only. */
class Follower {
  readonly #options: FollowerOptions;
  #due = false;
  #stopped = false;
  #finishing = false;
  #call: Promise<void> | null = null;
  #timer: Timer | null = null;
  /** When the next call may begin. */
  #from = 0;
  #failures = 0;
  /** When the last status was tried first. */
  #lastSince: number | null = null;
  /** The status on screen, as JSON. */
  #shown = '';

  constructor(options: FollowerOptions) {
    this.#options = options;
  }

  /** The status may have changed. */
  changed(): void {
    this.#due = true;
    this.#next();
  }

  /** No call begins from now on. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Makes the call that is due, once and without waiting; then stops. Resolves when nothing is under way any more. */
  async finish(): Promise<void> {
    this.#finishing = true;
    this.#timer?.cancel();
    this.#timer = null;
    // A call under way may be of an older status; what became due meanwhile begins when it settles.
    this.#next();
    while (this.#call !== null) await this.#call;
    this.stop();
  }

  #next(): void {
    if (this.#stopped || !this.#due || this.#call !== null || this.#timer !== null) return;
    const { clock } = this.#options;
    const waitMs = this.#finishing ? 0 : this.#from - clock.now();
    if (waitMs <= 0) return this.#begin();
    this.#timer = clock.after(waitMs, () => {
      this.#timer = null;
      this.#next();
    });
  }

  #begin(): void {
    this.#call = this.#showLatest().then(() => {
      this.#call = null;
      this.#next();
    });
  }

  async #showLatest(): Promise<void> {
    // Whatever changes in the same turn belongs to the same call.
    await Promise.resolve();
    if (this.#stopped) return;
    const status = this.#options.status();
    const text = JSON.stringify(status);
    this.#due = false;
    if (status === null || text === this.#shown) return;
    this.#from = this.#options.clock.now() + PACE_MS;
    try {
      await this.#options.show(status);
      this.#shown = text;
      this.#failures = 0;
      if (status.over !== null) this.#done();
    } catch (error) {
      this.#failed(status, error);
    }
  }

  #failed(status: RoomStatus, error: unknown): void {
    const { clock, log } = this.#options;
    this.#failures += 1;
    // Whether it reached the message nobody knows.
    this.#shown = '';
    const pause = this.#pauseFor(status, error);
    const again = pause !== null;
    log.warn({
      event: 'status-not-shown',
      room: status.roomTag,
      attempt: this.#failures,
      again,
      ...errorFields(error),
    });
    if (again) {
      this.#from = clock.now() + pause;
      this.#due = true;
      return;
    }
    this.#failures = 0;
    if (status.over !== null) return this.#done();
    this.#from = clock.now() + REFUSED_PAUSE_MS;
  }

  /** Null when it is not tried again by itself. */
  #pauseFor(status: RoomStatus, error: unknown): number | null {
    if (this.#finishing || remedyFor(error) !== 'later') return null;
    const pause = pauseAfter(error, this.#failures);
    if (status.over === null) return pause;
    const now = this.#options.clock.uptime();
    this.#lastSince ??= now;
    return now + pause - this.#lastSince > LAST_PATIENCE_MS ? null : pause;
  }

  #done(): void {
    this.stop();
    this.#options.onDone();
  }
}
