import { fromBase64Url, fromUtf8, randomBytes, toBase64Url, utf8 } from '../src/protocol/bytes.ts';
import {
  answer,
  createOffer,
  type Offer,
  type OfferSecrets,
  type ReaderStreams,
} from '../src/protocol/crypto/handshake.ts';
import type { LinkKeys } from '../src/protocol/crypto/keys.ts';
import type { Sealer } from '../src/protocol/crypto/stream.ts';
import { encodeNoteMessage, type NoteMessage, type ToReader, toComposerSchema } from '../src/protocol/sealed.ts';
import type { Admission, EndReason } from '../src/protocol/terms.ts';
import type { Notice, Signalling } from '../web-shared/signalling.ts';
import type { ComposerTransport, Outlet } from '../web-shared/transport.ts';
import type { ReaderRow } from './state.ts';

/** Offers kept ready, so that a reader who comes never waits for one. */
const SPARE_OFFERS = 3;
const PASS_BYTES = 16;

interface OpenOffer {
  offer: Offer;
  secrets: OfferSecrets;
  outlet: Outlet;
}

interface Reader {
  id: string;
  /** Number of its row. */
  number: number;
  streams: ReaderStreams<Sealer>;
  outlet: Outlet;
  nD: string;
  pass: string;
}

interface Surroundings {
  roomId: string;
  keys: LinkKeys;
  admission(): Admission;
  note(): string;
  now(): number;
  /** Something that the doctor sees has changed. */
  changed(): void;
}

/**
 * The readers of one room at the composer's end: makes offers, checks who knocks, admits, sends the note, follows who
 * reads. Outlives a lost connection: a reader that was admitted before gets in again with its pass.
 */
export class Readers {
  readonly #around: Surroundings;
  readonly #offers = new Map<string, OpenOffer>();
  readonly #readers = new Map<string, Reader>();
  readonly #rows = new Map<number, ReaderRow>();
  /** Row numbers by the pass that their reader got with the note: a reader keeps its row when it comes back. */
  readonly #passes = new Map<string, number>();
  /** Numbers of the rows whose reader had the note on screen. */
  readonly #shown = new Set<number>();
  #signalling: Signalling | null = null;
  #transport: ComposerTransport | null = null;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  get rows(): ReaderRow[] {
    return [...this.#rows.values()];
  }

  /** How many readers had the note on their screen. */
  get readBy(): number {
    return this.#shown.size;
  }

  /** Starts to work on a connection; fulfilled when a first reader could be served. */
  async connect(signalling: Signalling, transport: ComposerTransport): Promise<void> {
    this.#signalling = signalling;
    this.#transport = transport;
    await this.#addOffer(transport);
    for (let spare = 1; spare < SPARE_OFFERS; spare++) void this.#addOffer(transport);
  }

