import type { Admission, EndReason } from '../../src/protocol/constants.ts';
import { Refused } from '../../src/protocol/errors.ts';
import type { Note } from '../../src/protocol/note.ts';
import type { ServerEvent, SignallingClient } from '../../web-shared/net/signalling-client.ts';
import type { ComposerTransport } from '../../web-shared/net/webrtc-transport.ts';
import type { ReaderRow } from '../session/state.ts';
import { Door } from './admission.ts';
import { type Arrival, Arrivals, type Knocked } from './handshake.ts';
import { Line } from './line.ts';
import type { Reader } from './peer-session.ts';
import { Rows } from './reader-list.ts';
import { Hearing } from './reader-messages.ts';
import type { ReadersAround } from './readers-around.ts';
import { pointsIn } from './receipts.ts';
import { Tampered } from './tampered.ts';

/**
 * The readers of one room at the composer's end: checks who knocks, admits, sends the note, follows who reads. Outlives
 * a lost connection: a reader that was admitted before gets in again with its pass.
 */
export class Readers {
  readonly #around: ReadersAround;
  readonly #readers = new Map<string, Reader>();
  readonly #rows = new Rows();
  readonly #arrivals: Arrivals;
  readonly #door: Door;
  readonly #hearing: Hearing;
  #line: Line | null = null;

