import type { BootTime } from '../clock.ts';
import type { Tombstone } from './room.ts';

/** A room that was shared and is not over, as far as a server that starts has to know it. */
export interface SharedRoom {
  readonly roomId: string;
  readonly joinHash: string;
  /** The practice's phone number, for the tombstone of a room that does not come back. */
  readonly phone: string | null;
  /** When "Share" was first pressed, and when the room ends by itself: milliseconds since the Unix epoch. */
  readonly openedAt: number;
  readonly expiresAt: number;
}

/** A moment by two clocks: after a restart on the same machine the second one counts, which nobody can set. */
export interface Moment {
  /** Milliseconds since the Unix epoch. */
  readonly time: number;
  readonly boot: BootTime | null;
}

/**
 * What outlives the server so that rooms may come back and ended ones may not. What a call did will survive a loss of
 * power when it resolves; it rejects when it could not be done.
 */
export interface RoomRepository {
  /** The name of this run of the server. Rooms are shared, and owner tokens signed, in one run. */
  readonly run: string;

  /** Keeps that a room is shared in this run; false, and nothing is kept, when the room has a tombstone. */
  saveShared(room: SharedRoom): Promise<boolean>;

  /** A shared room of an earlier run whose lease held when this run began; undefined for every other. */
  findRecoverable(roomId: string): Promise<SharedRoom | undefined>;

  /** Keeps tombstones, all or none; the rooms count as shared no longer. A tombstone that is there already stays. */
  saveTombstones(tombstones: readonly Tombstone[]): Promise<void>;

  findTombstone(roomId: string): Promise<Tombstone | undefined>;

  /**
   * Leaves tombstones of the shared rooms of earlier runs: `all` that have not come back, or those whose run's lease was
   * over when this run began. Gives how many there were.
   */
  endUnrecovered(now: number, which: 'lapsed' | 'all'): Promise<number>;

  /** Until when rooms of this run may come back after a restart; what was written before is replaced. */
  renewLease(until: Moment): Promise<void>;

  /** Whether the lease of an earlier run held when this run began. */
  heldLease(run: string): Promise<boolean>;
}
