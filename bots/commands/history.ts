import type { Logger } from 'pino';
import { type RoomEvent, type RoomListener, roomTag } from '../../src/rooms/room.ts';
import type { DoctorId, History, PastNote } from '../../src/store/store.ts';
import type { BotContext } from './bot-context.ts';
import { errorFields } from './error-fields.ts';
import type { HowItEnded } from './room-status.ts';

/** Saves notes that are over. */
export interface HistoryRecorder {
  /** Stops listening; resolves when every note that ended by then is saved. */
  stop(): Promise<void>;
}

/**
 * Listens to the rooms of this node and saves those that were shared and are over, without their content; other nodes do so
 * with theirs. The local chat's are not saved: it has no accounts. A note that cannot be saved is logged and lost.
 */
export function recordHistory({
  rooms,
  history,
  log,
}: {
  rooms: { onEvent(listener: RoomListener): () => void };
  history: History;
  log: Logger;
}): HistoryRecorder {
  const pending = new Set<Promise<void>>();

  async function save({ room, tombstone }: Extract<RoomEvent, { kind: 'ended' }>): Promise<void> {
    const { id, doctor, createdAt, openedAt, readBy } = room;
    if (openedAt === null || doctor.platform === 'local') return;
    const { reason, endedAt } = tombstone;
    try {
      await history.add(doctor, { roomTag: roomTag(id), createdAt, openedAt, endedAt, reason, readBy });
    } catch (error) {
      log.warn({ event: 'history-not-saved', room: roomTag(id), ...errorFields(error) });
    }
  }

  const unlisten = rooms.onEvent((event) => {
    if (event.kind !== 'ended') return;
    const saving = save(event).finally(() => pending.delete(saving));
    pending.add(saving);
  });

  return {
    async stop() {
      unlisten();
      await Promise.all(pending);
    },
  };
}

/** A doctor's last notes, at most `limit`; none when they cannot be read. Never rejects. */
export async function pastNotes(
  doctor: DoctorId,
  limit: number,
  { store, log }: Pick<BotContext, 'store' | 'log'>,
): Promise<PastNote[]> {
  try {
    return await store.history.ofDoctor(doctor, limit);
  } catch (error) {
    log.error({ event: 'history-unreadable', platform: doctor.platform, ...errorFields(error) });
    return [];
  }
}

/** Past notes that are looked through. */
const LOOKED_THROUGH = 50;

/** How a doctor's own note ended; null when nobody knows any more. Rejects when the store cannot be read. */
export async function howItEnded(
  doctor: DoctorId,
  tag: string,
  { store }: Pick<BotContext, 'store'>,
): Promise<HowItEnded | null> {
  const past = await store.history.ofDoctor(doctor, LOOKED_THROUGH);
  const note = past.find(({ roomTag: noteTag }) => noteTag === tag);
  if (note !== undefined) return { reason: note.reason, at: note.endedAt, readBy: note.readBy };
  const end = await store.messages.endOf(doctor, tag);
  return end === null ? null : { ...end, readBy: 0 };
}
