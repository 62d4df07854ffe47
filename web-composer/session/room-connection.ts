import { randomBytes, toBase64Url } from '../../src/protocol/bytes.ts';
import { LIMITS, PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import { type Refusal, Refused } from '../../src/protocol/errors.ts';
import type { Reply } from '../../src/protocol/messages.ts';
import type { PageClock } from '../../web-shared/clock.ts';
import { keepConnected, signallingUrl } from '../../web-shared/net/reconnect.ts';
import { Disconnected, type ServerEvent, type SignallingClient } from '../../web-shared/net/signalling-client.ts';
import { openComposerTransport } from '../../web-shared/net/webrtc-transport.ts';
import type { Entry } from './draft.ts';
import type { Room } from './room.ts';

const PAGE_BYTES = 16;
/** Refusals that may be over in a moment: no worker runs, the store is away, many come back at once. */
const PASSING: readonly string[] = ['unavailable', 'too-often'];

interface Surroundings {
  origin: string;
  clock: PageClock;
  /** The page's room for what the server answered: a new one the first time, the same one from then on. */
  room(joined: Reply<'compose'>): Promise<Room>;
  /** Connected to the room; readers can come. */
  seated(): void;
  notice(notice: ServerEvent): void;
  /** The connection is lost; the next try is under way. */
  down(): void;
  /** The server refuses, or is out of reach for too long (`unreachable`), or this browser cannot connect (`no-webrtc`). */
  failed(code: Refusal | 'unreachable' | 'no-webrtc'): void;
}

/** The composer's place in its room: takes it, and takes it again when the connection was lost. */
export class Seat {
  readonly #entry: Entry;
  readonly #around: Surroundings;
  /** Lets this page redeem its ticket again when the answer did not reach it. */
  readonly #page = toBase64Url(randomBytes(PAGE_BYTES));
  /** When the server began to refuse what it may grant in a moment; null while it does not. */
  #refusedSince: number | null = null;
  /** This browser can connect: what fails later is over in a moment. */
  #wasSeated = false;
  #room: Room | null = null;
  #signalling: SignallingClient | null = null;
  #connection: { stop(): void } | null = null;

  constructor(entry: Entry, around: Surroundings) {
    this.#entry = entry;
    this.#around = around;
  }

  /** Null while the connection is away. */
  get signalling(): SignallingClient | null {
    return this.#signalling;
  }

  take(): void {
    const { origin, clock, down, failed } = this.#around;
    this.#connection = keepConnected(signallingUrl(origin), clock, {
      up: (signalling) => void this.#connected(signalling),
      down: () => {
        this.#signalling = null;
        down();
      },
      gaveUp: () => failed('unreachable'),
    });
  }

  leave(): void {
    this.#room = null;
    this.#signalling = null;
    this.#connection?.stop();
  }

  async #connected(signalling: SignallingClient): Promise<void> {
    this.#signalling = signalling;
    signalling.onServerEvent = (notice) => this.#around.notice(notice);
    try {
      const joined = await this.#join(signalling);
      const room = await this.#around.room(joined);
      this.#room = room;
      room.ownerToken = joined.ownerToken;
      const transport = await openComposerTransport(joined.transport, signalling, () => signalling.close());
      await room.readers.connect(signalling, transport);
      this.#refusedSince = null;
      this.#wasSeated = true;
      this.#around.seated();
    } catch (error) {
      this.#onFailure(error, signalling);
    }
  }

  #join(signalling: SignallingClient): Promise<Reply<'compose'>> {
    const version = PROTOCOL_VERSION;
    const entry = this.#room ?? this.#entry;
    return 'ticket' in entry
      ? signalling.request('compose', { version, ticket: entry.ticket, page: this.#page })
      : signalling.request('resume', { version, ownerToken: entry.ownerToken });
  }

  #onFailure(error: unknown, signalling: SignallingClient): void {
    // A lost socket is noticed where it is watched.
    if (error instanceof Disconnected || !signalling.isOpen) return;
    const code = error instanceof Refused ? error.code : null;
    if (code === null ? this.#wasSeated || this.#room?.opened != null : this.#mayPass(code)) {
      // The server is there but cannot serve yet, as after a lost worker: the note waits, and the page tries again.
      return signalling.close();
    }
    this.#around.failed(code ?? 'no-webrtc');
  }

  /** Whether a refusal may be over in a moment, and has not lasted for as long as a room waits for its composer. */
  #mayPass(code: Refusal): boolean {
    if (!PASSING.includes(code)) return false;
    const now = this.#around.clock.now();
    this.#refusedSince ??= now;
    return now - this.#refusedSince <= LIMITS.graceSeconds * 1000;
  }
}
