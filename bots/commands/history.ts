import type { Logger } from 'pino';
import { roomTag } from '../../src/rooms/room.ts';
import type { RoomEvent, RoomService } from '../../src/rooms/room-service.ts';
import type { History } from '../../src/store/store.ts';
import { faultOf } from './fault.ts';

/** Writes down notes that are over. */
export interface HistoryRecorder {
  /** Listens no more; resolves when everything heard of so far is kept. */
  stop(): Promise<void>;
}

/**
 * Listens to the rooms and keeps those that were opened and are over, without their content. The local chat's are not
 * kept: it has no accounts, and so nobody whose history it would be. A note that cannot be kept is logged and forgotten.
 */
export function recordHistory({
  rooms,
  history,
  log,
}: {
  rooms: RoomService;
  history: History;
  log: Logger;
}): HistoryRecorder {
  const pending = new Set<Promise<void>>();

  async function keep({ room, tombstone }: Extract<RoomEvent, { kind: 'ended' }>): Promise<void> {
    const { id, doctor, createdAt, openedAt, readBy } = room;
    if (openedAt === null || doctor.platform === 'local') return;
    const { reason, endedAt } = tombstone;
    try {
      await history.add(doctor, { roomTag: roomTag(id), createdAt, openedAt, endedAt, reason, readBy });
    } catch (error) {
      log.warn({ event: 'history-not-kept', room: roomTag(id), ...faultOf(error) });
    }
  }

  const unlisten = rooms.onEvent((event) => {
    if (event.kind !== 'ended') return;
    const keeping = keep(event).finally(() => pending.delete(keeping));
    pending.add(keeping);
  });

  return {
    async stop() {
      unlisten();
      await Promise.all(pending);
    },
  };
}
