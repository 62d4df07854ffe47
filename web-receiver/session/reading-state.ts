import type { SentNote } from '../../src/protocol/note-message.ts';
import type { Place, ToComposer } from '../../src/protocol/sealed.ts';
import { movePlaces, POINTS_MAX, sameNote, samePlace } from '../../web-shared/note-positions.ts';
import type { Reading, RoomFacts } from './state.ts';

/**
 * The version of the note that this page holds, and what the patient did with it. Each change returns the receipt that
 * the composer is to get, or null when nothing changed that it should know.
 */
export class ReadingState {
  #version: SentNote | null = null;
  #understood = false;
  #endReached = false;
  #points: Place[] = [];
  #visible = true;

  get holdsNote(): boolean {
    return this.#version !== null;
  }

  /** What to draw, or null while there is no note. */
  in(room: RoomFacts): Reading | null {
    if (this.#version === null) return null;
    const { note, rev, editing, copy, print } = this.#version;
    const [understood, points] = [this.#understood, this.#points];
    return { name: 'reading', room, note, rev, editing, copy, print, understood, points };
  }

  /** Takes another version, or the same one again over a new connection. */
  take(version: SentNote): ToComposer | null {
    const before = this.#version?.note ?? null;
    if (before !== null && !sameNote(before, version.note)) {
      this.#understood = false;
      this.#endReached = false;
      this.#points = movePlaces(this.#points, before, version.note);
    }
    this.#version = version;
    return this.#visible ? null : { kind: 'screen', visible: false };
  }

  setVisible(visible: boolean): ToComposer | null {
    if (this.#visible === visible) return null;
    this.#visible = visible;
    return this.#version === null ? null : { kind: 'screen', visible };
  }

  reachEnd(): ToComposer | null {
    if (this.#version === null || this.#endReached) return null;
    this.#endReached = true;
    return { kind: 'end-reached', rev: this.#version.rev };
  }

  /** Does nothing while the doctor is editing: half of a sentence cannot be understood. */
  confirmUnderstood(): ToComposer | null {
    if (this.#version === null || this.#version.editing || this.#understood) return null;
    this.#understood = true;
    return { kind: 'understood', rev: this.#version.rev };
  }

  /** Puts a question at a place (`on`) or takes it back; at most POINTS_MAX at a time. */
  point(place: Place, on: boolean): ToComposer | null {
    if (this.#version === null) return null;
    const others = this.#points.filter((one) => !samePlace(one, place));
    if (on && others.length >= POINTS_MAX) return null;
    this.#points = on ? [...others, place] : others;
    return { kind: 'point', rev: this.#version.rev, place, on };
  }

  wipe(): void {
    this.#version = null;
    this.#understood = false;
    this.#endReached = false;
    this.#points = [];
  }
}
