import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../src/protocol/bytes.ts';
import type { ReaderStreams } from '../../src/protocol/crypto/handshake.ts';
import type { Sealer } from '../../src/protocol/crypto/sealed-stream.ts';
import type { Note } from '../../src/protocol/note.ts';
import { encodeNoteMessage, type NoteMessage, type SentNote } from '../../src/protocol/note-message.ts';
import { type ToComposer, type ToReader, toComposerSchema } from '../../src/protocol/sealed.ts';
import type { ReaderChannel } from '../../web-shared/net/webrtc-transport.ts';

/** Somebody between the two pages altered what a reader sent, or the server broke its rules. */
export class Tampered extends Error {
  override readonly name = 'Tampered';
}

interface PeerSessionOptions {
  /** The server's id for this connection of the reader. */
  id: string;
  /** Number of the reader's row, which it keeps when it reconnects. */
  number: number;
  streams: ReaderStreams<Sealer>;
  channel: ReaderChannel;
  nD: string;
  readmissionToken: string;
}

/** One reader who proved that it holds the link: its keys, its stream, and the revisions that were sent over it. */
export class PeerSession {
  readonly id: string;
  readonly number: number;
  readonly nD: string;
  readonly readmissionToken: string;
  /** What this page decided; the server cannot change it. */
  state: 'pin' | 'waiting' | 'admitting' | 'admitted' | 'reading' = 'waiting';
  readonly #streams: ReaderStreams<Sealer>;
  readonly #channel: ReaderChannel;
  /** Revisions that the reader may have: the one on its screen and the one in transit. */
  readonly #sent = new Map<number, Note>();
  /** The next revision leaves when this one has arrived: the worker drops messages that pile up. */
  #inTransit: number | null = null;
  #isOutdated = false;
  #lastRev = 0;

  constructor({ id, number, nD, readmissionToken, streams, channel }: PeerSessionOptions) {
    this.id = id;
    this.number = number;
    this.nD = nD;
    this.readmissionToken = readmissionToken;
    this.#streams = streams;
    this.#channel = channel;
  }

  /** Whether it counts among those whom the doctor allowed to read. */
  get hasPlace(): boolean {
    return this.state !== 'pin' && this.state !== 'waiting';
  }

  /** Whether it got the note, or is getting it. */
  get holdsNote(): boolean {
    return this.state === 'admitted' || this.state === 'reading';
  }

  /** The last revision that was sent; 0 for none. */
  get lastRev(): number {
    return this.#lastRev;
  }

  /** Seals a revision and sends it; not while another one is in transit, and no revision twice. */
  async sendNote(revision: Omit<SentNote, 'kind' | 'nD' | 'token'>): Promise<void> {
    if (this.#inTransit !== null) {
      this.#isOutdated = true;
      return;
    }
    const { rev, note } = revision;
    if (this.#sent.has(rev)) return;
    this.#inTransit = rev;
    this.#lastRev = rev;
    this.#sent.set(rev, note);
    await this.send({ kind: 'note', nD: this.nD, token: this.readmissionToken, ...revision });
  }

  /**
   * A revision is on the reader's screen. Gives its content, and whether a later one was held back meanwhile. Throws
   * when that revision was never sent.
   */
  arrived(rev: number): { note: Note; isOutdated: boolean } {
    const note = this.#sent.get(rev);
    if (note === undefined) throw new Error('a revision that was never sent');
    for (const earlier of [...this.#sent.keys()]) if (earlier < rev) this.#sent.delete(earlier);
    const isOutdated = this.#isOutdated;
    if (rev === this.#inTransit) {
      this.#inTransit = null;
      this.#isOutdated = false;
    }
    return { note, isOutdated };
  }

  async send(message: NoteMessage): Promise<void> {
    await this.#channel.send(await this.#streams.note.seal(encodeNoteMessage(message)));
  }

  /** Seals a message for the signalling; base64url. */
  async seal(message: ToReader): Promise<string> {
    return toBase64Url(await this.#streams.outgoing.seal(utf8(JSON.stringify(message))));
  }

  /** Opens a message that came over the signalling. Rejects with Tampered when it was altered on the way. */
  async open(ciphertext: string): Promise<ToComposer> {
    try {
      const opened = await this.#streams.incoming.open(fromBase64Url(ciphertext));
      return toComposerSchema.parse(JSON.parse(fromUtf8(opened)));
    } catch {
      throw new Tampered('a message of the reader was altered on the way');
    }
  }

  close(): void {
    this.#sent.clear();
    this.#channel.close();
  }
}
