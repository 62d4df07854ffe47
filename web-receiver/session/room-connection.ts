import { type Bytes, toBase64Url } from '../../src/protocol/bytes.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import { deriveLinkKeys, type LinkKeys } from '../../src/protocol/crypto/link-keys.ts';
import { type Refusal, Refused } from '../../src/protocol/errors.ts';
import type { Reply } from '../../src/protocol/messages.ts';
import type { PageClock } from '../../web-shared/clock.ts';
import { keepConnected, signallingUrl } from '../../web-shared/net/reconnect.ts';
import { Disconnected, type ServerEvent, type SignallingClient } from '../../web-shared/net/signalling-client.ts';
import { openPeerSession, type PeerSession, type PeerSessionListener } from './peer-session.ts';

interface Surroundings {
  origin: string;
  clock: PageClock;
  language: string;
  /** What lets this page in again, once it was let in; null before. */
  readmissionToken(): string | null;
  /** The server's answer to a join, while the connection is made. */
  learned(reply: Reply<'join'>): void;
  /** Connected to the room. */
  joined(visit: PeerSession): void;
  refused(code: Refusal): void;
  notice(notice: ServerEvent): void;
  /** The socket is lost; the next try is under way. */
  down(): void;
  /** The server is out of reach, or this browser cannot connect. */
  failed(): void;
  /** A channel has closed, and nobody said why. */
  over(): void;
  listener: PeerSessionListener;
}

/** How long a closed channel is left for the doctor's page or the server to say why: their words take another way. */
const LAST_WORDS_MS = 200;

/** This page's socket, and its connections to the room: one at a time, a later one replaces the one before. */
export class Joining {
  readonly #link: { roomId: string; secret: Bytes };
  readonly #around: Surroundings;
  #keys: LinkKeys | null = null;
  /** The join under way; aborted when it is not wanted any more. */
  #turn: AbortController | null = null;
  #visit: PeerSession | null = null;
  /** What the server calls this page's last connection. */
  #readerId: string | null = null;
  #signalling: SignallingClient | null = null;
  #connection: { stop(): void } | null = null;

  constructor(link: { roomId: string; secret: Bytes }, around: Surroundings) {
    this.#link = link;
    this.#around = around;
  }

  /** Null while there is none, or it is being made. */
  get visit(): PeerSession | null {
    return this.#visit;
  }

  get underWay(): boolean {
    return this.#turn !== null;
  }

  /** Connects, and connects again when the socket is lost. */
  start(): void {
    const { origin, clock, down, failed, notice } = this.#around;
    this.#connection = keepConnected(signallingUrl(origin), clock, {
      up: (signalling) => {
        this.#signalling = signalling;
        signalling.onServerEvent = notice;
        void this.#join(signalling);
      },
      down: () => {
        this.#signalling = null;
        down();
      },
      gaveUp: failed,
    });
  }

  /** Connects to the room anew; while the socket is away that comes by itself. */
  again(): void {
    if (this.#signalling !== null) void this.#join(this.#signalling);
  }

  /** The page goes away. */
  say(message: { t: 'leave' }): void {
    this.#signalling?.say(message);
  }

  leave(): void {
    this.#turn?.abort();
    this.#turn = null;
    this.#visit?.close();
    this.#visit = null;
  }

  /** Drops the keys and the socket as well; `start` begins anew. */
  forget(): void {
    this.leave();
    this.#signalling = null;
    this.#connection?.stop();
    this.#connection = null;
    this.#keys?.psk.fill(0);
    this.#keys = null;
  }

  async #join(signalling: SignallingClient): Promise<void> {
    this.leave();
    const turn = new AbortController();
    this.#turn = turn;
    const isMine = () => this.#turn === turn;
    try {
      const visit = await this.#connect(signalling, turn.signal);
      if (!isMine()) return visit.close();
      this.#turn = null;
      this.#visit = visit;
      this.#around.joined(visit);
    } catch (error) {
      if (!isMine()) return;
      this.#turn = null;
      if (error instanceof Refused) this.#around.refused(error.code);
      // A lost socket is noticed where it is watched; anything else is this browser failing to connect.
      else if (!(error instanceof Disconnected)) this.#around.failed();
    }
  }

  async #connect(signalling: SignallingClient, signal: AbortSignal): Promise<PeerSession> {
    const { roomId, secret } = this.#link;
    const { clock, language, listener } = this.#around;
    this.#keys ??= await deriveLinkKeys(secret, roomId);
    const keys = this.#keys;
    const join = { version: PROTOCOL_VERSION, roomId, joinKey: toBase64Url(keys.joinKey) };
    const before = this.#readerId === null ? {} : { before: this.#readerId };
    const joined = await signalling.request('join', { ...join, ...before });
    this.#readerId = joined.readerId;
    // The socket serves the join that came last: what this one would say now would count for that.
    signal.throwIfAborted();
    const readmissionToken = this.#around.readmissionToken();
    const hello = { language, admission: joined.admission, ...(readmissionToken === null ? {} : { readmissionToken }) };
    let visit: PeerSession | null = null;
    const lost = () => {
      listener.lost();
      clock.after(LAST_WORDS_MS, () => visit !== null && visit === this.#visit && this.#around.over());
    };
    const opening = openPeerSession({ id: roomId, keys }, joined, hello, { signalling, signal }, { ...listener, lost });
    // The connection is begun before the page is drawn, which takes as long.
    clock.after(0, () => {
      if (!signal.aborted && (this.underWay || this.#visit !== null)) this.#around.learned(joined);
    });
    visit = await opening;
    return visit;
  }
}
