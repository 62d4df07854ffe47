import type { Clock, Timer } from '../clock.ts';
import { areNeighbours } from '../limits/client-network.ts';
import { oldestOfMostCrowded } from '../limits/concurrency.ts';
import { READER_LIMITS, ROOM_LIMITS, SOCKET_LIMITS } from '../limits/socket-limits.ts';
import { createTokenBucket } from '../limits/token-bucket.ts';
import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import { LIMITS } from '../protocol/constants.ts';
import type { Prekey } from '../protocol/crypto/handshake.ts';
import { Refused } from '../protocol/errors.ts';
import type { ServerMessage } from '../protocol/messages.ts';
import type { Channel, PeerTransport } from '../sfu/peer-transport.ts';
import type { RoomRouter } from '../sfu/room-router.ts';
import { FileStreams } from './file-streams.ts';
import type { Peer } from './peer.ts';

const PREKEY_WAIT_MS = 5_000;
/** Readers beyond the admitted ones that may be connected at once: people who have not tapped yet, scanners, waiting. */
const SPARE_READERS = 8;
const READER_ID_BYTES = 16;

/** A composer's prekey together with the SFU stream made for it; both serve one reader only. */
export interface PublishedPrekey {
  /** Id of the stream. */
  id: string;
  prekey: Prekey;
}

/** One connected receiver. `waiting` and `reading` come after the tap. */
export interface ReaderSession {
  readonly id: string;
  readonly peer: Peer;
  readonly transport: PeerTransport;
  readonly channel: Channel;
  readonly prekeyId: string;
  state: 'joined' | 'waiting' | 'reading';
  /** Runs out when the reader does not tap in time, and then when it does not connect. */
  timeout: Timer | null;
  /** Whether it may say one more thing to the composer, as one that waits and as one that reads. */
  readonly maySay: { waiting: () => boolean; reading: () => boolean };
  /** Characters that it had passed on to the composer since the composer last read everything. */
  unread: number;
}

/** A room's connections while its composer is there. */
export class ConnectedRoom {
  readonly roomId: string;
  readonly router: RoomRouter;
  readonly composer: Peer;
  readonly composerTransport: PeerTransport;
  readonly files: FileStreams;
  readonly readers = new Map<string, ReaderSession>();
  readonly #clock: Clock;
  readonly #prekeys: PublishedPrekey[] = [];
  /** The networks of readers who are connecting. */
  readonly #joining: string[] = [];
  readonly #waiting: ((prekey: PublishedPrekey | null) => void)[] = [];

  constructor(roomId: string, router: RoomRouter, composer: Peer, transport: PeerTransport, clock: Clock) {
    this.roomId = roomId;
    this.router = router;
    this.composer = composer;
    this.composerTransport = transport;
    this.files = new FileStreams(router, clock);
    this.#clock = clock;
  }

  get reading(): number {
    return this.#in('reading').length;
  }

  /** Prekeys that nobody has taken yet. */
  get prekeyCount(): number {
    return this.#prekeys.length;
  }

