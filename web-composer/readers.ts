import { fromBase64Url, fromUtf8, randomBytes, toBase64Url, utf8 } from '../src/protocol/bytes.ts';
import { answer, type ReaderStreams } from '../src/protocol/crypto/handshake.ts';
import type { LinkKeys } from '../src/protocol/crypto/keys.ts';
import type { Sealer } from '../src/protocol/crypto/stream.ts';
import { encodeNoteMessage, type NoteMessage, type ToReader, toComposerSchema } from '../src/protocol/sealed.ts';
import type { Admission, EndReason } from '../src/protocol/terms.ts';
import type { Notice, Signalling } from '../web-shared/signalling.ts';
import type { ComposerTransport, Outlet } from '../web-shared/transport.ts';
import { Offers } from './offers.ts';
import { Rows } from './rows.ts';
import type { ReaderRow } from './state.ts';

const PASS_BYTES = 16;
/** Each reader who waits is one try at a short code for whoever sits in the middle; more than these are turned away. */
const MAX_WAITING = 8;

interface Reader {
  id: string;
  /** Number of its row. */
  number: number;
  streams: ReaderStreams<Sealer>;
  outlet: Outlet;
  nD: string;
  pass: string;
  /** What was done with it at this end; the server's word does not change it. */
  state: 'waiting' | 'admitted' | 'reading';
}

interface Surroundings {
  roomId: string;
  keys: LinkKeys;
  admission(): Admission;
  note(): string;
  /** Milliseconds that the note may still be shown. */
  leftMs(): number;
  now(): number;
  /** Something that the doctor sees has changed. */
  changed(): void;
}

/** One connection of this page, with what was made on it. */
interface Connection {
  signalling: Signalling;
  transport: ComposerTransport;
  offers: Offers;
}

/**
 * The readers of one room at the composer's end: checks who knocks, admits, sends the note, follows who reads. Outlives
 * a lost connection: a reader that was admitted before gets in again with its pass.
 */
