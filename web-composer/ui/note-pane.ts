/** The note's side of the desk: the text, the list of medicines, and what readers have and ask of them. */

import { linesOf } from '../../web-shared/note-positions.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { el, setShown } from '../../web-shared/ui/dom.ts';
import { createMedicinesBox } from '../medicines/medicines-box.ts';
import type { Written } from '../session/draft.ts';
import type { ComposerActions, ComposerState } from '../session/state.ts';
import { createLiveLine } from './live-status.ts';
import { createPreview } from './markdown-preview.ts';
import { createNoteBox } from './note-box.ts';
import { type Asked, createQuestions } from './questions.ts';
import type { ComposerWords } from './strings.ts';

type Writing = ComposerState & { name: 'writing' };
type Open = ComposerState & { name: 'open' };

export interface NoteSide {
  readonly element: HTMLElement;
  focus(): void;
  text(): string;
  /** About how many characters the note is over (positive) or under (negative) the limit, given its UTF-8 bytes. */
  charactersOver(noteBytes: number): number;
  update(state: Writing | Open): void;
  /** Shows a note that comes from another window. */
  put(written: Written): void;
  /** Takes the note out of the page. */
  wipe(): void;
}

/** @param share the doctor asked for it from the keyboard */
export function createNoteSide(
  actions: ComposerActions,
  announcer: Announcer,
  words: ComposerWords,
  share: () => void,
): NoteSide {
  const list = createMedicinesBox(words, (medicines) => actions.list(medicines));
  const note = createNoteBox(announcer, words, {
    write: (text) => actions.write(text),
    share,
    take: (prescription) => list.take(prescription),
  });
  const live = createLiveLine(announcer, words);
  const questions = createQuestions({
    actions,
    announcer,
    words,
    textAt: ({ part, index }) => (part === 'text' ? (linesOf({ text: note.text() })[index] ?? '') : list.textAt(index)),
    go: ({ part, index }) => (part === 'text' ? note.go(index) : list.go(index)),
    left: () => live.element.focus(),
  });
  const preview = createPreview(words, () => note.text());
  const element = el(
    'div',
    { class: 'note-side' },
    note.element,
    live.element,
    questions.element,
    preview.element,
    list.element,
  );

  return {
    element,
    focus: () => note.focus(),
    text: () => note.text(),
    charactersOver: (bytes) => note.charactersOver(bytes),
    put({ text, medicines }) {
      note.put(text);
      list.set(medicines);
    },
    update(state) {
      const locked = state.name === 'writing' && state.sharing;
      const asked = questions.update(state.name === 'open' ? state.readers : []);
      note.update(state, linesIn(asked));
      if (state.name === 'open') live.update(state);
      setShown(live.element, state.name === 'open');
      preview.update(state.options.format);
      list.update(
        { locked, open: state.name === 'open' },
        asked.flatMap(({ place, id }) => (place.part === 'medicines' ? [{ index: place.index, id }] : [])),
      );
    },
    wipe() {
      live.stop();
      note.wipe();
      preview.wipe();
      list.wipe();
    },
  };
}

/** Each line once, though several readers ask about it. */
function linesIn(asked: readonly Asked[]): number[] {
  const lines = asked.map(({ place }) => place).filter(({ part }) => part === 'text');
  return [...new Set(lines.map(({ index }) => index))].sort((a, b) => a - b);
}