  constructor(around: ReadersAround) {
    this.#around = around;
    this.#arrivals = new Arrivals(around, () => this.#rows.nextNumber());
    this.#hearing = new Hearing(around, this.#rows, {
      holds: (reader) => this.#holding.includes(reader),
      admit: (reader) => this.#admit(reader),
      deliver: (reader) => this.#deliver(reader),
      tell: async (reader, message) => this.#line?.tell(reader, message),
      changed: () => this.#changed(),
    });
    this.#door = new Door(this.#rows, () => around.tell('shut'));
  }

  get rows(): ReaderRow[] {
    return this.#rows.complete;
  }

  /** The rows, with what readers point at where it stands in `note`, which may be ahead of their screens. */
  rowsIn(note: Note): ReaderRow[] {
    return this.rows.map((row) => pointsIn(row, this.#hearing.shown.get(row.number), note));
  }

  /** How many readers had the note on their screen. */
  get readBy(): number {
    return this.#hearing.shown.size;
  }

  /** Starts to work on a connection; fulfilled when a first reader could be served. */
  async connect(signalling: SignallingClient, transport: ComposerTransport): Promise<void> {
    this.#line = new Line(signalling, transport);
    await this.#line.prekeys.start();
  }

  /** The connection is lost, and everybody's streams with it. */
  disconnect(): void {
    this.#line?.close();
    this.#line = null;
    for (const reader of [...this.#readers.values()]) this.#gone(reader);
  }

  async onServerEvent(notice: ServerEvent): Promise<void> {
    if (notice.t === 'prekey-taken') this.#line?.prekeys.more();
    if (notice.t === 'knocked') await this.#onKnock(notice);
    if (notice.t === 'decision-requested') await this.#onDecided(notice);
    if (notice.t === 'sealed' && notice.readerId !== undefined) await this.#onTold(notice.readerId, notice.ciphertext);
    if (notice.t !== 'reader-left') return;
    this.#gone(this.#readers.get(notice.readerId));
    this.#line?.prekeys.take(notice.prekeyId)?.channel.close();
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
    if (this.#hearing.isOver) return;
    this.#hearing.isOver = true;
    await Promise.allSettled(this.#holding.map((reader) => reader.send({ kind: 'wipe', reason })));
  }

  get #admission(): Admission {
    return this.#around.policy()?.admission ?? 'ask';
  }

  /** Who got the note, or is getting it. */
  get #holding(): Reader[] {
    return [...this.#readers.values()].filter(({ state }) => state === 'admitted' || state === 'reading');
  }

  /** The doctor decided in the chat; but only the server knows who pressed there, so the doctor sees that somebody did. */
  async #onDecided({ readerId, decision }: Extract<ServerEvent, { t: 'decision-requested' }>): Promise<void> {
    if (decision === 'refuse') return this.refuse(readerId);
    if (this.#readers.get(readerId)?.state === 'waiting') this.#around.tell('chat');
    await this.admit(readerId).catch(() => undefined);
  }

  async #onKnock(knocked: Knocked): Promise<void> {
    const { readerId, prekeyId } = knocked;
    const line = this.#line;
    const open = line?.prekeys.take(prekeyId);
    try {
      if (open === undefined) throw new Tampered('an offer is good for one reader only');
      const { reader, code, isBack } = await this.#arrivals.answer(knocked, open, (arrival) => this.#seat(arrival));
      const admission = this.#admission;
      // The patient waits for the note; the doctor's list can wait.
      if (admission === 'link') {
        this.#place(reader, 'admitted');
        await this.#deliver(reader);
      }
      const shortCode = await code;
      this.#rows.change(reader, () => ({ shortCode }));
      this.#changed();
      if (admission === 'link') return;
      if (isBack) return await this.#admit(reader);
      if (admission === 'ask') await this.#line?.tell(reader, { kind: 'reveal', nD: reader.nD });
    } catch (error) {
      open?.channel.close();
      // After a lost connection nothing of it fits any more, and nobody is to blame.
      if (error instanceof Tampered && line === this.#line) this.#around.tell('tampered');
      await this.#line?.turnAway(readerId);
    }
  }

  async #seat({ reader, isBack, told }: Arrival): Promise<void> {
    const { id, number } = reader;
    const admission = this.#admission;
    if (told !== undefined && told !== admission) {
      await this.#line?.tell(reader, { kind: 'tampered' });
      throw new Tampered('the server told the reader another way in than the doctor chose');
    }
    if (admission === 'pin' && !isBack) reader.state = 'pin';
    await this.#takeOver(number);
    if (!isBack && admission !== 'link') this.#door.knocks(number);
    this.#readers.set(id, reader);
    const state = reader.state === 'pin' ? 'pin' : 'waiting';
    this.#rows.arrive({ id, number, state }, this.#around.now());
  }

  async #onTold(readerId: string, ciphertext: string): Promise<void> {
    await this.#arrivals.over(readerId);
    const reader = this.#readers.get(readerId);
    if (reader === undefined) return;
    try {
      const said = await reader.open(ciphertext);
      if (this.#readers.get(readerId) === reader) await this.#hearing.hear(reader, said);
    } catch (error) {
      // Either somebody between the two altered what the reader said, or it says what cannot be: it is trusted no more.
      if (error instanceof Tampered) {
        this.#around.tell('tampered');
        await this.#line?.tell(reader, { kind: 'tampered' });
      }
      await this.refuse(readerId);
    }
  }

  /** Rejects with Refused `room-full`; the reader is then where it was. */
  async #admit(reader: Reader): Promise<void> {
    const { state } = reader;
    // Its stream is not open yet: a version sent now would be lost on the way, and the ones after it with it.
    this.#place(reader, 'admitting');
    try {
      await this.#line?.admit(reader.id);
    } catch (error) {
      reader.state = state;
      if (error instanceof Refused && error.code === 'room-full') this.#around.tell('room-full');
      throw error;
    }
    await this.#deliver(reader);
  }

  async #deliver(reader: Reader): Promise<void> {
    if (this.#hearing.isOver) return;
    if (reader.state !== 'reading') reader.state = 'admitted';
    this.#door.letIn(reader.number);
    this.#arrivals.remember(reader);
    await reader.deliver(this.#around);
  }

  /** Lets a reader have one of the places that the doctor gave, also when the server gives more. */
  #place(reader: Reader, state: 'admitting' | 'admitted'): void {
    const others = [...this.#readers.values()].filter((one) => one !== reader && one.hasPlace);
    if (others.length >= (this.#around.policy()?.maxReaders ?? 0)) {
      this.#around.tell('room-full');
      throw new Refused('room-full');
    }
    reader.state = state;
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
    this.#line?.reportReaders(this.#rows, this.readBy);
  }
}
