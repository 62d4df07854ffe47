import type { Room, Tombstone } from './room.ts';

/** Where rooms and tombstones are kept while the server runs. */
export interface RoomStore {
  add(room: Room): void;
  find(roomId: string): Room | undefined;
  all(): Room[];
  /** Takes the room out and leaves its tombstone. */
  bury(tombstone: Tombstone): void;
  tombstone(roomId: string): Tombstone | undefined;
  /** Drops tombstones whose time is over. */
  purge(now: number): void;
}

/** Keeps rooms and tombstones in memory: they go with the process, and so does every owner token's key. */
export function memoryRoomStore(): RoomStore {
  const rooms = new Map<string, Room>();
  const tombstones = new Map<string, Tombstone>();
  return {
    add: (room) => void rooms.set(room.id, room),
    find: (roomId) => rooms.get(roomId),
    all: () => [...rooms.values()],
    bury(tombstone) {
      rooms.delete(tombstone.roomId);
      tombstones.set(tombstone.roomId, tombstone);
    },
    tombstone: (roomId) => tombstones.get(roomId),
    purge(now) {
      for (const [roomId, tombstone] of tombstones) if (tombstone.keepUntil <= now) tombstones.delete(roomId);
    },
  };
}
