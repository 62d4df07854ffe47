import { type Bytes, toBase64Url } from '../../src/protocol/bytes.ts';
import type { ConnectionFailure } from '../../src/protocol/connection-failures.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import { type FirstKnock, keepFirstKnock, keptFirstKnock } from '../../src/protocol/crypto/handshake.ts';
import { deriveLinkKeys, type LinkKeys } from '../../src/protocol/crypto/link-keys.ts';
import { tokenAfterReload } from '../../src/protocol/crypto/readmission.ts';
import { type Refusal, Refused } from '../../src/protocol/errors.ts';
import { type Reply, type Request, replySchemas } from '../../src/protocol/messages.ts';
import type { PageClock } from '../../web-shared/clock.ts';
import { failureOf, hasWebRtc } from '../../web-shared/net/connection-failure.ts';
import { type PreparedConnection, prepareConnection } from '../../web-shared/net/data-connection.ts';
import { keepConnected, type SocketTrouble, signallingUrl } from '../../web-shared/net/reconnect.ts';
import {
  Disconnected,
  type ReaderSignalling,
  type ServerEvent,
  type SignallingClient,
} from '../../web-shared/net/signalling-client.ts';
import { askToJoin, EARLY_JOIN_ID, takeEarlyJoin } from './early-join.ts';
import { EarlyReader } from './early-reader.ts';
import type { KeptReader } from './note-address.ts';
import { openPeerSession, type PeerHandlers, type PeerSession } from './peer-session.ts';

interface RoomConnectionOptions extends Omit<PeerHandlers, 'onKnocked'> {
  /** The reader that this page was before it was reloaded; null when it was not. */
  beforeReload: KeptReader | null;
  keepReader(reader: KeptReader): void;
  origin: string;
  clock: PageClock;
  language: string;
  /** The server's reply to a join, while the connection is being made. */
  onJoinReply(reply: Reply<'join'>): void;
  onConnected(peer: PeerSession): void;
  onRefused(code: Refusal): void;
  onServerEvent(event: ServerEvent): void;
  /** The socket is lost; the next try is under way. */
  onDisconnected(): void;
  /** The server is out of reach, or something failed that nobody foresaw. */
  onFailed(): void;
  /** No socket opens, or each one is cut; the next try is under way. */
  onSocketTrouble(trouble: SocketTrouble): void;
  /** The socket has taken over the reader who joined before it was there. */
  onAttached(): void;
  /** The data channel does not open: what is in the way. */
  onDataFailure(failure: ConnectionFailure): void;
  /** The data channel closed, and neither the composer nor the server said why. */
  onClosedUnexplained(): void;
}

/** The characters of a room's id by which logs name it. */
const TAG_CHARACTERS = 8;

/** How long after its data channel closed a page waits for the composer or the server to say why. */
const EXPLAIN_MS = 200;

/**
 * How long an answer to a join by request is waited for once the socket is there, where a connection was cut: the request may
 * be on a connection that nobody has noticed to be dead.
 */
const ANSWER_MS = 500;

/** How a page joins the room, and over what it speaks from then on. */
interface Way {
  signalling: ReaderSignalling;
  join(request: Request<'join'>): Promise<Reply<'join'>>;
}

/** There was no answer to the join before the socket: the page joins over the socket. */
class NotAnswered extends Error {
  override readonly name = 'NotAnswered';
}

/** This page's socket, and its connections to the room: one at a time, a later one replaces the one before. */
export class RoomConnection {
  /** Lets this page in again without a question; came sealed with the note. */
  readmissionToken: string | null = null;
  /** The first knock of this page, from which every later one goes on, also after "Try again" and after a reload. */
  #firstKnock: FirstKnock | null = null;
  /** The readmission token of this page before it was reloaded; null when it had none. */
  readonly #tokenBeforeReload: string | null;
  /** The first knock before a reload. */
  readonly #knockBeforeReload: Promise<FirstKnock | null>;
  readonly #link: { roomId: string; secret: Bytes };
  readonly #options: RoomConnectionOptions;
  #keys: LinkKeys | null = null;
  /** The join under way; aborted when it is not wanted any more. */
  #attempt: AbortController | null = null;
  #peer: PeerSession | null = null;
  /** What the server calls this page's last connection. */
  #readerId: string | null = null;
  #signalling: SignallingClient | null = null;
  /** Who joined before there was a socket, until a socket has taken it over. */
  #early: EarlyReader | null = null;
  /** How long its answer is waited for. */
  #patienceMs = Number.POSITIVE_INFINITY;
  /** This page's half of the next connection, made while the socket opens. */
  #prepared: Promise<PreparedConnection | null> | null = null;
  /** The last connection never opened: the next one is made in mediasoup-client's way. */
  #neverOpened = false;
  #socket: { stop(): void } | null = null;
  /** How long sockets live that are cut, in seconds, while the server has not been told. */
  #cutSeconds: number | null = null;

