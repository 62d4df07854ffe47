/** The textbox that holds the note, a word on its size when the limit is near, and what is dropped into it. */
import { LIMITS } from '../../src/protocol/constants.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import { createPrescriptionOffer } from '../medicines/prescription-prompt.ts';
import type { ComposerState } from '../session/state.ts';
import { createLineMarks } from './line-markers.ts';
import type { ComposerWords } from './strings.ts';

/** Share of the limit from which the counter shows. */
const NEAR = 0.9;

export interface NoteBoxParts {
  write(note: string): void;
  /** Ctrl and Enter, or Command and Enter, in a note that is not shared yet. */
  share(): void;
  /** Takes a prescription file over as a list of medicines. */
  take(prescription: string): void;
}

export interface NoteBox {
  readonly element: HTMLElement;
  focus(): void;
  text(): string;
  /** About how many characters the note is over (positive) or under (negative) the limit, given its UTF-8 bytes. */
  charactersOver(noteBytes: number): number;
  /** @param asked lines (from 0) that readers ask about */
  update(state: ComposerState & { name: 'writing' | 'open' }, asked: readonly number[]): void;
  /** Puts the cursor at a line. */
  go(line: number): void;
  /** Shows a text that comes from another window. */
  put(text: string): void;
  /** Takes the text out of the page. */
  wipe(): void;
}

/**
 * The note's textbox. Spelling and writing help are off because some browsers send what is typed to a service for it.
 */
export function createNoteBox(announcer: Announcer, words: ComposerWords, parts: NoteBoxParts): NoteBox {
  const labels = createLabels(words);
  const area = el('textarea', {
    id: 'note',
    class: 'input note-area',
    dir: 'auto',
    autocomplete: 'off',
    spellcheck: 'false',
    writingsuggestions: 'false',
    translate: 'no',
    'data-gramm': 'false',
    'aria-describedby': 'note-size note-keys note-live',
  });
  labels.attribute(area, 'placeholder', 'notePlaceholder');
  const marks = createLineMarks(area);
  const offer = createPrescriptionOffer(area, announcer, words, parts.take);
  const size = el('p', { class: 'hint', id: 'note-size' });
  const isMac = /Mac OS X/.test(navigator.userAgent);
  const keys = el(
    'p',
    { class: 'hint note-keys', id: 'note-keys' },
    labels.text(isMac ? 'shareKeys.mac' : 'shareKeys'),
  );
  const element = el(
    'div',
    { class: 'note-box' },
    el('label', { class: 'label', for: 'note' }, labels.text('note')),
    marks.element,
    offer.element,
    size,
    keys,
  );
  let writing = true;
  area.addEventListener('input', () => parts.write(area.value));
  area.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing || !writing) return;
    event.preventDefault();
    parts.share();
  });

  const charactersOver = (noteBytes: number): number => {
    const over = noteBytes - LIMITS.noteBytes;
    const perByte = noteBytes > 0 ? area.value.length / noteBytes : 1;
    return over > 0 ? Math.ceil(over * perByte) : Math.trunc(over * perByte);
  };

  return {
    element,
    charactersOver,
    focus: () => area.focus(),
    text: () => area.value,
    go: (line) => marks.go(line),
    put(text) {
      area.value = text;
    },
    update(state, asked) {
      const { noteBytes } = state;
      const locked = state.name === 'writing' && state.sharing;
      labels.draw();
      writing = state.name === 'writing';
      if (area.readOnly !== locked) area.readOnly = locked;
      const over = charactersOver(noteBytes);
      const tooLong = noteBytes > LIMITS.noteBytes;
      const near = noteBytes >= LIMITS.noteBytes * NEAR && !locked;
      setText(size, near ? words.t(tooLong ? 'spaceOver' : 'spaceLeft', { count: Math.abs(over) }) : '');
      size.classList.toggle('bad', tooLong);
      setAttribute(area, 'aria-invalid', tooLong ? 'true' : null);
      setShown(keys, writing);
      offer.update(locked);
      marks.mark(asked);
    },
    wipe() {
      area.value = '';
      marks.mark([]);
      offer.wipe();
    },
  };
}
