import type { Logger } from 'pino';
import type { Clock } from '../../src/clock.ts';
import type { EndReason } from '../../src/protocol/constants.ts';
import { Refused } from '../../src/protocol/errors.ts';
import { type Room, type RoomState, roomTag, type Tombstone, type WaitingReader } from '../../src/rooms/room.ts';
import type { RoomService } from '../../src/rooms/room-service.ts';
import { type Follower, startFollower } from './status-follower.ts';

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
  /** How and when it ended, once it has; the state is `ended` then. */
  over: { reason: EndReason; at: number } | null;
  /** The server stops, and what comes then is not followed: the last status of a room that is not over. */
  restarting?: true;
}

/** Keeps chat messages about rooms up to date. */
export interface StatusBoard {
  /**
   * Calls `show` now and whenever the room's status changes: one call at a time, at most one a second, the latest status
   * only, so that a burst costs one call and its last state is always shown. The status that says how the room ended is
   * always shown, and is the last one. A `show` that rejects is tried again with the then latest status after 1, 2 and 4
   * seconds (twice more for the last status), then not until the next change. `show` must settle by itself: a call that
   * hangs holds back the ones behind it. Each call of `follow` is served by itself. Nothing is shown of a room that was
   * never there, or whose tombstone is gone.
   *
   * @returns stops following; a call under way is not cut short
   */
  follow(roomId: string, show: (status: RoomStatus) => Promise<void>): () => void;
  /** The room's status now; null when the room was never there, or its tombstone is gone or cannot be read. */
  status(roomId: string): Promise<RoomStatus | null>;
  /** Shows what is still due, each once and without waiting, and follows nothing any more. */
  close(): Promise<void>;
}

/** Listens to the rooms from now on, until it is closed. */
export function createStatusBoard({
  rooms,
  clock,
  log,
}: {
  rooms: RoomService;
  clock: Clock;
  log: Logger;
}): StatusBoard {
  const followed = new Map<string, FollowedRoom>();
  const unlisten = rooms.onEvent((event) => {
    const entry = followed.get(event.room.id);
    if (entry === undefined || event.kind === 'decision-requested' || event.kind === 'decision-made') return;
    entry.status = event.kind === 'ended' ? overStatus(event.room, event.tombstone) : liveStatus(event.room);
    if (event.kind === 'suspended') entry.status = { ...entry.status, waiting: [], restarting: true };
    for (const follower of entry.followers) follower.changed();
  });

  function statusNow(roomId: string): RoomStatus | undefined {
    const room = rooms.find(roomId);
    return followed.get(roomId)?.status ?? (room && liveStatus(room));
  }

  async function statusOf(roomId: string): Promise<RoomStatus | null> {
    const now = statusNow(roomId);
    if (now !== undefined) return now;
    try {
      const tombstone = await rooms.findTombstone(roomId);
      if (tombstone === undefined) return null;
      // All that is left of a room that is over: that nobody reads, and how it ended.
      return overStatus({ id: roomId, expiresAt: tombstone.endedAt, readBy: 0 }, tombstone);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return null;
    }
  }

  function followFrom(status: RoomStatus, roomId: string, show: (status: RoomStatus) => Promise<void>): () => void {
    const entry = followed.get(roomId) ?? { status, followers: new Set() };
    followed.set(roomId, entry);
    const forget = () => {
      entry.followers.delete(follower);
      if (entry.followers.size === 0) followed.delete(roomId);
    };
    const follower = startFollower({ clock, log, show, status: () => entry.status, onDone: forget });
    entry.followers.add(follower);
    return () => {
      follower.stop();
      forget();
    };
  }

  return {
    follow(roomId, show) {
      const now = statusNow(roomId);
      if (now !== undefined) return followFrom(now, roomId, show);
      let stop: (() => void) | null = () => undefined;
      void statusOf(roomId).then((status) => {
        if (status !== null && stop !== null) stop = followFrom(status, roomId, show);
      });
      return () => {
        stop?.();
        stop = null;
      };
    },
    status: statusOf,
    async close() {
      unlisten();
      const followers = [...followed.values()].flatMap((entry) => [...entry.followers]);
      await Promise.all(followers.map((follower) => follower.finish()));
      followed.clear();
    },
  };
}

interface FollowedRoom {
  /** As the last event left it. */
  status: RoomStatus;
  readonly followers: Set<Follower>;
}

function liveStatus({ id, state, expiresAt, reading, waiting, readBy }: Room): RoomStatus {
  return { roomTag: roomTag(id), state, expiresAt, reading, waiting, readBy, over: null };
}

function overStatus(room: Pick<Room, 'id' | 'expiresAt' | 'readBy'>, { reason, endedAt: at }: Tombstone): RoomStatus {
  const { id, expiresAt, readBy } = room;
  return {
    roomTag: roomTag(id),
    state: 'ended',
    expiresAt,
    reading: 0,
    waiting: [],
    readBy,
    over: { reason, at },
  };
}
