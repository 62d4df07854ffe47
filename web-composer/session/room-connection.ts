import { randomBytes, toBase64Url } from '../../src/protocol/bytes.ts';
import type { ConnectionFailure } from '../../src/protocol/connection-failures.ts';
import { LIMITS, PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import { type Refusal, Refused } from '../../src/protocol/errors.ts';
import type { Reply, TransportInfo } from '../../src/protocol/messages.ts';
import type { PageClock } from '../../web-shared/clock.ts';
import { failureOf } from '../../web-shared/net/connection-failure.ts';
import { keepConnected, type SocketTrouble, signallingUrl } from '../../web-shared/net/reconnect.ts';
import { Disconnected, type ServerEvent, type SignallingClient } from '../../web-shared/net/signalling-client.ts';
import { type ComposerTransport, openComposerTransport } from '../../web-shared/net/webrtc-transport.ts';
import type { Entry } from './draft.ts';
import { type Room, reconcileRoom } from './room.ts';

const PAGE_BYTES = 16;
/** Refusals that may be over in a moment: no worker runs, the store is away, many reconnect at once. */
const TRANSIENT: readonly string[] = ['unavailable', 'too-often'];

/** How long after a data connection that does not open another one is made. */
const ANOTHER_MS = 20_000;

/** What keeps a page from its readers, and the addresses of the data channels that it was told, for the help desk. */
export interface Blocked {
  failure: ConnectionFailure;
  addresses: readonly string[];
  /** How long sockets live that are cut. */
  seconds?: number;
}

interface ConnectionEvents {
  /** The ticket is good: nothing of it is used up. */
  looked(found: Reply<'look'>): void;
  /** Gives the page's room for what the server granted: a new one the first time, the same one from then on. */
  roomFor(joined: Reply<'compose'>): Promise<Room>;
  connected(signalling: SignallingClient): void;
  disconnected(): void;
  /** What keeps this page from its readers, or that nothing does any more; the connection is tried again and again. */
  blocked(blocked: Blocked | null): void;
  /** No socket opens, and the server does not answer either, or each socket is cut. */
  socketTrouble(trouble: SocketTrouble, seconds?: number): void;
  serverEvent(event: ServerEvent): void;
  /** The server refuses, or is out of reach for too long (`unreachable`), or this browser cannot connect (`no-webrtc`). */
  failed(code: Refusal | 'unreachable' | 'no-webrtc'): void;
}

/** The composer's link to the server and the SFU: looks at its ticket, joins its room, and resumes it after a lost connection. */
export class RoomConnection {
  readonly #entry: Entry;
  readonly #origin: string;
  readonly #clock: PageClock;
  readonly #events: ConnectionEvents;
  /** Lets this page redeem its ticket again when the answer did not reach it. */
  readonly #page = toBase64Url(randomBytes(PAGE_BYTES));
  /** When the server began to refuse for a reason that may pass; null while it does not. */
  #refusedSince: number | null = null;
  /** This browser can connect: what fails later is over in a moment. */
  #wasConnected = false;
  #room: Room | null = null;
  #signalling: SignallingClient | null = null;
  #connection: { stop(): void } | null = null;
  /** How long sockets live that are cut, in seconds, while the server has not been told. */
  #cutSeconds: number | null = null;

  constructor(entry: Entry, origin: string, clock: PageClock, events: ConnectionEvents) {
    this.#entry = entry;
    this.#origin = origin;
    this.#clock = clock;
    this.#events = events;
  }

  /** Null while disconnected. */
  get signalling(): SignallingClient | null {
    return this.#signalling;
  }

  /** Asks what the ticket is good for, and lets go of the server. */
  look(ticket: string): void {
    this.#connection = keepConnected(signallingUrl(this.#origin), this.#clock, {
      up: (signalling) => void this.#look(signalling, ticket),
      down: () => undefined,
      gaveUp: () => this.#events.failed('unreachable'),
      trouble: (trouble, seconds) => {
        this.#cutSeconds = seconds ?? null;
        this.#events.socketTrouble(trouble, seconds);
      },
      reportAs: () => ({ side: 'composer' }),
    });
  }

  async #look(signalling: SignallingClient, ticket: string): Promise<void> {
    try {
      const found = await signalling.request('look', { version: PROTOCOL_VERSION, ticket });
      this.#connection?.stop();
      this.#refusedSince = null;
      this.#events.looked(found);
    } catch (error) {
      this.#onFailure(error, signalling);
    }
  }

  open(): void {
    this.#connection?.stop();
    this.#connection = keepConnected(signallingUrl(this.#origin), this.#clock, {
      up: (signalling) => void this.#connected(signalling),
      down: () => {
        this.#signalling = null;
        this.#events.disconnected();
      },
      gaveUp: () => this.#events.failed('unreachable'),
      trouble: (trouble, seconds) => {
        this.#cutSeconds = seconds ?? null;
        this.#events.socketTrouble(trouble, seconds);
      },
      reportAs: () => ({ side: 'composer' }),
    });
  }

  close(): void {
    this.#room = null;
    this.#signalling = null;
    this.#connection?.stop();
  }

  async #connected(signalling: SignallingClient): Promise<void> {
    this.#signalling = signalling;
    signalling.onServerEvent = (event) => this.#events.serverEvent(event);
    try {
      const joined = await this.#join(signalling);
      const room = await this.#events.roomFor(joined);
      this.#room = room;
      room.ownerToken = joined.ownerToken;
      await reconcileRoom(room, joined, signalling, this.#clock);
      this.#tellCuts(signalling);
      let isOpen = false;
      const transport = await openComposerTransport(joined.transport, signalling, () => {
        // One that never opened is made anew by the watch below, and not all the time.
        if (isOpen) signalling.close();
      });
      void transport.opened.then(() => {
        isOpen = true;
        if (signalling === this.#signalling) this.#events.blocked(null);
      });
      void this.#watchOpening(transport, joined, signalling);
      await room.readers.connect(signalling, transport);
      this.#refusedSince = null;
      this.#wasConnected = true;
      this.#events.connected(signalling);
    } catch (error) {
      this.#onFailure(error, signalling);
    }
  }

  /** Says what is in the way when the data connection does not open, and tries another one after a while. */
  async #watchOpening(
    transport: ComposerTransport,
    joined: Reply<'compose'>,
    signalling: SignallingClient,
  ): Promise<void> {
    const failure = await failureOf(
      this.#clock,
      transport.opened,
      () => transport,
      joined.transport.iceTransportPolicy,
    );
    if (failure === null || signalling !== this.#signalling) return;
    signalling.say({ t: 'connection-failed', code: failure });
    this.#events.blocked({ failure, addresses: addressesIn(joined.transport) });
    const another = this.#clock.after(ANOTHER_MS, () => signalling.close());
    await transport.opened;
    another.cancel();
  }

  #tellCuts(signalling: SignallingClient): void {
    if (this.#cutSeconds === null) return;
    signalling.say({ t: 'connection-failed', code: 'socket-cut', seconds: this.#cutSeconds });
    this.#cutSeconds = null;
  }

  #join(signalling: SignallingClient): Promise<Reply<'compose'>> {
    const version = PROTOCOL_VERSION;
    const entry = this.#room ?? this.#entry;
    return 'ticket' in entry
      ? signalling.request('compose', { version, ticket: entry.ticket, page: this.#page })
      : signalling.request('resume', { version, ownerToken: entry.ownerToken });
  }

  #onFailure(error: unknown, signalling: SignallingClient): void {
    if (error instanceof Disconnected || !signalling.isOpen) return;
    const code = error instanceof Refused ? error.code : null;
    if (code === null ? this.#wasConnected || this.#room?.opened != null : this.#mayPass(code)) {
      // The server is there but cannot serve yet, as after a lost worker: the note waits, and the page tries again.
      return signalling.close();
    }
    this.#events.failed(code ?? 'no-webrtc');
  }

  /** Whether a refusal may be over in a moment, and has not lasted for as long as a room waits for its composer. */
  #mayPass(code: Refusal): boolean {
    if (!TRANSIENT.includes(code)) return false;
    const now = this.#clock.now();
    this.#refusedSince ??= now;
    return now - this.#refusedSince <= LIMITS.graceUnreadSeconds * 1000;
  }
}

/** What has to be reachable, as a help desk writes it: the data channels, or the TURN servers where all goes through those. */
function addressesIn({ iceCandidates, iceServers, iceTransportPolicy }: TransportInfo): string[] {
  if (iceTransportPolicy === 'relay') return iceServers.flatMap(({ urls }) => urls);
  return iceCandidates.map(({ protocol, address, port }) => {
    return `${address.includes(':') ? `[${address}]` : address}:${port}/${protocol}`;
  });
}