export class Readers {
  readonly #around: Surroundings;
  readonly #readers = new Map<string, Reader>();
  readonly #rows = new Rows();
  /** Ids that the server gave away: one that comes twice could make the doctor admit another reader than the one seen. */
  readonly #ids = new Set<string>();
  /** Row numbers by the pass that their reader got with the note: a reader keeps its row when it comes back. */
  readonly #passes = new Map<string, number>();
  /** Numbers of the rows whose reader had the note on screen. */
  readonly #shown = new Set<number>();
  /** Pages were told to wipe: no note leaves any more. */
  #wiped = false;
  #connection: Connection | null = null;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  get rows(): ReaderRow[] {
    return this.#rows.all;
  }

  /** How many readers had the note on their screen. */
  get readBy(): number {
    return this.#shown.size;
  }

  /** Starts to work on a connection; fulfilled when a first reader could be served. */
  async connect(signalling: Signalling, transport: ComposerTransport): Promise<void> {
    const offers = new Offers(transport);
    this.#connection = { signalling, transport, offers };
    await offers.start();
  }

  /** The connection is lost, and everybody's streams with it. */
  disconnect(): void {
    this.#connection?.transport.close();
    this.#connection = null;
    for (const reader of [...this.#readers.values()]) this.#gone(reader);
  }

  async onNotice(notice: Notice): Promise<void> {
    if (notice.t === 'taken') this.#connection?.offers.more();
    if (notice.t === 'knocked') await this.#onKnock(notice);
    if (notice.t === 'told' && notice.readerId !== undefined) await this.#onTold(notice.readerId, notice.box);
    if (notice.t !== 'left') return;
    this.#gone(this.#readers.get(notice.readerId));
    this.#connection?.offers.take(notice.offerId)?.outlet.close();
  }

  /** Lets a waiting reader in and sends the note. Rejects with Refused `room-full`. */
  async admit(readerId: string): Promise<void> {
    const reader = this.#readers.get(readerId);
    if (reader?.state !== 'waiting') return;
    reader.state = 'admitted';
    try {
      await this.#connection?.signalling.request('admit', { readerId });
    } catch (error) {
      reader.state = 'waiting';
      throw error;
    }
    await this.#deliver(reader);
  }

  async refuse(readerId: string): Promise<void> {
    const reader = this.#readers.get(readerId);
    if (reader === undefined) return;
    this.#gone(reader, 'refused');
    await this.#turnAway(readerId);
  }

  /**
   * Tells every page that got the note to wipe, over the note's own stream, which the server cannot forge. From then on
   * nobody gets the note, whatever the server answers late.
   */
  async wipe(reason: EndReason): Promise<void> {
    this.#wiped = true;
    const holding = [...this.#readers.values()].filter((reader) => reader.state !== 'waiting');
    await Promise.allSettled(holding.map((reader) => this.#send(reader, { kind: 'wipe', reason, text: '' })));
  }

  async #onKnock({ readerId, offerId, enc, box }: Extract<Notice, { t: 'knocked' }>): Promise<void> {
    const open = this.#connection?.offers.take(offerId);
    const { roomId, keys, admission } = this.#around;
    try {
      if (open === undefined) throw new Error('an offer is good for one reader only');
      if (this.#ids.has(readerId)) throw new Error('a reader has an id of its own');
      if (this.#rows.waiting.length >= MAX_WAITING) throw new Error('enough readers wait');
      this.#ids.add(readerId);
      const { offer, secrets, outlet } = open;
      const passes = this.#passes.keys();
      const { hello, streams } = await answer(keys.psk, roomId, offer, secrets, { enc, box }, passes);
      const code = streams.shortCode(secrets.nD);
      const known = this.#passes.get(hello.pass ?? '');
      const reader: Reader = {
        id: readerId,
        number: known ?? this.#rows.nextNumber(),
        streams,
        outlet,
        nD: toBase64Url(secrets.nD),
        pass: known === undefined ? toBase64Url(randomBytes(PASS_BYTES)) : (hello.pass ?? ''),
        state: 'waiting',
      };
      await this.#takeOver(reader.number);
      this.#readers.set(readerId, reader);
      // The patient waits for the note; the doctor's list can wait.
      if (admission() === 'link') await this.#deliver(reader);
      const { number } = reader;
      this.#rows.arrive({ id: readerId, number, shortCode: await code }, this.#around.now());
      // It may have read or left while the code was made.
      const state = this.#readers.get(readerId)?.state ?? 'left';
      if (state === 'reading' || state === 'left') this.#rows.change(reader, state, this.#around.now());
      this.#changed();
      if (admission() === 'link') return;
      if (known !== undefined) return await this.admit(readerId);
      await this.#tell(reader, { kind: 'reveal', nD: reader.nD });
    } catch {
      open?.outlet.close();
      await this.#turnAway(readerId);
    }
  }

  async #onTold(readerId: string, box: string): Promise<void> {
    const reader = this.#readers.get(readerId);
    if (reader === undefined) return;
    try {
      if (reader.state === 'waiting') throw new Error('nothing was sent that could be on a screen');
      toComposerSchema.parse(JSON.parse(fromUtf8(await reader.streams.incoming.open(fromBase64Url(box)))));
    } catch {
      // Somebody between the two altered what the reader said: its stream cannot be trusted any more.
      return this.refuse(readerId);
    }
    reader.state = 'reading';
    this.#shown.add(reader.number);
    this.#rows.change(reader, 'reading', this.#around.now());
    this.#changed();
  }

  async #deliver(reader: Reader): Promise<void> {
    if (this.#wiped) return;
    reader.state = 'admitted';
    const { nD, pass } = reader;
    this.#passes.set(pass, reader.number);
    const { note, leftMs } = this.#around;
    await this.#send(reader, { kind: 'note', rev: 1, nD, pass, leftMs: leftMs(), text: note() });
  }

  async #send(reader: Reader, message: NoteMessage): Promise<void> {
    await reader.outlet.send(await reader.streams.note.seal(encodeNoteMessage(message)));
  }

  async #tell(reader: Reader, message: ToReader): Promise<void> {
    const box = toBase64Url(await reader.streams.outgoing.seal(utf8(JSON.stringify(message))));
    this.#connection?.signalling.say({ t: 'tell', readerId: reader.id, box });
  }

  /** A reader that came back with its pass: its earlier connection ends, so that a pass serves one at a time. */
  async #takeOver(number: number): Promise<void> {
    const before = [...this.#readers.values()].find((reader) => reader.number === number);
    if (before === undefined) return;
    this.#gone(before);
    // Frees its place: the server may not know yet that the earlier connection is dead.
    await this.#turnAway(before.id);
  }

  #gone(reader: Reader | undefined, state: 'left' | 'refused' = 'left'): void {
    if (reader === undefined) return;
    this.#readers.delete(reader.id);
    reader.outlet.close();
    this.#rows.change(reader, state, this.#around.now());
    this.#changed();
  }

  /** One that left at the same moment needs no refusal. */
  async #turnAway(readerId: string): Promise<void> {
    await this.#connection?.signalling.request('refuse', { readerId }).catch(() => undefined);
  }

  #changed(): void {
    this.#around.changed();
    const waiting = this.#rows.waiting.map(({ id: readerId, number, shortCode }) => ({ readerId, number, shortCode }));
    // Only for the chat's view of the room: the page itself does not depend on it.
    this.#connection?.signalling.request('people', { waiting, readBy: this.readBy }).catch(() => undefined);
  }
}
