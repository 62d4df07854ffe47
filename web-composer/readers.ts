import type { LinkKeys } from '../src/protocol/crypto/keys.ts';
import type { Note } from '../src/protocol/note.ts';
import type { ToComposer } from '../src/protocol/sealed.ts';
import type { Admission, EndReason } from '../src/protocol/terms.ts';
import type { Notice, Signalling } from '../web-shared/signalling.ts';
import type { ComposerTransport } from '../web-shared/transport.ts';
import { type Arrival, Arrivals, type Knocked } from './arrivals.ts';
import { Line } from './line.ts';
import type { Version } from './manuscript.ts';
import type { PinGate } from './pin.ts';
import type { Reader } from './reader.ts';
import { onReceipt, onShown, pointsIn } from './receipts.ts';
import { Rows } from './rows.ts';
import type { ReaderRow } from './state.ts';

/** What the readers need of the page around them. */
export interface ReadersAround {
  roomId: string;
  keys: LinkKeys;
  admission(): Admission;
  /** Null unless admission is by PIN. */
  gate(): PinGate | null;
  version(): Version;
  /** Milliseconds that the note may still be shown. */
  leftMs(): number;
  now(): number;
  /** Something that the doctor sees has changed. */
  changed(): void;
  /** The last wrong PIN was one too many. */
  locked(): void;
}

/**
 * The readers of one room at the composer's end: checks who knocks, admits, sends the note, follows who reads. Outlives
 * a lost connection: a reader that was admitted before gets in again with its pass.
 */
export class Readers {
  readonly #around: ReadersAround;
  readonly #readers = new Map<string, Reader>();
  readonly #rows = new Rows();
  readonly #arrivals: Arrivals;
  /** What readers had on their screens last, by the numbers of their rows. */
  readonly #shown = new Map<number, Note>();
  /** Pages were told to wipe: no note leaves any more. */
  #wiped = false;
  #line: Line | null = null;

  constructor(around: ReadersAround) {
    this.#around = around;
    this.#arrivals = new Arrivals(around, () => this.#rows.nextNumber());
  }

  get rows(): ReaderRow[] {
    return this.#rows.complete;
  }

