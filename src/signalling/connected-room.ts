import type { Clock, Timer } from '../clock.ts';
import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import { LIMITS } from '../protocol/constants.ts';
import type { Prekey } from '../protocol/crypto/handshake.ts';
import { Refused } from '../protocol/errors.ts';
import type { Channel, PeerTransport } from '../sfu/peer-transport.ts';
import type { RoomRouter } from '../sfu/room-router.ts';
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
}

/** A room's connections while its composer is there. */
export class ConnectedRoom {
  readonly roomId: string;
  readonly router: RoomRouter;
  readonly composer: Peer;
  readonly composerTransport: PeerTransport;
  readonly readers = new Map<string, ReaderSession>();
  readonly #clock: Clock;
  readonly #prekeys: PublishedPrekey[] = [];
  #joining = 0;
  readonly #waiting: ((prekey: PublishedPrekey | null) => void)[] = [];

  constructor(roomId: string, router: RoomRouter, composer: Peer, transport: PeerTransport, clock: Clock) {
    this.roomId = roomId;
    this.router = router;
    this.composer = composer;
    this.composerTransport = transport;
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
  async joining<Result>(connect: () => Promise<Result>): Promise<Result> {
    this.#joining += 1;
    try {
      return await connect();
    } finally {
      this.#joining -= 1;
    }
  }

  /**
   * Makes place for one more connected reader, at the cost of the one that has gone longest without a tap.
   * Throws Refused `room-full` when everybody here has tapped.
   */
  placeFor(maxReaders: number): ReaderSession | null {
    if (this.readers.size + this.#joining < maxReaders + SPARE_READERS) return null;
    const [oldest] = this.#in('joined');
    if (oldest === undefined) throw new Refused('room-full');
    return oldest;
  }

  /** Registers a reader; `onUntapped` is called when it does not tap in time. */
  addReader(connection: Pick<ReaderSession, 'peer' | 'transport' | 'channel' | 'prekeyId'>, onUntapped: () => void) {
    const timeout = this.#clock.after(LIMITS.untappedSeconds * 1000, onUntapped);
    const reader: ReaderSession = {
      ...connection,
      id: toBase64Url(randomBytes(READER_ID_BYTES)),
      state: 'joined',
      timeout,
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