  constructor(link: { roomId: string; secret: Bytes }, options: RoomConnectionOptions) {
    this.#link = link;
    this.#options = options;
    const { beforeReload: kept } = options;
    const [token, first] = kept !== null && 'firstKnock' in kept ? [null, kept.firstKnock] : [kept, null];
    this.#tokenBeforeReload = token?.readmissionToken ?? null;
    this.#knockBeforeReload = first === null ? Promise.resolve(null) : keptFirstKnock(first);
  }

  /** Null while there is none, or it is being made. */
  get peer(): PeerSession | null {
    return this.#peer;
  }

  get isConnecting(): boolean {
    return this.#attempt !== null;
  }

  /** Connects, and connects again whenever the socket is lost. */
  start(): void {
    const { origin, clock } = this.#options;
    const early = takeEarlyJoin();
    if (early !== undefined) {
      this.#prepared = early.prepared;
      this.#early = new EarlyReader(early, this.#link.roomId, clock);
      void this.#join(earlyWay(this.#early, this.#options));
    }
    this.#socket = keepConnected(signallingUrl(origin), clock, {
      returning: () => this.#joinWithoutSocket(),
      up: (signalling) => {
        this.#signalling = signalling;
        signalling.onServerEvent = this.#options.onServerEvent;
        void this.#onSocket(signalling);
      },
      down: () => {
        this.#signalling = null;
        this.#options.onDisconnected();
      },
      gaveUp: this.#options.onFailed,
      trouble: (trouble, seconds) => {
        this.#cutSeconds = seconds ?? null;
        this.#options.onSocketTrouble(trouble);
      },
      reportAs: () => ({ side: 'reader', room: this.#link.roomId.slice(0, TAG_CHARACTERS) }),
    });
  }

  /** Makes this page's half of the first connection, which also starts the browser's WebRTC threads. */
  prepare(): void {
    this.#prepared ??= prepareConnection();
  }

