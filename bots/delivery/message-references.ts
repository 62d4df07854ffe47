import { z } from 'zod';
import type { Timer } from '../../src/clock.ts';
import type { RoomSnapshot } from '../../src/cluster/cluster.ts';
import { LIMITS } from '../../src/protocol/constants.ts';
import { type DoctorId, roomTag, sameDoctor, type Tenant } from '../../src/rooms/room.ts';
import type { BotContext } from '../commands/bot-context.ts';
import { errorFields } from '../commands/error-fields.ts';
import { howItEnded } from '../commands/history.ts';
import type { HowItEnded } from '../commands/room-status.ts';

/** After a start, how long notes may take to come back, and to be over for good when they do not. */
const RECOVERY_MS = LIMITS.graceSeconds * 1000 + 3_000;
const RETRY_MS = 10_000;

/** A message about a note of an earlier run of the server. */
export interface EarlierMessage<Place> {
  doctor: DoctorId;
  /** The tag of its room. */
  tag: string;
  place: Place;
}

/** Where a platform's messages about notes stand, in the durable store. Nothing here rejects; failures are logged. */
export interface MessageReferences<Place> {
  save(doctor: DoctorId, roomId: string, place: Place): Promise<void>;
  /** The message about a room, by its id or tag, shows how the note ended: it needs no change any more. */
  over(doctor: DoctorId, room: string, place: Place): Promise<void>;
  /**
   * Goes on with the messages of earlier runs: with each note that is live, or comes back within the time that notes have
   * for it, and with the end of every other one. May be called again after `stop`.
   */
  resume(going: Going<Place>): void;
  stop(): void;
}

/** How a message of an earlier run is gone on with: with its live room, or with how it ended. */
interface Going<Place> {
  on: (message: EarlierMessage<Place>, room: RoomSnapshot) => void;
  end: (message: EarlierMessage<Place>, how: HowItEnded) => void;
}

export function createMessageReferences<Place extends object>(
  platform: Tenant['platform'],
  placeSchema: z.ZodType<Place>,
  { store, rooms, clock, log }: Pick<BotContext, 'store' | 'rooms' | 'clock' | 'log'>,
): MessageReferences<Place> {
  const schema = z.object({ over: z.boolean(), place: placeSchema });
  let pending: EarlierMessage<Place>[] = [];
  let timer: Timer | null = null;
  let unlisten: (() => void) | null = null;

  async function attempt(room: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      log.warn({ event: 'message-place-not-saved', platform, room: roomTag(room), ...errorFields(error) });
    }
  }

  function take({ id, doctor }: RoomSnapshot): EarlierMessage<Place> | undefined {
    const found = pending.find((message) => message.tag === roomTag(id) && sameDoctor(message.doctor, doctor));
    if (found !== undefined) pending = pending.filter((message) => message !== found);
    return found;
  }

  function goOn(room: RoomSnapshot, { on }: Going<Place>): void {
    const message = isResumed() ? take(room) : undefined;
    if (message !== undefined) on(message, room);
  }

  /** Goes on with those whose notes are live now. Rejects when a node does not answer. */
  async function findLive(going: Going<Place>): Promise<void> {
    for (const { doctor } of [...pending]) {
      for (const room of await rooms.of(doctor)) goOn(room, going);
    }
  }

  async function load(going: Going<Place>): Promise<void> {
    const all = await store.messages.all(platform, schema);
    if (!isResumed()) return;
    pending = all.flatMap(({ doctor, tag, data }) => (data.over ? [] : [{ doctor, tag, place: data.place }]));
    if (pending.length === 0) return;
    log.info({ event: 'messages-resumed', platform, count: pending.length });
    timer = clock.after(RECOVERY_MS, () => patiently(() => endOthers(going)));
    // A node that does not answer now is asked again then.
    await findLive(going).catch((error: unknown) => failed(error));
  }

  async function endOthers(going: Going<Place>): Promise<void> {
    await findLive(going);
    for (const message of pending) {
      const how = await howItEnded(message.doctor, message.tag, { store });
      if (!isResumed()) return;
      pending = pending.filter((other) => other !== message);
      going.end(message, how ?? { reason: 'lost', at: clock.now(), readBy: 0 });
    }
  }

  function failed(error: unknown): void {
    log.warn({ event: 'messages-not-resumed', platform, ...errorFields(error) });
  }

  /** Tries again until it is done. */
  function patiently(work: () => Promise<void>): void {
    work().catch((error: unknown) => {
      failed(error);
      if (isResumed()) timer = clock.after(RETRY_MS, () => patiently(work));
    });
  }

  const isResumed = () => unlisten !== null;

  return {
    save: (doctor, roomId, place) => attempt(roomId, () => store.messages.save(doctor, roomId, { over: false, place })),
    over: (doctor, room, place) =>
      attempt(room, () => store.messages.change(doctor, roomTag(room), { over: true, place })),
    resume(going) {
      if (isResumed()) return;
      unlisten = rooms.onEvent(({ room }) => goOn(room, going));
      patiently(() => load(going));
    },
    stop() {
      unlisten?.();
      unlisten = null;
      timer?.cancel();
      pending = [];
    },
  };
}
