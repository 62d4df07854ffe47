import type { Logger } from 'pino';
import type { Clock, Timer } from '../../src/clock.ts';
import { LIMITS } from '../../src/protocol/constants.ts';
import type { WaitingReader } from '../../src/rooms/room.ts';
import { remedyFor } from '../delivery/delivery-error.ts';
import type { ChatLanguage } from './chat-language.ts';
import { errorFields } from './error-fields.ts';
import { spacedCode } from './note-views.ts';
import type { RoomStatus } from './room-status.ts';
import { buttons, plainText, text, type View } from './view.ts';

/** A doctor is told when so much time is left. */
const ENDING_MS = 5 * 60 * 1000;

/** Where a note's pings stand: at most one for somebody who waits, and one for its end. */
export interface PingPlaces<Place> {
  waiting?: { readerId: string; place: Place } | undefined;
  ending?: Place | undefined;
}

/** How a platform shows pings. All calls may reject with a DeliveryError. */
export interface PingPlatform<Place> {
  /** Posts a message that notifies the doctor; null where GLIR may not write one. */
  post(view: View): Promise<Place | null>;
  /** Takes a message away. */
  remove(place: Place): Promise<void>;
  /** Remembers where they stand, also after a restart. Never rejects. */
  keep(places: PingPlaces<Place>): Promise<void>;
}

/**
 * Short new messages about one note, because a change of its status notifies nobody: that somebody waits, one at a time, and
 * that the note ends in five minutes. A doctor who can see the note's page gets none for what is on it, and never a second one
 * for the same reader. Each is removed when it has nothing to say any more.
 */
export class RoomPings<Place> {
  readonly #platform: PingPlatform<Place>;
  readonly #language: () => Promise<ChatLanguage>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #places: PingPlaces<Place>;
  /** Readers whom the doctor knows of, from the page or from a ping. */
  readonly #known = new Set<string>();
  /** Whether the note had more time left than the doctor is told of. */
  #hadTime = false;
  #timer: Timer | null = null;
  #turn: Promise<void> = Promise.resolve();

  constructor(
    platform: PingPlatform<Place>,
    { language, clock, log }: { language: () => Promise<ChatLanguage>; clock: Clock; log: Logger },
    places: PingPlaces<Place> = {},
  ) {
    this.#platform = platform;
    this.#language = language;
    this.#clock = clock;
    this.#log = log;
    this.#places = { ...places };
    if (places.waiting !== undefined) this.#known.add(places.waiting.readerId);
  }

  /** Brings the pings up to date. Rejects when the platform may take at a later try what it did not take now. */
  show(status: RoomStatus): Promise<void> {
    const shown = this.#turn.then(() => this.#show(status));
    this.#turn = shown.catch(() => undefined);
    return shown;
  }

  async #show(status: RoomStatus): Promise<void> {
    this.#timer?.cancel();
    if (status.isPageVisible) for (const { readerId } of status.waiting) this.#known.add(readerId);
    await this.#showWaiting(status);
    await this.#showEnding(status);
  }

  async #showWaiting({ roomTag, state, waiting, restarting }: RoomStatus): Promise<void> {
    const shown = this.#places.waiting;
    if (shown !== undefined) {
      if (waiting.some(({ readerId }) => readerId === shown.readerId)) return;
      await this.#take(shown.place);
      delete this.#places.waiting;
      await this.#platform.keep(this.#places);
    }
    if (state !== 'open' || restarting === true) return;
    const next = waiting.find(({ readerId }) => !this.#known.has(readerId));
    if (next === undefined) return;
    const place = await this.#post(waitingView(roomTag, next, await this.#language()));
    this.#known.add(next.readerId);
    if (place === null) return;
    this.#places.waiting = { readerId: next.readerId, place };
    await this.#platform.keep(this.#places);
  }

  async #showEnding(status: RoomStatus): Promise<void> {
    const { state, expiresAt, over, restarting, isPageVisible, roomTag } = status;
    if (restarting === true) return;
    const isLive = over === null && (state === 'open' || state === 'interrupted');
    const leftMs = expiresAt - this.#clock.now();
    const isEnding = isLive && leftMs <= ENDING_MS;
    if (!isEnding && this.#places.ending !== undefined) {
      await this.#take(this.#places.ending);
      delete this.#places.ending;
      await this.#platform.keep(this.#places);
    }
    if (!isLive) return;
    if (!isEnding) {
      this.#hadTime = true;
      // A moment later, so that it counts as five minutes by every clock.
      this.#timer = this.#clock.after(leftMs - ENDING_MS + 1, () => void this.#tellEnding(status));
      return;
    }
    // A note that never had more time needs no word about it, nor one whose page says it already.
    const isTold = !this.#hadTime || isPageVisible || state !== 'open';
    this.#hadTime = false;
    if (isTold) return;
    const place = await this.#post(endingView(roomTag, expiresAt, leftMs, await this.#language()));
    if (place === null) return;
    this.#places.ending = place;
    await this.#platform.keep(this.#places);
  }

  /** Nothing has changed but the time. Never rejects. */
  async #tellEnding(status: RoomStatus): Promise<void> {
    try {
      await this.show(status);
    } catch (error) {
      this.#log.warn({ event: 'ping-not-sent', room: status.roomTag, ...errorFields(error) });
    }
  }

  /** Null where there will be no ping. */
  async #post(view: View): Promise<Place | null> {
    try {
      return await this.#platform.post(view);
    } catch (error) {
      if (remedyFor(error) === 'later') throw error;
      this.#log.warn({ event: 'ping-not-sent', ...errorFields(error) });
      return null;
    }
  }

  async #take(place: Place): Promise<void> {
    try {
      await this.#platform.remove(place);
    } catch (error) {
      if (remedyFor(error) === 'later') throw error;
      this.#log.warn({ event: 'ping-not-removed', ...errorFields(error) });
    }
  }
}

function waitingView(tag: string, { readerId, shortCode }: WaitingReader, language: ChatLanguage): View {
  const { text: say } = language;
  const value = `${tag} ${readerId}`;
  const line = language.line('ping.waits', { code: { strong: spacedCode(shortCode) } });
  return {
    summary: plainText(line),
    parts: [
      text(line),
      buttons(
        { action: 'glir-ping-admit', label: say('admit'), value, look: 'primary' },
        { action: 'glir-ping-refuse', label: say('refuse'), value },
      ),
    ],
  };
}

function endingView(tag: string, expiresAt: number, leftMs: number, language: ChatLanguage): View {
  const { text: say, line, duration } = language;
  // In whole minutes, as the sentence is read for a while.
  const left = say('left', { duration: duration(Math.ceil(leftMs / 60_000) * 60) });
  const more = say('ping.more', { duration: duration(LIMITS.moreTimeSeconds) });
  return {
    summary: left,
    parts: [
      text([{ strong: left }, ' · ', ...line('ping.ends', { time: { at: expiresAt, as: 'time' } })]),
      buttons({ action: 'glir-more-time', label: more, value: tag, look: 'primary' }),
    ],
  };
}