  /** Joins the room again; while the socket is lost that happens by itself. */
  reconnect(): void {
    if (this.#signalling !== null) void this.#join(wayOver(this.#signalling));
  }

  /** Leaves the room; the socket stays. */
  disconnect(): void {
    this.#attempt?.abort();
    this.#attempt = null;
    if (this.#peer !== null) this.#neverOpened = !this.#peer.wasOpen;
    this.#peer?.close();
    this.#peer = null;
  }

  sayLeave(): void {
    this.#signalling?.say({ t: 'leave' });
  }

  /** Drops the socket and all keys as well; `start` begins anew. */
  close(): void {
    this.disconnect();
    void this.#prepared?.then((unused) => unused?.close());
    this.#prepared = null;
    this.#signalling = null;
    this.#early?.giveUp();
    this.#early = null;
    this.#socket?.stop();
    this.#socket = null;
    this.#keys?.psk.fill(0);
    this.#keys = null;
    this.readmissionToken = null;
  }

  /**
   * Joins by a request while the next socket is being opened: a round trip less, and more where a connection is there. Fulfilled
   * when the request is on its way, or there is none.
   */
  #joinWithoutSocket(): Promise<void> {
    // Whoever is asked for a PIN, or for another tap, or has heard how the note ended, has no hurry.
    if (this.readmissionToken === null) return Promise.resolve();
    const sent = Promise.withResolvers<void>();
    const giveUp = new AbortController();
    const asked = Promise.withResolvers<unknown>();
    const early = {
      answer: asked.promise,
      giveUp() {
        giveUp.abort();
        asked.reject(new NotAnswered());
      },
    };
    this.#early?.giveUp();
    this.#early = new EarlyReader(early, this.#link.roomId, this.#options.clock);
    this.#patienceMs = ANSWER_MS;
    const way = earlyWay(this.#early, this.#options);
    const join: Way['join'] = (request) => {
      asked.resolve(askToJoin(request, giveUp.signal));
      sent.resolve();
      return way.join(request);
    };
    void this.#join({ ...way, join }).then(sent.resolve);
    return sent.promise;
  }

  /** A socket is there: it goes on with what was begun without it, or joins. */
  async #onSocket(signalling: SignallingClient): Promise<void> {
    const early = this.#early;
    this.#early = null;
    const isAttached = await early?.attach(signalling, this.#patienceMs).catch(() => true);
    if (this.#signalling !== signalling) return;
    if (isAttached !== true) void this.#join(wayOver(signalling));
    else if (early !== null) this.#options.onAttached();
  }

  async #join(way: Way): Promise<void> {
    this.disconnect();
    const attempt = new AbortController();
    this.#attempt = attempt;
    const isCurrent = () => this.#attempt === attempt;
    try {
      const peer = await this.#connect(way, attempt.signal);
      if (!isCurrent()) return peer.close();
      this.#attempt = null;
      this.#peer = peer;
      this.#options.onConnected(peer);
    } catch (error) {
      // What was made for this attempt is closed with it.
      attempt.abort();
      if (!isCurrent()) return;
      this.#attempt = null;
      if (error instanceof Refused) this.#options.onRefused(error.code);
      // A lost socket is handled by `onDisconnected`.
      else if (error instanceof Disconnected || error instanceof NotAnswered) return;
      else if (hasWebRtc()) this.#options.onFailed();
      else this.#fail('no-webrtc');
    }
  }

  /** This page's half of the next connection; null when that is to be made in mediasoup-client's way. */
  async #takePrepared(signal: AbortSignal): Promise<PreparedConnection | null> {
    if (this.#neverOpened) return null;
    const preparing = this.#prepared ?? prepareConnection();
    this.#prepared = null;
    const prepared = await preparing;
    const close = () => prepared?.close();
    signal.addEventListener('abort', close);
    if (signal.aborted) close();
    return prepared;
  }

  async #connect({ signalling, join }: Way, signal: AbortSignal): Promise<PeerSession> {
    const { roomId, secret } = this.#link;
    const { clock, language } = this.#options;
    const preparing = this.#takePrepared(signal);
    this.#keys ??= await deriveLinkKeys(secret, roomId);
    const keys = this.#keys;
    this.#firstKnock ??= await this.#knockBeforeReload;
    const prepared = await preparing;
    const request = { version: PROTOCOL_VERSION, roomId, joinKey: toBase64Url(keys.joinKey) };
    const earlier = this.#readerId === null ? {} : { before: this.#readerId };
    const dtls = prepared === null ? {} : { dtls: prepared.dtls };
    const joined = await join({ ...request, ...earlier, ...dtls });
    this.#readerId = joined.readerId;
    this.#tellCuts(signalling);
    // The socket serves the join that came last: what this one would say now would count for that.
    signal.throwIfAborted();
    const before = this.#tokenBeforeReload;
    const readmissionToken = this.readmissionToken ?? (before === null ? null : tokenAfterReload(before));
    const hello = { language, admission: joined.admission, ...(readmissionToken === null ? {} : { readmissionToken }) };
    let peer: PeerSession | null = null;
    const onClosed = () => {
      this.#options.onClosed();
      clock.after(EXPLAIN_MS, () => peer !== null && peer === this.#peer && this.#options.onClosedUnexplained());
    };
    const onKnocked = (first: FirstKnock) => {
      this.#firstKnock = first;
      // Somebody who had the note gets another code after a reload: whoever holds the device then has to be asked for it.
      if (readmissionToken === null) this.#options.keepReader({ firstKnock: keepFirstKnock(first) });
    };
    const handlers = { ...this.#options, onClosed, onKnocked };
    const means = { signalling, signal, prepared, firstKnock: this.#firstKnock };
    const opening = openPeerSession({ id: roomId, keys }, joined, hello, means, handlers);
    // The connection is begun before the page is drawn, which takes as long.
    clock.after(0, () => {
      if (!signal.aborted && (this.isConnecting || this.#peer !== null)) this.#options.onJoinReply(joined);
    });
    const opened = opening.then((session) => session.opened);
    void failureOf(clock, opened, () => peer, joined.transport.iceTransportPolicy).then((failure) => {
      const isWanted = this.#attempt?.signal === signal || (peer !== null && peer === this.#peer);
      // Without a socket nobody takes the connection over: then that is what is in the way.
      if (failure !== null && isWanted && this.#signalling !== null) this.#fail(failure);
    });
    peer = await opening.catch((error: unknown) => {
      // Where there is no WebRTC the patient hears all the same whose note it is, and whom to call.
      if (!signal.aborted && !hasWebRtc()) this.#options.onJoinReply(joined);
      throw error;
    });
    return peer;
  }

  /** The server is told first: whoever hears of it may close the socket. */
  #fail(failure: ConnectionFailure): void {
    this.#signalling?.say({ t: 'connection-failed', code: failure });
    this.#options.onDataFailure(failure);
  }

  #tellCuts(signalling: ReaderSignalling): void {
    if (this.#cutSeconds === null) return;
    signalling.say({ t: 'connection-failed', code: 'socket-cut', seconds: this.#cutSeconds });
    this.#cutSeconds = null;
  }
}

function wayOver(signalling: SignallingClient): Way {
  return { signalling, join: (request) => signalling.request('join', request) };
}

/** The join was sent before; what came with its answer is told in the order in which the server said it. */
function earlyWay(early: EarlyReader, { onServerEvent }: Pick<RoomConnectionOptions, 'onServerEvent'>): Way {
  async function join(): Promise<Reply<'join'>> {
    const messages = await early.heard().catch(() => null);
    for (const message of messages ?? []) {
      if (message.t === 'reply' && message.id === EARLY_JOIN_ID) return replySchemas.join.parse(message.data);
      if (message.t === 'refused') throw new Refused(message.code);
      if (message.t !== 'reply' && message.t !== 'heartbeat') onServerEvent(message);
    }
    throw new NotAnswered();
  }
  return { signalling: early, join };
}