  /** The rows, with what readers point at where it stands in `note`, which may be ahead of their screens. */
  rowsIn(note: Note): ReaderRow[] {
    return this.rows.map((row) => pointsIn(row, this.#shown.get(row.number), note));
  }

  /** How many readers had the note on their screen. */
  get readBy(): number {
    return this.#shown.size;
  }

  /** Starts to work on a connection; fulfilled when a first reader could be served. */
  async connect(signalling: Signalling, transport: ComposerTransport): Promise<void> {
    this.#line = new Line(signalling, transport);
    await this.#line.offers.start();
  }

  /** The connection is lost, and everybody's streams with it. */
  disconnect(): void {
    this.#line?.close();
    this.#line = null;
    for (const reader of [...this.#readers.values()]) this.#gone(reader);
  }

  async onNotice(notice: Notice): Promise<void> {
    if (notice.t === 'taken') this.#line?.offers.more();
    if (notice.t === 'knocked') await this.#onKnock(notice);
    if (notice.t === 'told' && notice.readerId !== undefined) await this.#onTold(notice.readerId, notice.box);
    if (notice.t !== 'left') return;
    this.#gone(this.#readers.get(notice.readerId));
    this.#line?.offers.take(notice.offerId)?.outlet.close();
  }

  /** Lets a waiting reader in and sends the note. Rejects with Refused `room-full`. */
  async admit(readerId: string): Promise<void> {
    const reader = this.#readers.get(readerId);
    if (reader?.state === 'waiting') await this.#admit(reader);
  }

  async refuse(readerId: string): Promise<void> {
    const reader = this.#readers.get(readerId);
    if (reader === undefined) return;
    this.#gone(reader, 'refused');
    await this.#line?.turnAway(readerId);
  }

  /** The note has changed: everybody who reads gets the latest version. */
  update(): void {
    for (const reader of this.#holding) this.#deliver(reader).catch(() => undefined);
  }

  /** The doctor gave the note more time. */
  addTime(addedMs: number): void {
    for (const reader of this.#holding) reader.send({ kind: 'time', addedMs }).catch(() => undefined);
  }

  /** The doctor has seen to what a reader pointed at. */
  answered(readerId: string): void {
    const reader = this.#readers.get(readerId);
    if (reader !== undefined) this.#rows.change(reader, () => ({ points: [] }));
    this.#around.changed();
  }

  /**
   * Tells every page that got the note to wipe, over the note's own stream, which the server cannot forge. From then on
   * nobody gets the note, whatever the server answers late.
   */
  async wipe(reason: EndReason): Promise<void> {
    this.#wiped = true;
    await Promise.allSettled(this.#holding.map((reader) => reader.send({ kind: 'wipe', reason })));
  }

  /** Who got the note, or is getting it. */
  get #holding(): Reader[] {
    return [...this.#readers.values()].filter(({ state }) => state === 'admitted' || state === 'reading');
  }

  async #onKnock(knocked: Knocked): Promise<void> {
    const { readerId, offerId } = knocked;
    const open = this.#line?.offers.take(offerId);
    try {
      if (open === undefined) throw new Error('an offer is good for one reader only');
      const { reader, code, isBack } = await this.#arrivals.answer(knocked, open, (arrival) => this.#seat(arrival));
      const admission = this.#around.admission();
      // The patient waits for the note; the doctor's list can wait.
      if (admission === 'link') await this.#deliver(reader);
      const shortCode = await code;
      this.#rows.change(reader, () => ({ shortCode }));
      this.#changed();
      if (admission === 'link') return;
      if (isBack) return await this.#admit(reader);
      if (admission === 'ask') await this.#line?.tell(reader, { kind: 'reveal', nD: reader.nD });
    } catch {
      open?.outlet.close();
      await this.#line?.turnAway(readerId);
    }
  }

  async #seat({ reader, isBack }: Arrival): Promise<void> {
    const { id, number } = reader;
    const admission = this.#around.admission();
    if (admission === 'pin' && !isBack) reader.state = 'pin';
    await this.#takeOver(number);
    // Counted where the row is made: of many who knock at the same moment not all may find the last place free.
    if (this.#rows.areCrowded && !isBack && admission !== 'link') throw new Error('enough readers wait');
    this.#readers.set(id, reader);
    const state = reader.state === 'pin' ? 'pin' : 'waiting';
    this.#rows.arrive({ id, number, state }, this.#around.now());
  }

  async #onTold(readerId: string, box: string): Promise<void> {
    await this.#arrivals.over(readerId);
    const reader = this.#readers.get(readerId);
    if (reader === undefined) return;
    try {
      await this.#hear(reader, await reader.open(box));
    } catch {
      // Somebody between the two altered what the reader said: its stream cannot be trusted any more.
      await this.refuse(readerId);
    }
  }

  /** Rejects when the reader says what it cannot truly say. */
  async #hear(reader: Reader, said: ToComposer): Promise<void> {
    if (this.#readers.get(reader.id) !== reader) return;
    if (said.kind === 'pin') return this.#onPin(reader, said.pin);
    if (!this.#holding.includes(reader)) throw new Error('nothing was sent that could be seen');
    if (said.kind === 'shown') {
      const { now, due } = reader.arrived(said.rev);
      const before = this.#shown.get(reader.number) ?? null;
      reader.state = 'reading';
      this.#shown.set(reader.number, now);
      this.#rows.move(reader, 'reading', this.#around.now());
      this.#rows.change(reader, (row) => onShown(row, said.rev, before, now));
      if (due) await this.#deliver(reader);
    } else {
      this.#rows.change(reader, (row) => onReceipt(row, said));
    }
    this.#changed();
  }

  #onPin(reader: Reader, pin: string): Promise<void> | undefined {
    const gate = this.#around.gate();
    if (gate === null || reader.state !== 'pin') return undefined;
    switch (gate.guess(pin)) {
      case 'right':
        return this.#admit(reader);
      case 'wrong':
        this.#rows.change(reader, ({ wrongPins }) => ({ wrongPins: wrongPins + 1 }));
        this.#changed();
        return this.#line?.tell(reader, { kind: 'wrong-pin', triesLeft: gate.triesLeft });
      case 'locked':
        this.#around.locked();
        return undefined;
    }
  }

  /** Rejects with Refused `room-full`; the reader is then where it was. */
  async #admit(reader: Reader): Promise<void> {
    const { state } = reader;
    // Its stream is not open yet: a version sent now would be lost on the way, and the ones after it with it.
    reader.state = 'admitting';
    try {
      await this.#line?.admit(reader.id);
    } catch (error) {
      reader.state = state;
      throw error;
    }
    await this.#deliver(reader);
  }

  async #deliver(reader: Reader): Promise<void> {
    if (this.#wiped) return;
    if (reader.state !== 'reading') reader.state = 'admitted';
    this.#arrivals.remember(reader);
    await reader.deliver(this.#around.version, this.#around.leftMs);
  }

  /** A reader that came back with its pass: its earlier connection ends, so that a pass serves one at a time. */
  async #takeOver(number: number): Promise<void> {
    for (;;) {
      // Anew each time: another one with the same pass may have been seated meanwhile.
      const before = [...this.#readers.values()].find((reader) => reader.number === number);
      if (before === undefined) return;
      this.#gone(before);
      // Frees its place: the server may not know yet that the earlier connection is dead.
      await this.#line?.turnAway(before.id);
    }
  }

  #gone(reader: Reader | undefined, state: 'left' | 'refused' = 'left'): void {
    if (reader === undefined) return;
    this.#readers.delete(reader.id);
    reader.close();
    this.#rows.move(reader, state, this.#around.now());
    this.#changed();
  }

  #changed(): void {
    this.#around.changed();
    this.#line?.tellPeople(this.#rows, this.readBy);
  }
}
