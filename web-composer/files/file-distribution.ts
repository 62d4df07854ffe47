import { randomBytes, toBase64Url } from '../../src/protocol/bytes.ts';
import { FILE_KEY_BYTES } from '../../src/protocol/files/chunks.ts';
import { createProgressOpener, type ProgressOpener } from '../../src/protocol/files/file-frames.ts';
import { encodeFileList, type OfferedFile } from '../../src/protocol/files/file-list.ts';
import type { PageClock, Timer } from '../../web-shared/clock.ts';
import { type FilesChannel, type FilesConnection, openFilesConnection } from '../../web-shared/net/files-connection.ts';
import type { ServerEvent, SignallingClient } from '../../web-shared/net/signalling-client.ts';
import type { PeerSession } from '../readers/peer-session.ts';
import { FileSender } from './file-sender.ts';
import type { NoteFile, NoteFiles } from './note-files.ts';

/** Changes of the list that come together are told together. */
const LIST_MS = 50;
/** After so long another connection is tried when one could not be made. */
const RETRY_MS = 5_000;
/** Frames of one reader at once, and a second on the long run: several times what a page sends at full speed. */
const FRAMES = { burst: 6_000, perSecond: 2_000 };
/** How often what the doctor sees of the progress changes at most. */
const SHOW_MS = 250;

/** How far a file is at the readers who are there. */
export interface Delivery {
  readers: number;
  whole: number;
  damaged: number;
  /** Of what all readers together are to get, from 0 to 1. */
  share: number;
}

interface DistributionEvents {
  changed(): void;
  /** A reader's frames were altered, or are more than a page sends. */
  distrusted(readerId: string): void;
}

/** One reader who has the note on its screen. */
interface FileReader {
  readonly peer: Pick<PeerSession, 'id' | 'send'>;
  readonly sender: FileSender;
  readonly replyKey: string;
  readonly opener: Promise<ProgressOpener>;
  frames: { left: number; at: number };
  /** The list as it was sent last, in JSON; empty before the first. */
  told: string;
}

/** Brings a note's files to its readers: tells them what there is, and sends it to those who connect. */
export class FileDistribution {
  readonly #files: NoteFiles;
  readonly #clock: PageClock;
  readonly #events: DistributionEvents;
  readonly #readers = new Map<string, FileReader>();
  #signalling: SignallingClient | null = null;
  #connection: FilesConnection | null = null;
  #isConnecting = false;
  #telling: Timer | null = null;
  #showing: Timer | null = null;

  constructor(files: NoteFiles, clock: PageClock, events: DistributionEvents) {
    this.#files = files;
    this.#clock = clock;
    this.#events = events;
  }

  connect(signalling: SignallingClient): void {
    this.#signalling = signalling;
  }

  /** This page's connection is lost, and every reader's with it. */
  disconnect(): void {
    this.#signalling = null;
    this.#drop();
    for (const id of [...this.#readers.keys()]) this.readerLeft(id);
    this.#telling?.cancel();
    this.#telling = null;
    this.#showing?.cancel();
    this.#showing = null;
  }

  /** A reader has the note on its screen: it hears of the files. */
  readerShown(peer: Pick<PeerSession, 'id' | 'send'>): void {
    if (this.#readers.has(peer.id)) return;
    const key = randomBytes(FILE_KEY_BYTES);
    const replyKey = toBase64Url(key);
    const opener = createProgressOpener(key);
    const sender = new FileSender(
      (id) => this.#files.find(id),
      () => this.#clock.now(),
    );
    const frames = { left: FRAMES.burst, at: this.#clock.now() };
    this.#readers.set(peer.id, { peer, sender, replyKey, opener, frames, told: '' });
    this.#tell();
  }

  readerLeft(id: string): void {
    this.#readers.get(id)?.sender.stop();
    this.#readers.delete(id);
  }

  /** The files of the note are others. What was withdrawn is not sent any more, from now on. */
  filesChanged(): void {
    this.#telling ??= this.#clock.after(LIST_MS, () => {
      this.#telling = null;
      this.#tell();
    });
  }

  onOpened({ readerId, streamId }: Extract<ServerEvent, { t: 'files-opened' }>): void {
    const reader = this.#readers.get(readerId);
    const connection = this.#connection;
    if (reader === undefined || connection === null) return;
    const channel: FilesChannel = connection.channel(streamId, {
      opened: () => undefined,
      frame: (frame) => void this.#onFrame(reader, frame),
      drained: () => void reader.sender.proceed(),
      // The reader connects anew, and says where it is.
      closed: () => undefined,
    });
    reader.sender.use(channel);
  }

  deliveryOf(file: NoteFile): Delivery {
    const all = [...this.#readers.values()].map(({ sender }) => sender.progressOf(file));
    return {
      readers: all.length,
      whole: all.filter(({ state }) => state === 'whole').length,
      damaged: all.filter(({ state }) => state === 'damaged').length,
      share: all.length === 0 ? 0 : all.reduce((sum, { share }) => sum + share, 0) / all.length,
    };
  }

  #tell(): void {
    const files = this.#files.files.map(offered);
    if (files.length > 0 && this.#readers.size > 0) void this.#connect();
    // Readers are told once they can connect: a composer that could not, as behind a proxy, offers nothing that cannot come.
    if (this.#connection === null) return;
    const list = JSON.stringify(files);
    for (const reader of this.#readers.values()) {
      if (reader.told === list || (reader.told === '' && files.length === 0)) continue;
      reader.told = list;
      reader.peer
        .send({ kind: 'files', list: encodeFileList({ replyKey: reader.replyKey, files }) })
        .catch(() => undefined);
    }
  }

  async #connect(): Promise<void> {
    const signalling = this.#signalling;
    if (signalling === null || this.#connection !== null || this.#isConnecting) return;
    this.#isConnecting = true;
    const lost = (): void => {
      if (signalling !== this.#signalling) return;
      this.#drop();
      void this.#connect();
    };
    try {
      const connection = await openFilesConnection(signalling, this.#clock, lost);
      if (signalling !== this.#signalling) return connection.close();
      this.#connection = connection;
      this.#tell();
    } catch {
      if (signalling === this.#signalling) this.#clock.after(RETRY_MS, () => this.#tell());
    } finally {
      this.#isConnecting = false;
      // The page has come back meanwhile, and its readers wait.
      if (signalling !== this.#signalling) this.#tell();
    }
  }

  #drop(): void {
    for (const { sender } of this.#readers.values()) sender.use(null);
    this.#connection?.close();
    this.#connection = null;
  }

  async #onFrame(reader: FileReader, frame: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.#readers.get(reader.peer.id) !== reader) return;
    try {
      if (!this.#mayCome(reader)) throw new Error('more than a page sends');
      const progress = await (await reader.opener).open(frame);
      if (this.#readers.get(reader.peer.id) !== reader) return;
      reader.sender.take(progress);
    } catch {
      this.#events.distrusted(reader.peer.id);
    }
    this.#showing ??= this.#clock.after(SHOW_MS, () => {
      this.#showing = null;
      this.#events.changed();
    });
  }

  #mayCome({ frames }: FileReader): boolean {
    const now = this.#clock.now();
    const gained = (Math.max(0, now - frames.at) * FRAMES.perSecond) / 1000;
    frames.left = Math.min(FRAMES.burst, frames.left + gained) - 1;
    frames.at = now;
    return frames.left >= 0;
  }
}

function offered({ id, name, kind, bytes, key, hash, save }: NoteFile): OfferedFile {
  return { id, name, kind, bytes, key, hash, save };
}
