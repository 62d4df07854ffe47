import type { SentNote } from '../../src/protocol/note-message.ts';
import type { Place, ToComposer } from '../../src/protocol/sealed.ts';
import { movePlaces, POINTS_MAX, sameNote, samePlace } from '../../web-shared/note-positions.ts';
import type { Reading, RoomFacts, SheetActions } from './state.ts';

/** What is on the screen, and what the reader did with it; lives as long as the page may show the note. */
export class Sheet implements SheetActions {
  #version: SentNote | null = null;
  #understood = false;
  #endReached = false;
  #points: Place[] = [];
  #visible = true;
  readonly #tell: (receipt: ToComposer) => void;
  readonly #changed: () => void;

  /**
   * @param tell tells the composer, sealed; lost while there is no connection
   * @param changed there is something new to draw
   */
  constructor(tell: (receipt: ToComposer) => void, changed: () => void) {
    this.#tell = tell;
    this.#changed = changed;
  }

  /** Another version arrived, or the same one anew over another connection. */
  put(version: SentNote): void {
    const before = this.#version?.note ?? null;
    if (before !== null && !sameNote(before, version.note)) {
      this.#understood = false;
      this.#endReached = false;
      this.#points = movePlaces(this.#points, before, version.note);
    }
    this.#version = version;
    if (!this.#visible) this.#tell({ kind: 'screen', visible: false });
    this.#changed();
  }

  get holdsNote(): boolean {
    return this.#version !== null;
  }

  state(room: RoomFacts): Reading | null {
    if (this.#version === null) return null;
    const { note, rev, editing, copy, print } = this.#version;
    const [understood, points] = [this.#understood, this.#points];
    return { name: 'reading', room, note, rev, editing, copy, print, understood, points };
  }

  seen(visible: boolean): void {
    if (this.#visible === visible) return;
    this.#visible = visible;
    if (this.#version === null) return;
    this.#tell({ kind: 'screen', visible });
    // Much may have happened meanwhile: what is drawn now decides anew whether it may be seen.
    if (visible) this.#changed();
  }

  reachedEnd(): void {
    if (this.#version === null || this.#endReached) return;
    this.#endReached = true;
    this.#tell({ kind: 'end-reached', rev: this.#version.rev });
  }

  /** Nothing is understood that the doctor is changing at this moment. */
  understood(): void {
    if (this.#version === null || this.#version.editing || this.#understood) return;
    this.#understood = true;
    this.#tell({ kind: 'understood', rev: this.#version.rev });
    this.#changed();
  }

  point(place: Place, on: boolean): void {
    if (this.#version === null) return;
    const others = this.#points.filter((one) => !samePlace(one, place));
    if (on && others.length >= POINTS_MAX) return;
    this.#points = on ? [...others, place] : others;
    this.#tell({ kind: 'point', rev: this.#version.rev, place, on });
    this.#changed();
  }

  wipe(): void {
    this.#version = null;
    this.#understood = false;
    this.#endReached = false;
    this.#points = [];
  }
}
