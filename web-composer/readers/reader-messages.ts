import type { Note } from '../../src/protocol/note.ts';
import type { ToComposer, ToReader } from '../../src/protocol/sealed.ts';
import type { Reader } from './peer-session.ts';
import type { Rows } from './reader-list.ts';
import type { ReadersAround } from './readers-around.ts';
import { onReceipt, onShown } from './receipts.ts';
import { Tampered } from './tampered.ts';

interface Deeds {
  /** Whether the note was sent to it, and it is still here. */
  holds(reader: Reader): boolean;
  admit(reader: Reader): Promise<void>;
  deliver(reader: Reader): Promise<void>;
  tell(reader: Reader, message: ToReader): Promise<void>;
  changed(): void;
}

/** What readers say once they have knocked, and what comes of it. */
export class Hearing {
  /** What readers had on their screens last, by the numbers of their rows. */
  readonly shown = new Map<number, Note>();
  /** Pages were told to wipe: nobody is told any more that the note is open. */
  isOver = false;
  readonly #around: ReadersAround;
  readonly #rows: Rows;
  readonly #deeds: Deeds;

  constructor(around: ReadersAround, rows: Rows, deeds: Deeds) {
    this.#around = around;
    this.#rows = rows;
    this.#deeds = deeds;
  }

  /** Rejects when the reader says what it cannot truly say, with Tampered when it could not open what was sent. */
  async hear(reader: Reader, said: ToComposer): Promise<void> {
    switch (said.kind) {
      case 'tampered':
        throw new Tampered('the reader could not open what was sent');
      case 'ping':
        return this.#onPing(reader, said.number);
      case 'pin':
        return this.#onPin(reader, said.pin);
    }
    if (!this.#deeds.holds(reader)) throw new Error('nothing was sent that could be seen');
    if (said.kind === 'shown') {
      const { now, due } = reader.arrived(said.rev);
      const before = this.shown.get(reader.number) ?? null;
      reader.state = 'reading';
      this.shown.set(reader.number, now);
      this.#rows.move(reader, 'reading', this.#around.now());
      this.#rows.change(reader, (row) => onShown(row, said.rev, before, now));
      if (due) await this.#deeds.deliver(reader);
    } else {
      this.#rows.change(reader, (row) => onReceipt(row, said));
    }
    this.#deeds.changed();
  }

  /** Whoever is not answered takes the note off the screen: nobody is, once it is over. */
  async #onPing(reader: Reader, number: number): Promise<void> {
    if (this.isOver || this.#around.leftMs() === 0) return;
    await this.#deeds.tell(reader, { kind: 'pong', number, rev: reader.lastRev });
  }

  #onPin(reader: Reader, pin: string): Promise<void> | undefined {
    const gate = this.#around.gate();
    if (gate === null || reader.state !== 'pin') return undefined;
    switch (gate.guess(pin)) {
      case 'right':
        return this.#deeds.admit(reader);
      case 'wrong':
        this.#rows.change(reader, ({ wrongPins }) => ({ wrongPins: wrongPins + 1 }));
        this.#deeds.changed();
        return this.#deeds.tell(reader, { kind: 'wrong-pin', triesLeft: gate.triesLeft });
      case 'locked':
        this.#around.locked();
        return undefined;
    }
  }
}
