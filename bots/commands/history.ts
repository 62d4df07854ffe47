import type { Logger } from 'pino';
import { type RoomListener, roomTag } from '../../src/rooms/room.ts';
import type { AbsentEnd } from '../../src/rooms/room-repository.ts';
import type { DoctorId, History, PastNote } from '../../src/store/store.ts';
import type { BotContext } from './bot-context.ts';
import { errorFields } from './error-fields.ts';
import type { HowItEnded } from './room-status.ts';

/** A note that is over; one that was never shared has no `openedAt`. */
type EndedNote = Omit<PastNote, 'openedAt'> & { doctor: DoctorId; openedAt: number | null };

/** The rooms of this node, as far as they end. See `RoomService`. */
interface EndingRooms {
  onEvent(listener: RoomListener): () => void;
  onAbsentEnds(listener: (ends: readonly AbsentEnd[]) => void): () => void;
}

/** Saves notes that are over. */
export interface HistoryRecorder {
  /** Stops listening; resolves when every note that ended by then is saved. */
  stop(): Promise<void>;
}

/**
 * Listens to the rooms of this node, and to those that this node found to be over while nobody hosted them, and saves those
 * that were shared, without their content; other nodes do so with theirs. Not saved are those that ended because GLIR was
 * removed, and the local chat's: it has no accounts. A note that cannot be saved is logged and lost.
 */
export function recordHistory({
  rooms,
  history,
  log,
}: {
  rooms: EndingRooms;
  history: History;
  log: Logger;
}): HistoryRecorder {
  const pending = new Set<Promise<void>>();

  async function save({ doctor, openedAt, ...note }: EndedNote): Promise<void> {
    // Who removed GLIR has no history any more, also when a note of theirs ends late.
    if (openedAt === null || doctor.platform === 'local' || note.reason === 'stopped') return;
    try {
      await history.add(doctor, { ...note, openedAt });
    } catch (error) {
      log.warn({ event: 'history-not-saved', room: note.roomTag, ...errorFields(error) });
    }
  }

  function begin(note: EndedNote): void {
    const saving = save(note).finally(() => pending.delete(saving));
    pending.add(saving);
  }

  const unlistenHere = rooms.onEvent((event) => {
    if (event.kind !== 'ended' || event.elsewhere) return;
    const { id, doctor, createdAt, openedAt, readBy } = event.room;
    const { reason, endedAt } = event.tombstone;
    begin({ doctor, roomTag: roomTag(id), createdAt, openedAt, endedAt, reason, readBy });
  });
  const unlistenAbsent = rooms.onAbsentEnds((ends) => {
    for (const { doctor, tag, createdAt, openedAt, endedAt, reason, readBy } of ends) {
      begin({ doctor, roomTag: tag, createdAt, openedAt, endedAt, reason, readBy });
    }
  });

  return {
    async stop() {
      unlistenHere();
      unlistenAbsent();
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
