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

/** How soon it rings again for somebody whose ping was taken away undecided, because a connection was lost. */
const RING_AGAIN_MS = 60_000;

const NEVER_AGAIN = Number.POSITIVE_INFINITY;

/** Where a note's pings stand: at most one for somebody who waits (`reader` as `nameInChat` has it), and one for its end. */
export interface PingPlaces<Place> {
  waiting?: { reader: string; place: Place } | undefined;
  ending?: Place | undefined;
}

/** What a reader is called in a message that is not changed: a reader whose connection broke waits again under another id. */
export function nameInChat({ number, shortCode }: Pick<WaitingReader, 'number' | 'shortCode'>): string {
  return `${number}-${shortCode}`;
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
 * that the note ends in five minutes. A doctor who can see the note's page gets none for what is on it. For the same reader it
 * rings once, and once more where that reader was lost, undecided, and waits again a minute later. Each is removed when it has
 * nothing to say any more.
 */
export class RoomPings<Place> {
  readonly #platform: PingPlatform<Place>;
  readonly #language: () => Promise<ChatLanguage>;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #places: PingPlaces<Place>;
  /** When it rang last for a reader; for ever where it is not to ring any more, because the page showed them. */
  readonly #rang = new Map<string, number>();
  /** Whether the note had more time left than the doctor is told of. */
  #hadTime = false;
  #timer: Timer | null = null;
  #ringTimer: Timer | null = null;
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
    if (places.waiting !== undefined) this.#rang.set(places.waiting.reader, clock.now());
  }

  /** Brings the pings up to date. Rejects when the platform may take at a later try what it did not take now. */
  show(status: RoomStatus): Promise<void> {
    const shown = this.#turn.then(() => this.#show(status));
    this.#turn = shown.catch(() => undefined);
    return shown;
  }

  async #show(status: RoomStatus): Promise<void> {
    this.#timer?.cancel();
    this.#ringTimer?.cancel();
    if (status.isPageVisible) for (const reader of status.waiting) this.#rang.set(nameInChat(reader), NEVER_AGAIN);
    await this.#showWaiting(status);
    await this.#showEnding(status);
  }

  async #showWaiting(status: RoomStatus): Promise<void> {
    const { roomTag, state, waiting, restarting } = status;
    const shown = this.#places.waiting;
    if (shown !== undefined) {
      if (waiting.some((reader) => nameInChat(reader) === shown.reader)) return;
      await this.#take(shown.place);
      delete this.#places.waiting;
      await this.#platform.keep(this.#places);
    }
    if (state !== 'open' || restarting === true) return;
    const [next] = waiting
      .map((reader) => ({ reader, dueAt: (this.#rang.get(nameInChat(reader)) ?? -RING_AGAIN_MS) + RING_AGAIN_MS }))
      .sort((a, b) => a.dueAt - b.dueAt);
    if (next === undefined || next.dueAt === NEVER_AGAIN) return;
    const inMs = next.dueAt - this.#clock.now();
    if (inMs > 0) this.#ringTimer = this.#clock.after(inMs, () => void this.#showLater(status));
    else await this.#ring(roomTag, next.reader);
  }

  async #ring(tag: string, reader: WaitingReader): Promise<void> {
    const place = await this.#post(waitingView(tag, reader, await this.#language()));
    const name = nameInChat(reader);
    this.#rang.set(name, place === null ? NEVER_AGAIN : this.#clock.now());
    if (place === null) return;
    this.#places.waiting = { reader: name, place };
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
      this.#timer = this.#clock.after(leftMs - ENDING_MS + 1, () => void this.#showLater(status));
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
  async #showLater(status: RoomStatus): Promise<void> {
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

function waitingView(tag: string, reader: WaitingReader, language: ChatLanguage): View {
  const { text: say } = language;
  const { shortCode } = reader;
  const value = `${tag} ${nameInChat(reader)}`;
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
