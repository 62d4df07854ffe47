import { LIMITS } from '../../src/protocol/constants.ts';
import type { Medicine, Note, TextFormat } from '../../src/protocol/note.ts';
import { noteBytes, type SentNote } from '../../src/protocol/note-message.ts';

/** How the note is shown, and what its reader may do with it. */
export interface NoteOptions {
  format: TextFormat;
  copy: boolean;
  print: boolean;
}

/** What readers get of it. */
export type Version = Pick<SentNote, 'rev' | 'editing' | 'copy' | 'print' | 'note'>;

const EMPTY: Note = { text: '', format: 'plain', medicines: [] };

/** The note as the doctor writes it, and the version of it that readers have. */
export class NoteModel {
  #text = '';
  #medicines: readonly Medicine[] = [];
  #options: NoteOptions = { format: 'plain', copy: true, print: true };
  #version: Version = { rev: 0, editing: false, copy: true, print: true, note: EMPTY };
  /** The version in which words last changed; later ones may only say that the doctor is done. */
  #contentRev = 0;

  get note(): Note {
    return { text: this.#text, format: this.#options.format, medicines: this.#medicines };
  }

  get options(): NoteOptions {
    return this.#options;
  }

  get bytes(): number {
    return noteBytes(this.note);
  }

  get contentRev(): number {
    return this.#contentRev;
  }

  /** The last version that was fit to be read. */
  get version(): Version {
    return this.#version;
  }

  /** Why this cannot be sent as it stands, or null. */
  get problem(): 'empty' | 'too-long' | null {
    if (this.#text.trim() === '' && this.#medicines.length === 0) return 'empty';
    return this.bytes > LIMITS.noteBytes ? 'too-long' : null;
  }

  write(text: string): void {
    this.#text = text;
  }

  list(medicines: readonly Medicine[]): void {
    this.#medicines = medicines;
  }

  choose(options: Partial<NoteOptions>): void {
    this.#options = { ...this.#options, ...options };
  }

  /** Makes what stands there the version that readers get. False when it has a problem: they keep what they have. */
  publish(editing: boolean): boolean {
    if (this.problem !== null) return false;
    this.#advance({ ...this.#options, note: this.note }, editing);
    this.#contentRev = this.#version.rev;
    return true;
  }

  /** The doctor has stopped changing it. */
  settle(): void {
    if (this.#version.editing) this.#advance(this.#version, false);
  }

  wipe(): void {
    this.#text = '';
    this.#medicines = [];
    this.#version = { ...this.#version, note: EMPTY };
  }

  #advance({ copy, print, note }: Pick<Version, 'copy' | 'print' | 'note'>, editing: boolean): void {
    this.#version = { rev: this.#version.rev + 1, editing, copy, print, note };
  }
}