  /** The connection is lost, and everybody's streams with it. */
  disconnect(): void {
    this.#transport?.close();
    this.#transport = null;
    this.#signalling = null;
    this.#offers.clear();
    for (const readerId of [...this.#readers.keys()]) this.#gone(readerId);
  }

  async onNotice(notice: Notice): Promise<void> {
    if (notice.t === 'taken' && this.#transport !== null) await this.#addOffer(this.#transport);
    if (notice.t === 'knocked') await this.#onKnock(notice);
    if (notice.t === 'told' && notice.readerId !== undefined) await this.#onTold(notice.readerId, notice.box);
    if (notice.t === 'decided')
      await (notice.decision === 'admit' ? this.admit(notice.readerId) : this.refuse(notice.readerId));
    if (notice.t !== 'left') return;
    this.#gone(notice.readerId);
    this.#offers.get(notice.offerId)?.outlet.close();
    this.#offers.delete(notice.offerId);
  }

  /** Lets a waiting reader in and sends the note. Rejects with Refused `room-full`. */
  async admit(readerId: string): Promise<void> {
    const reader = this.#readers.get(readerId);
    if (reader === undefined || this.#stateOf(reader) !== 'waiting') return;
    await this.#signalling?.request('admit', { readerId });
    await this.#deliver(reader);
  }

  async refuse(readerId: string): Promise<void> {
    const reader = this.#readers.get(readerId);
    if (reader === undefined) return;
    this.#gone(readerId, 'refused');
    await this.#signalling?.request('refuse', { readerId });
  }

  /** Tells every reading page to wipe, over the note's own stream, which the server cannot forge. */
  async wipe(reason: EndReason): Promise<void> {
    const reading = [...this.#readers.values()].filter((reader) => this.#stateOf(reader) === 'reading');
    await Promise.allSettled(reading.map((reader) => this.#send(reader, { kind: 'wipe', reason, text: '' })));
  }

  async #addOffer(transport: ComposerTransport): Promise<void> {
    const { offer, secrets } = await createOffer();
    const outlet = await transport.publish(offer);
    if (transport === this.#transport) this.#offers.set(outlet.id, { offer, secrets, outlet });
  }

  async #onKnock({ readerId, offerId, enc, box }: Extract<Notice, { t: 'knocked' }>): Promise<void> {
    const open = this.#offers.get(offerId);
    this.#offers.delete(offerId);
    const { roomId, keys, admission } = this.#around;
    try {
      if (open === undefined) throw new Error('an offer is good for one reader only');
      const { offer, secrets, outlet } = open;
      const passes = this.#passes.keys();
      const { hello, streams } = await answer(keys.psk, roomId, offer, secrets, { enc, box }, passes);
      const shortCode = await streams.shortCode(secrets.nD);
      const known = this.#passes.get(hello.pass ?? '');
      const reader: Reader = {
        id: readerId,
        number: known ?? this.#rows.size + 1,
        streams,
        outlet,
        nD: toBase64Url(secrets.nD),
        pass: known === undefined ? toBase64Url(randomBytes(PASS_BYTES)) : (hello.pass ?? ''),
      };
      this.#readers.set(readerId, reader);
      this.#show({ id: readerId, number: reader.number, state: 'waiting', shortCode, since: this.#around.now() });
      if (admission() === 'link') return await this.#deliver(reader);
      if (known !== undefined) return await this.admit(readerId);
      await this.#tell(reader, { kind: 'reveal', nD: reader.nD });
    } catch {
      open?.outlet.close();
      await this.#signalling?.request('refuse', { readerId }).catch(() => undefined);
    }
  }

  async #onTold(readerId: string, box: string): Promise<void> {
    const reader = this.#readers.get(readerId);
    if (reader === undefined) return;
    try {
      toComposerSchema.parse(JSON.parse(fromUtf8(await reader.streams.incoming.open(fromBase64Url(box)))));
    } catch {
      // Somebody between the two altered what the reader said: its stream cannot be trusted any more.
      return this.refuse(readerId);
    }
    this.#shown.add(reader.number);
    this.#change(reader, 'reading');
  }

  #deliver(reader: Reader): Promise<void> {
    const { nD, pass } = reader;
    this.#passes.set(pass, reader.number);
    return this.#send(reader, { kind: 'note', rev: 1, nD, pass, text: this.#around.note() });
  }

  async #send(reader: Reader, message: NoteMessage): Promise<void> {
    reader.outlet.send(await reader.streams.note.seal(encodeNoteMessage(message)));
  }

  async #tell(reader: Reader, message: ToReader): Promise<void> {
    const box = toBase64Url(await reader.streams.outgoing.seal(utf8(JSON.stringify(message))));
    this.#signalling?.say({ t: 'tell', readerId: reader.id, box });
  }

  #gone(readerId: string, state: 'left' | 'refused' = 'left'): void {
    const reader = this.#readers.get(readerId);
    if (reader === undefined) return;
    this.#readers.delete(readerId);
    reader.outlet.close();
    this.#change(reader, state);
  }

  #stateOf({ number }: Reader): ReaderRow['state'] | undefined {
    return this.#rows.get(number)?.state;
  }

  #change({ number }: Reader, state: ReaderRow['state']): void {
    const row = this.#rows.get(number);
    if (row !== undefined) this.#show({ ...row, state, since: this.#around.now() });
  }

  #show(row: ReaderRow): void {
    this.#rows.set(row.number, row);
    this.#around.changed();
    const waiting = this.rows.flatMap(({ id: readerId, number, shortCode, state }) =>
      state === 'waiting' ? [{ readerId, number, shortCode }] : [],
    );
    // Only for the chat's view of the room: the page itself does not depend on it.
    this.#signalling?.request('people', { waiting, readBy: this.readBy }).catch(() => undefined);
  }
}
