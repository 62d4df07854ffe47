import type { z } from 'zod';
import type { Timer } from '../../src/clock.ts';
import type { RoomView } from '../../src/cluster/room-directory.ts';
import { type DoctorId, roomTag, sameDoctor, type Tenant } from '../../src/rooms/room.ts';
import type { BotContext } from '../commands/bot-context.ts';
import { errorFields } from '../commands/error-fields.ts';
import { howItEnded } from '../commands/history.ts';
import type { HowItEnded } from '../commands/room-status.ts';

/** How often messages are looked for whose servers are gone. */
const ROUND_MS = 60_000;
/** The same after a round that failed. */
const RETRY_MS = 10_000;

/** A message about a note that another run of a server followed. */
export interface EarlierMessage<Place> {
  doctor: DoctorId;
  /** The tag of its room. */
  tag: string;
  place: Place;
}

/**
 * Where a platform's messages about notes stand, in the durable store. Of all servers on one store only one follows a message:
 * the one that it was saved by or that took it over. Nothing here rejects; failures are logged.
 */
export interface MessageReferences<Place> {
  /** This server follows the message about a room. */
  save(doctor: DoctorId, roomId: string, place: Place): Promise<void>;
  /**
   * A button of a message that is not followed here was pressed, at `place`. Gives where the message is that is followed here
   * from now on; null where another server is there and follows it, or where that cannot be known.
   */
  claim(doctor: DoctorId, roomId: string, place: Place): Promise<Place | null>;
  /** The message about a room, by its id or tag, shows how the note ended: it needs no change any more. */
  over(doctor: DoctorId, room: string, place: Place): Promise<void>;
  /**
   * Takes over the messages of servers that are gone, now and every minute: goes on with each note that is live or comes
   * back, and with the end of every other one. May be called again, also after `stop`.
   */
  resume(going: Going<Place>): void;
  stop(): void;
}

/** How a message of an earlier run is gone on with: with its live room, or with how it ended. */
interface Going<Place> {
  on: (message: EarlierMessage<Place>, room: RoomView) => void;
  end: (message: EarlierMessage<Place>, how: HowItEnded) => void;
}

/** From a resume to the next stop. */
interface Session {
  readonly unlisten: () => void;
  timer: Timer | null;
}

type Dependencies = Pick<BotContext, 'store' | 'rooms' | 'isGone' | 'clock' | 'log'>;

export function createMessageReferences<Place extends object>(
  platform: Tenant['platform'],
  placeSchema: z.ZodType<Place>,
  { store, rooms, isGone, clock, log }: Dependencies,
): MessageReferences<Place> {
  const { messages } = store;
  /** Messages that this server knows what to do about, so that a round leaves them alone. */
  const known = new Set<string>();
  /** Messages that were taken over, and whose notes are neither live nor over yet. */
  let pending: EarlierMessage<Place>[] = [];
  let session: Session | null = null;

  async function attempt(room: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      log.warn({ event: 'message-place-not-saved', platform, room: roomTag(room), ...errorFields(error) });
    }
  }

  function takeOut(isIt: (message: EarlierMessage<Place>) => boolean): EarlierMessage<Place> | undefined {
    const found = pending.find(isIt);
    if (found === undefined) return undefined;
    pending = pending.filter((message) => message !== found);
    known.add(keyOf(found.doctor, found.tag));
    return found;
  }

  function goOn(room: RoomView, { on }: Going<Place>): void {
    const message = takeOut(({ doctor, tag }) => tag === roomTag(room.id) && sameDoctor(doctor, room.doctor));
    if (message !== undefined) on(message, room);
  }

  /** Whether this server follows a message from now on that the run followed. */
  async function takeFrom(run: string, doctor: DoctorId, tag: string): Promise<boolean> {
    if (run === messages.run) return true;
    return (await isGone(run)) && (await messages.take(doctor, tag, run));
  }

  function isKnownHere(doctor: DoctorId, tag: string): boolean {
    const key = keyOf(doctor, tag);
    return known.has(key) || pending.some((one) => keyOf(one.doctor, one.tag) === key);
  }

  /** Takes over what nobody follows. Rejects when the store or the other servers cannot be asked. */
  async function takeOver(): Promise<void> {
    const before = pending.length;
    for (const { doctor, tag, run, data } of await messages.followed(platform, placeSchema)) {
      const isKnown = isKnownHere(doctor, tag);
      if (isKnown && run === messages.run) continue;
      const isTaken = await takeFrom(run, doctor, tag);
      if (isTaken && !isKnown) pending.push({ doctor, tag, place: data });
    }
    const count = pending.length - before;
    if (count > 0) log.info({ event: 'messages-resumed', platform, count });
  }

  /** Goes on with those whose notes are live now, and with those whose notes are over. Rejects like `takeOver`. */
  async function goOnWithAll(going: Going<Place>): Promise<void> {
    const unknown: unknown[] = [];
    for (const { doctor } of [...pending]) {
      const live = await rooms.of(doctor).catch((error: unknown) => {
        unknown.push(error);
        return [];
      });
      for (const room of live) goOn(room, going);
    }
    for (const message of [...pending]) await endIfOver(message, going);
    if (unknown.length > 0) throw unknown[0];
  }

  async function endIfOver(message: EarlierMessage<Place>, { end }: Going<Place>): Promise<void> {
    const { doctor, tag } = message;
    // In this order: what is over by then has an end that can be read.
    if (await messages.mayBeLive(doctor, tag)) return;
    const how = await howItEnded(doctor, tag, { store });
    if (session === null || takeOut((one) => one === message) === undefined) return;
    end(message, how ?? { reason: 'lost', at: clock.now(), readBy: 0 });
  }

  async function round(going: Going<Place>, mine: Session): Promise<void> {
    let pause = ROUND_MS;
    try {
      await takeOver();
      await goOnWithAll(going);
    } catch (error) {
      log.warn({ event: 'messages-not-resumed', platform, ...errorFields(error) });
      pause = RETRY_MS;
    }
    if (session === mine) mine.timer = clock.after(pause, () => void round(going, mine));
  }

  return {
    save(doctor, roomId, place) {
      known.add(keyOf(doctor, roomTag(roomId)));
      return attempt(roomId, () => messages.save(doctor, roomId, place));
    },
    async claim(doctor, roomId, place) {
      const tag = roomTag(roomId);
      try {
        const kept = await messages.find(doctor, tag, placeSchema);
        if (kept !== null && !(await takeFrom(kept.run, doctor, tag))) return null;
        known.add(keyOf(doctor, tag));
        return kept?.data ?? place;
      } catch (error) {
        log.warn({ event: 'message-not-claimed', platform, room: tag, ...errorFields(error) });
        return null;
      }
    },
    over(doctor, room, place) {
      const tag = roomTag(room);
      return attempt(room, async () => {
        await messages.end(doctor, tag, place);
        known.delete(keyOf(doctor, tag));
      });
    },
    resume(going) {
      if (session !== null) return;
      session = { unlisten: rooms.onEvent(({ room }) => goOn(room, going)), timer: null };
      void round(going, session);
    },
    stop() {
      session?.unlisten();
      session?.timer?.cancel();
      session = null;
    },
  };
}

function keyOf({ tenant, user }: DoctorId, tag: string): string {
  return JSON.stringify([tenant, user, tag]);
}
