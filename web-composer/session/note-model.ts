import { LIMITS } from '../../src/protocol/constants.ts';
import { fitsIntoNote, type Medicine, type Note, type TextFormat } from '../../src/protocol/note.ts';
import { noteBytes, type SentNote } from '../../src/protocol/note-message.ts';

export interface NoteOptions {
  format: TextFormat;
  copy: boolean;
  print: boolean;
}

/** One published state of the note: the same for every reader. */
export type Revision = Pick<SentNote, 'rev' | 'editing' | 'copy' | 'print' | 'note'>;

const EMPTY: Note = { text: '', format: 'plain', medicines: [] };

/** The note as the doctor writes it, and its last published revision. */
export class NoteModel {
  #text = '';
  #medicines: readonly Medicine[] = [];
  #options: NoteOptions = { format: 'plain', copy: true, print: true };
  #revision: Revision = { rev: 0, editing: false, copy: true, print: true, note: EMPTY };
  #contentRev = 0;

  get note(): Note {
    return { text: this.#text, format: this.#options.format, medicines: this.#medicines };
  }

  get isEmpty(): boolean {
    return this.#text.trim() === '' && this.#medicines.length === 0;
  }

  /** The note with what the doctor allowed: all that is needed to share it again. */
  get kept(): Note & Pick<NoteOptions, 'copy' | 'print'> {
    const { copy, print } = this.#options;
    return { ...this.note, copy, print };
  }

  get options(): NoteOptions {
    return this.#options;
  }

  /** Size as it would be sent, in UTF-8 bytes. */
  get bytes(): number {
    return noteBytes(this.note);
  }

  /** The revision in which the content last changed; later ones may only say that the doctor has finished. */
  get contentRev(): number {
    return this.#contentRev;
  }

  /** Why the note cannot be sent as it stands, or null. */
  get problem(): 'empty' | 'too-long' | 'list-too-long' | null {
    if (this.isEmpty) return 'empty';
    if (!fitsIntoNote(this.#medicines)) return 'list-too-long';
    return this.bytes > LIMITS.noteBytes ? 'too-long' : null;
  }

  setText(text: string): void {
    this.#text = text;
  }

  setMedicines(medicines: readonly Medicine[]): void {
    this.#medicines = medicines;
  }

  setOptions(options: Partial<NoteOptions>): void {
    this.#options = { ...this.#options, ...options };
  }

  /**
   * Makes a revision of the note as it stands; null when it has a problem, and readers keep the revision before.
   *
   * @param editing whether the doctor is still changing it
   */
  publish(editing: boolean): Revision | null {
    if (this.problem !== null) return null;
    this.#advance({ ...this.#options, note: this.note }, editing);
    this.#contentRev = this.#revision.rev;
    return this.#revision;
  }

  /** The last revision, marked as finished: a new one of the same content when it was marked as being edited. */
  finishEditing(): Revision {
    if (this.#revision.editing) this.#advance(this.#revision, false);
    return this.#revision;
  }

  wipe(): void {
    this.#text = '';
    this.#medicines = [];
    this.#revision = { ...this.#revision, note: EMPTY };
  }

  #advance({ copy, print, note }: Pick<Revision, 'copy' | 'print' | 'note'>, editing: boolean): void {
    this.#revision = { rev: this.#revision.rev + 1, editing, copy, print, note };
  }
}
