/** The textbox that holds the note, and a word on its size when the limit is near. */
import { LIMITS } from '../src/protocol/terms.ts';
import { el, setAttribute, setText } from '../web-shared/dom.ts';
import { words } from './words.ts';

/** Share of the limit from which the counter shows. */
const NEAR = 0.9;

export interface NoteBox {
  readonly element: HTMLElement;
  focus(): void;
  text(): string;
  /** About how many characters the note is over (positive) or under (negative) the limit, given its UTF-8 bytes. */
  charactersOver(noteBytes: number): number;
  update(noteBytes: number, locked: boolean): void;
  /** Takes the text out of the page. */
  wipe(): void;
}

/**
 * The note's textbox. Spelling and writing help are off because some browsers send what is typed to a service for it.
 */
export function createNoteBox(write: (note: string) => void): NoteBox {
  const area = el('textarea', {
    id: 'note',
    class: 'input note-area',
    dir: 'auto',
    placeholder: words.notePlaceholder,
    autocomplete: 'off',
    spellcheck: 'false',
    writingsuggestions: 'false',
    translate: 'no',
    'data-gramm': 'false',
    'aria-describedby': 'note-size',
  });
  const size = el('p', { class: 'hint', id: 'note-size' });
  const element = el(
    'div',
    { class: 'note-box' },
    el('label', { class: 'label', for: 'note' }, words.note),
    area,
    size,
  );
  area.addEventListener('input', () => write(area.value));

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
    update(noteBytes, locked) {
      if (area.readOnly !== locked) area.readOnly = locked;
      const over = charactersOver(noteBytes);
      const tooLong = noteBytes > LIMITS.noteBytes;
      const near = noteBytes >= LIMITS.noteBytes * NEAR && !locked;
      setText(size, near ? (tooLong ? words.spaceOver(over) : words.spaceLeft(-over)) : '');
      size.classList.toggle('bad', tooLong);
      setAttribute(area, 'aria-invalid', tooLong ? 'true' : null);
    },
    wipe() {
      area.value = '';
    },
  };
}