  /** Hands a prekey to whoever waits for one, or keeps it. */
  addPrekey(prekey: PublishedPrekey): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#prekeys.push(prekey);
    else next(prekey);
  }

  /** The next unused prekey. Rejects with Refused `no-prekey` when the composer gives none within 5 s. */
  async takePrekey(): Promise<PublishedPrekey> {
    const prekey = this.#prekeys.shift() ?? (await this.#nextPrekey());
    if (prekey === null) throw new Refused('no-prekey');
    return prekey;
  }

  /** Counts a reader who is connecting, so that many who come at once do not all find the same place free. */
  async joining<Result>(network: string, connect: () => Promise<Result>): Promise<Result> {
    this.#joining.push(network);
    try {
      return await connect();
    } finally {
      this.#joining.splice(this.#joining.indexOf(network), 1);
    }
  }

  /**
   * Makes place for one more connected reader, at the cost of the one that has gone longest without a tap, in the network that
   * has most of those. The last places are left to readers from elsewhere. Throws Refused `room-full` when there is none.
   */
  placeFor(maxReaders: number, network: string): ReaderSession | null {
    const free = maxReaders + SPARE_READERS - this.readers.size - this.#joining.length;
    const untapped = this.#in('joined');
    const others = [...this.#in('waiting').map(({ peer }) => peer.network), ...this.#joining];
    const isAlone = !others.some((other) => areNeighbours(other, network));
    // Whoever comes from elsewhere gets the place of somebody who has not tapped, or one of the last.
    if (free > (isAlone || untapped.length > 0 ? 0 : ROOM_LIMITS.sparePlacesForOthers)) return null;
    const evicted = oldestOfMostCrowded(untapped, ({ peer }) => peer.network);
    if (evicted === undefined) throw new Refused('room-full');
    return evicted;
  }

  /** Throws Refused `room-full` when too many of the reader's network wait for the doctor already. */
  mayWait({ peer }: ReaderSession): void {
    const neighbours = this.#in('waiting').filter((other) => areNeighbours(other.peer.network, peer.network));
    if (neighbours.length >= ROOM_LIMITS.waitingOfNetwork) throw new Refused('room-full');
  }

  /**
   * Passes on what a reader says to the composer. When the composer cannot read as fast as readers write, it is the reader that
   * said most who goes: this is its session then, else null.
   */
  sayToComposer(reader: ReaderSession, message: ServerMessage): ReaderSession | null {
    const { unreadBytes } = this.composer;
    if (unreadBytes === 0) for (const each of this.readers.values()) each.unread = 0;
    reader.unread += JSON.stringify(message).length;
    const [most = reader] = [...this.readers.values()].sort((one, other) => other.unread - one.unread);
    const isTooMuch = unreadBytes > SOCKET_LIMITS.unreadOfReadersBytes;
    if (!isTooMuch || most !== reader) this.composer.send(message);
    return isTooMuch ? most : null;
  }

  /** Whether the composer has read most of what readers said. */
  get composerKeepsUp(): boolean {
    return this.composer.unreadBytes <= SOCKET_LIMITS.unreadOfReadersBytes;
  }

  /** Registers a reader; `onUntapped` is called when it does not tap in time. */
  addReader(connection: Pick<ReaderSession, 'peer' | 'transport' | 'channel' | 'prekeyId'>, onUntapped: () => void) {
    const timeout = this.#clock.after(LIMITS.untappedSeconds * 1000, onUntapped);
    const reader: ReaderSession = {
      ...connection,
      id: toBase64Url(randomBytes(READER_ID_BYTES)),
      state: 'joined',
      timeout,
      maySay: {
        waiting: createTokenBucket(this.#clock, READER_LIMITS.waiting),
        reading: createTokenBucket(this.#clock, READER_LIMITS.reading),
      },
      unread: 0,
    };
    this.readers.set(reader.id, reader);
    return reader;
  }

  /** Throws Refused `unknown-reader`. */
  reader(readerId: string): ReaderSession {
    const reader = this.readers.get(readerId);
    if (reader === undefined) throw new Refused('unknown-reader');
    return reader;
  }

  /** Lets the reader's stream flow. Rejects with Refused `room-full` when as many read as the doctor wanted. */
  async admit(reader: ReaderSession, maxReaders: number): Promise<void> {
    if (reader.state === 'reading') return;
    if (this.reading >= maxReaders) throw new Refused('room-full');
    reader.state = 'reading';
    await reader.channel.resume();
  }

  /** Closes a reader's connection and the stream made for it. */
  dropReader(reader: ReaderSession): void {
    reader.timeout?.cancel();
    this.readers.delete(reader.id);
    this.files.closeReader(reader.id);
    reader.transport.close();
    this.composerTransport.closeProducer(reader.prekeyId);
  }

  /** Closes every connection of the room. The sockets stay: they still have to be told why. */
  close(): void {
    for (const reader of this.readers.values()) reader.timeout?.cancel();
    this.readers.clear();
    for (const wait of this.#waiting.splice(0)) wait(null);
    this.router.close();
  }

  #in(state: ReaderSession['state']): ReaderSession[] {
    return [...this.readers.values()].filter((reader) => reader.state === state);
  }

  #nextPrekey(): Promise<PublishedPrekey | null> {
    return new Promise((resolve) => {
      const settle = (prekey: PublishedPrekey | null): void => {
        timer.cancel();
        resolve(prekey);
      };
      const timer = this.#clock.after(PREKEY_WAIT_MS, () => {
        this.#waiting.splice(this.#waiting.indexOf(settle), 1);
        resolve(null);
      });
      this.#waiting.push(settle);
    });
  }
}
