import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../../src/protocol/bytes.ts';
import type { ReaderStreams } from '../../src/protocol/crypto/handshake.ts';
import type { Sealer } from '../../src/protocol/crypto/sealed-stream.ts';
import type { Note } from '../../src/protocol/note.ts';
import { encodeNoteMessage, NAME_MAX, type NoteMessage } from '../../src/protocol/note-message.ts';
import { type ToComposer, type ToReader, toComposerSchema } from '../../src/protocol/sealed.ts';
import type { ReaderChannel } from '../../web-shared/net/webrtc-transport.ts';
import type { ReadersAround } from './readers-around.ts';
import { Tampered } from './tampered.ts';

interface Parts {
  id: string;
  /** Number of its row. */
  number: number;
  streams: ReaderStreams<Sealer>;
  channel: ReaderChannel;
  nD: string;
  readmissionToken: string;
}

type Delivered = Pick<ReadersAround, 'version' | 'leftMs' | 'policy' | 'displayName'>;

/** One reader who proved that it holds the link, at the composer's end. */
export class Reader {
  readonly id: string;
  readonly number: number;
  readonly readmissionToken: string;
  /** What was done with it at this end; the server's word does not change it. */
  state: 'pin' | 'waiting' | 'admitting' | 'admitted' | 'reading' = 'waiting';
  readonly #parts: Parts;
  /** Versions that it may have: the one on its screen and the one on its way. */
  readonly #sent = new Map<number, Note>();
  /** The version on its way. The next one leaves when it has arrived: more would pile up where the worker drops them. */
  #under: number | null = null;
  #due = false;
  #lastRev = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.id = parts.id;
    this.number = parts.number;
    this.readmissionToken = parts.readmissionToken;
  }

  /** Whether it counts among those whom the doctor allowed to read. */
  get hasPlace(): boolean {
    return this.state !== 'pin' && this.state !== 'waiting';
  }

  get nD(): string {
    return this.#parts.nD;
  }

  /** The last version that was sent; 0 for none. */
  get lastRev(): number {
    return this.#lastRev;
  }

  /** Sends the latest version, as soon as the one before has arrived. */
  async deliver({ version: latest, leftMs, policy, displayName }: Delivered): Promise<void> {
    if (this.#under !== null) {
      this.#due = true;
      return;
    }
    const version = latest();
    if (this.#sent.has(version.rev)) return;
    this.#under = version.rev;
    this.#lastRev = version.rev;
    this.#sent.set(version.rev, version.note);
    const { nD, readmissionToken } = this.#parts;
    const who = policy()?.showName === true ? displayName.slice(0, NAME_MAX) : null;
    // Digits behind the point would say nothing, and cost a short note a second datagram.
    await this.send({ kind: 'note', nD, token: readmissionToken, leftMs: Math.floor(leftMs()), who, ...version });
  }

  /**
   * A version is on the reader's screen. Gives it; whether another one waits to be sent says `due`. Throws when that
   * version was never sent.
   */
  arrived(rev: number): { now: Note; due: boolean } {
    const now = this.#sent.get(rev);
    if (now === undefined) throw new Error('a version that was never sent');
    for (const earlier of [...this.#sent.keys()]) if (earlier < rev) this.#sent.delete(earlier);
    const due = this.#due;
    if (rev === this.#under) {
      this.#under = null;
      this.#due = false;
    }
    return { now, due };
  }

  async send(message: NoteMessage): Promise<void> {
    const { channel, streams } = this.#parts;
    await channel.send(await streams.note.seal(encodeNoteMessage(message)));
  }

  /** Seals something for the signalling; base64url. */
  async seal(message: ToReader): Promise<string> {
    return toBase64Url(await this.#parts.streams.outgoing.seal(utf8(JSON.stringify(message))));
  }

  /** Opens what the reader sealed. Rejects with Tampered when it was altered on the way. */
  async open(ciphertext: string): Promise<ToComposer> {
    try {
      const opened = await this.#parts.streams.incoming.open(fromBase64Url(ciphertext));
      return toComposerSchema.parse(JSON.parse(fromUtf8(opened)));
    } catch {
      throw new Tampered('what the reader said was altered on the way');
    }
  }

  close(): void {
    this.#sent.clear();
    this.#parts.channel.close();
  }
}
