import { type Bytes, equalBytes, fromBase64Url } from '../../src/protocol/bytes.ts';
import { CHUNK_BYTES, type ChunkOpener, createChunkOpener, FileHash } from '../../src/protocol/files/chunks.ts';
import { createProgressSealer, decodeChunkFrame, type ProgressSealer } from '../../src/protocol/files/file-frames.ts';
import type { OfferedFile } from '../../src/protocol/files/file-list.ts';
import type { PageClock, Timer } from '../../web-shared/clock.ts';

/** How much arrives before it is acknowledged: less would be more messages, more would keep the doctor's page waiting. */
const ACKNOWLEDGE_BYTES = 64 * 1024;
/** Nothing came for so long: what this page has is said once more; then, what is missing is asked for again. */
const REPEAT_MS = 3_000;
const ASK_AGAIN_MS = 8_000;
/** How often the screen follows. */
const SHOW_MS = 150;

/** A file as the screen shows it. */
export interface IncomingFile {
  readonly offer: OfferedFile;
  readonly state: 'arriving' | 'whole' | 'damaged';
  /** From 0 to 1. */
  readonly share: number;
  /** The content, once it is whole. */
  readonly content: Uint8Array<ArrayBuffer> | null;
}

interface Incoming {
  offer: OfferedFile;
  opener: ChunkOpener;
  hash: FileHash;
  content: Uint8Array<ArrayBuffer> | null;
  state: IncomingFile['state'];
}

interface IncomingOptions {
  clock: PageClock;
  changed(): void;
}

/** The files that the doctor's page offers, as far as they are here. What has arrived outlives a broken connection. */
export class IncomingFiles {
  readonly #clock: PageClock;
  readonly #changed: () => void;
  #files = new Map<number, Incoming>();
  #replyKey = '';
  #sealer: ProgressSealer | null = null;
  #send: ((frame: Bytes) => void) | null = null;
  /** Frames and lists are worked on one after the other. */
  #queue: Promise<void> = Promise.resolve();
  #unacknowledged = 0;
  #silence: Timer | null = null;
  #silentMs = 0;
  #showing: Timer | null = null;
  /** Chunks that came too early were answered with a question; until the right one comes there is no other. */
  #isAsked = false;
  /** Counts up when everything is wiped: what is being worked on then is not kept. */
  #life = 0;

  constructor({ clock, changed }: IncomingOptions) {
    this.#clock = clock;
    this.#changed = changed;
  }

  get files(): IncomingFile[] {
    return [...this.#files.values()].map(({ offer, state, opener, content }) => {
      return { offer, state, share: opener.next / opener.count, content: state === 'whole' ? content : null };
    });
  }

  /** Whether anything is still to come. */
  get isWaiting(): boolean {
    return [...this.#files.values()].some(({ state }) => state === 'arriving');
  }

  /** The files that there are from now on: what was withdrawn is wiped. */
  take(replyKey: string, offers: readonly OfferedFile[]): Promise<void> {
    const life = this.#life;
    return this.#next(async () => {
      if (replyKey !== this.#replyKey) {
        this.#replyKey = replyKey;
        this.#sealer = await createProgressSealer(fromBase64Url(replyKey));
      }
      const files = new Map<number, Incoming>();
      for (const offer of offers) {
        const known = this.#files.get(offer.id);
        if (known !== undefined) known.offer = offer;
        files.set(offer.id, known ?? (await expected(offer)));
      }
      if (life !== this.#life) return;
      for (const [id, file] of this.#files) if (!files.has(id)) wipe(file);
      this.#files = files;
      this.#changed();
      await this.#say(this.#isAsked);
    });
  }

  /** Goes on over another channel, or waits for one. */
  use(send: ((frame: Bytes) => void) | null): void {
    this.#send = send;
    this.#silence?.cancel();
    this.#silence = null;
    if (send === null) return;
    this.#isAsked = true;
    void this.#next(() => this.#say(true));
    this.#expectFrame();
  }

  onFrame(frame: Bytes): void {
    this.#silentMs = 0;
    void this.#next(() => this.#take(frame));
  }

  wipe(): void {
    this.#life += 1;
    this.#showing?.cancel();
    this.#showing = null;
    this.use(null);
    for (const file of this.#files.values()) wipe(file);
    this.#files = new Map();
    this.#replyKey = '';
    this.#sealer = null;
    this.#changed();
  }

  async #take(frame: Bytes): Promise<void> {
    const chunk = decodeChunkFrame(frame);
    const file = chunk === null ? undefined : this.#files.get(chunk.file);
    // What was withdrawn may still be on its way, and so may what was sent twice.
    if (chunk === null || file?.state !== 'arriving' || chunk.index < file.opener.next) return;
    if (chunk.index > file.opener.next) {
      if (this.#isAsked) return;
      this.#isAsked = true;
      return this.#say(true);
    }
    this.#isAsked = false;
    const isNews = await this.#keep(file, chunk.sealed);
    this.#unacknowledged += frame.length;
    if (isNews) this.#changed();
    else this.#showSoon();
    if (isNews || this.#unacknowledged >= ACKNOWLEDGE_BYTES) await this.#say(false, file);
  }

  /** Whether something became of the file. */
  async #keep(file: Incoming, sealed: Bytes): Promise<boolean> {
    const { opener, hash, offer } = file;
    const life = this.#life;
    const at = opener.next * CHUNK_BYTES;
    try {
      const content = await opener.open(sealed);
      await hash.add(content);
      if (life !== this.#life) return false;
      file.content ??= new Uint8Array(offer.bytes);
      file.content.set(content, at);
      content.fill(0);
      if (opener.next < opener.count) return false;
      if (!equalBytes(await hash.digest(), fromBase64Url(offer.hash))) throw new Error('it is another file');
      file.state = 'whole';
    } catch {
      wipe(file);
      file.state = 'damaged';
    }
    return true;
  }

  /**
   * Says how far this page is: with one file, or with all.
   *
   * @param again what was sent beyond that is not here
   */
  async #say(again: boolean, one?: Incoming): Promise<void> {
    const [send, sealer] = [this.#send, this.#sealer];
    if (send === null || sealer === null) return;
    this.#unacknowledged = 0;
    const told = one === undefined ? [...this.#files.values()] : [one];
    const files = told.map(({ offer, opener, state }) => ({ id: offer.id, next: opener.next, state }));
    const frame = await sealer.seal({ files, again });
    if (send === this.#send) send(frame);
  }

  #expectFrame(): void {
    this.#silence = this.#clock.after(REPEAT_MS, () => {
      this.#silentMs += REPEAT_MS;
      const isLong = this.#silentMs >= ASK_AGAIN_MS;
      if (isLong) this.#silentMs = 0;
      // Before the first chunk, it may be the question itself that was lost.
      if (this.isWaiting && (isLong || this.#silentMs > 0)) void this.#next(() => this.#say(isLong || this.#isAsked));
      this.#expectFrame();
    });
  }

  #showSoon(): void {
    this.#showing ??= this.#clock.after(SHOW_MS, () => {
      this.#showing = null;
      this.#changed();
    });
  }

  #next(step: () => Promise<void>): Promise<void> {
    const done = this.#queue.then(step);
    this.#queue = done.catch(() => undefined);
    return done;
  }
}

async function expected(offer: OfferedFile): Promise<Incoming> {
  const opener = await createChunkOpener(fromBase64Url(offer.key), offer.bytes);
  return { offer, opener, hash: new FileHash(), content: null, state: 'arriving' };
}

function wipe(file: Incoming): void {
  file.content?.fill(0);
  file.content = null;
}
