/** The note's side of the screen: the text, the list of medicines, and what readers have of them and ask about them. */

import type { Note } from '../../../src/protocol/note.ts';
import type { TimeFormat } from '../../../web-shared/i18n/time-format.ts';
import { linesOf } from '../../../web-shared/note-positions.ts';
import type { Announcer } from '../../../web-shared/ui/announcer.ts';
import { el, setShown, setText } from '../../../web-shared/ui/dom.ts';
import { createFilesPanel } from '../../files/files-panel.ts';
import { createMedicinesPanel } from '../../medicines/medicines-panel.ts';
import type { NoteContent } from '../../session/draft.ts';
import type { ComposerActions, ComposerState } from '../../session/state.ts';
import { createReaderQuestions, type OpenQuestion } from '../room/reader-questions.ts';
import type { ComposerKey, ComposerStrings } from '../strings.ts';
import { createMarkdownPreview } from './markdown-preview.ts';
import { createNoteCopies } from './note-copies.ts';
import { createNoteEditor } from './note-editor.ts';
import { type RecordFacts, recordText } from './record-text.ts';

type Writing = ComposerState & { name: 'writing' };
type Open = ComposerState & { name: 'open' };
type LiveKey = Extract<ComposerKey, `live.${string}`>;

/** A changed live status is read out after it has stood for so long: not with every key that is pressed. */
const ANNOUNCE_AFTER_MS = 2_000;

export interface NotePane {
  readonly element: HTMLElement;
  focus(): void;
  text(): string;
  /** About how many characters the note is over (positive) or under (negative) the limit, given its UTF-8 bytes. */
  charactersOver(noteBytes: number): number;
  update(state: Writing | Open): void;
  setNote(content: NoteContent): void;
  wipe(): void;
}

/** @param share the doctor asked for it from the keyboard */
export function createNotePane(
  actions: ComposerActions,
  announcer: Announcer,
  strings: ComposerStrings,
  time: TimeFormat,
  share: () => void,
): NotePane {
  const list = createMedicinesPanel(strings, (medicines) => actions.setMedicines(medicines));
  const note = createNoteEditor(announcer, strings, {
    write: (text) => actions.write(text),
    share,
    importPrescription: (prescription) => list.importText(prescription),
    attach: (file) => {
      actions.addFiles([file]);
      return last !== null && last.files.limits.fileBytes > 0;
    },
  });
  const files = createFilesPanel(actions, announcer, strings);
  const live = createLiveStatus(announcer, strings);
  const questions = createReaderQuestions({
    actions,
    announcer,
    strings,
    textAt: ({ part, index }) => (part === 'text' ? (linesOf({ text: note.text() })[index] ?? '') : list.textAt(index)),
    goTo: ({ part, index }) => (part === 'text' ? note.goToLine(index) : list.goToMedicine(index)),
    onLastAnswered: () => live.element.focus(),
  });
  let last: Writing | Open | null = null;
  const content = (): Note => ({
    text: note.text(),
    format: last?.options.format ?? 'plain',
    medicines: list.medicines(),
  });
  const keeping = createNoteCopies(strings, {
    note: content,
    record: () => recordText(content(), recordFacts(last), strings, time),
    load(loaded) {
      const { text, medicines } = joined(content(), loaded);
      note.setText(text);
      list.set(medicines);
      actions.write(text);
      actions.setMedicines(medicines);
      actions.chooseOptions({ format: loaded.format });
    },
  });
  const preview = createMarkdownPreview(strings, () => note.text());
  const element = el(
    'div',
    { class: 'note-pane' },
    note.element,
    live.element,
    questions.element,
    preview.element,
    list.element,
    files.element,
    keeping.element,
  );

  return {
    element,
    focus: () => note.focus(),
    text: () => note.text(),
    charactersOver: (bytes) => note.charactersOver(bytes),
    setNote({ text, medicines }) {
      note.setText(text);
      list.set(medicines);
    },
    update(state) {
      last = state;
      const locked = state.name === 'writing' && state.sharing;
      const openQuestions = questions.update(state.name === 'open' ? state.readers : []);
      note.update(state, textLines(openQuestions));
      if (state.name === 'open') live.update(state);
      else live.leave();
      setShown(live.element, state.name === 'open');
      preview.update(state.options.format);
      const empty = note.text().trim() === '' && list.medicines().length === 0;
      keeping.update({ empty, shared: state.name === 'open', loadable: state.name === 'writing' && !locked });
      files.update(state.files, state.name === 'open');
      list.update(
        { locked, open: state.name === 'open' },
        openQuestions.flatMap(({ place, id }) => (place.part === 'medicines' ? [{ index: place.index, id }] : [])),
      );
    },
    wipe() {
      last = null;
      live.leave();
      note.wipe();
      preview.wipe();
      list.wipe();
    },
  };
}

/** What is loaded goes behind what is there, so that nothing is lost by it. */
function joined(before: Note, loaded: Note): Pick<Note, 'text' | 'medicines'> {
  const text = before.text.trim() === '' ? loaded.text : `${before.text.trimEnd()}\n\n${loaded.text}`;
  return { text, medicines: [...before.medicines, ...loaded.medicines] };
}

function recordFacts(state: Writing | Open | null): RecordFacts {
  if (state?.name !== 'open') return { from: null, to: null, readBy: 0 };
  const { until, totalMs, readers } = state;
  return { from: until - totalMs, to: null, readBy: readers.filter(({ shownRev }) => shownRev > 0).length };
}

function textLines(openQuestions: readonly OpenQuestion[]): number[] {
  const lines = openQuestions.map(({ place }) => place).filter(({ part }) => part === 'text');
  return [...new Set(lines.map(({ index }) => index))].sort((a, b) => a - b);
}

/** One line under an open note: what its readers have of it. */
function createLiveStatus(
  announcer: Announcer,
  strings: ComposerStrings,
): { element: HTMLElement; update(state: Open): void; leave(): void } {
  const element = el('p', { class: 'live-status', id: 'note-live', tabindex: '-1' });
  let sharedRev: number | null = null;
  let shown: LiveKey | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    element,
    update(state) {
      sharedRev ??= state.contentRev;
      const key = liveKey(state, sharedRev);
      setText(element, strings.t(key));
      if (key === shown) return;
      shown = key;
      const isProblem = state.problem !== null;
      element.classList.toggle('bad', isProblem);
      clearTimeout(timer);
      if (isProblem || key === 'live.seen') {
        timer = setTimeout(() => announcer.say(strings.t(key)), ANNOUNCE_AFTER_MS);
      }
    },
    // It describes the editor, also where it is not in sight.
    leave() {
      clearTimeout(timer);
      shown = null;
      setText(element, '');
    },
  };
}

/** @param sharedRev the revision that was shared first */
function liveKey({ problem, readers, interrupted, editing, contentRev }: Open, sharedRev: number): LiveKey {
  const reading = readers.filter(({ state }) => state === 'reading');
  if (problem !== null) return reading.length > 0 ? `live.${problem}` : `live.${problem}.nobody`;
  if (interrupted) return 'live.interrupted';
  if (reading.length === 0) return readers.some(({ shownRev }) => shownRev > 0) ? 'live.nobodyNow' : 'live.nobody';
  if (editing || reading.some(({ shownRev }) => shownRev < contentRev)) return 'live.sending';
  return contentRev === sharedRev ? 'live.typing' : 'live.seen';
}
