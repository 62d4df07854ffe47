/** The textbox that holds the note, with its size when the limit is near, and what is dropped into it. */
import { LIMITS } from '../../../src/protocol/constants.ts';
import { createLabels } from '../../../web-shared/i18n/strings.ts';
import type { Announcer } from '../../../web-shared/ui/announcer.ts';
import { el, setAttribute, setShown, setText } from '../../../web-shared/ui/dom.ts';
import { createPrescriptionPrompt, type DroppedFiles } from '../../medicines/prescription-prompt.ts';
import type { ComposerState } from '../../session/state.ts';
import type { ComposerStrings } from '../strings.ts';
import { createLineMarkers } from './line-markers.ts';

/** Share of the limit from which the counter shows. */
const COUNTER_FROM = 0.9;

export interface NoteEditorActions extends DroppedFiles {
  write(text: string): void;
  /** Ctrl and Enter, or Command and Enter, in a note that is not shared yet. */
  share(): void;
}

export interface NoteEditor {
  readonly element: HTMLElement;
  focus(): void;
  text(): string;
  /** About how many characters the note is over (positive) or under (negative) the limit, given its UTF-8 bytes. */
  charactersOver(noteBytes: number): number;
  /** @param askedLines lines (from 0) that readers ask about */
  update(state: ComposerState & { name: 'writing' | 'open' }, askedLines: readonly number[]): void;
  goToLine(line: number): void;
  setText(text: string): void;
  wipe(): void;
}

/**
 * The note's textbox. Spelling and writing help are off because some browsers send what is typed to a service for it.
 */
export function createNoteEditor(
  announcer: Announcer,
  strings: ComposerStrings,
  actions: NoteEditorActions,
): NoteEditor {
  const labels = createLabels(strings);
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
  const markers = createLineMarkers(area);
  const prompt = createPrescriptionPrompt(area, announcer, strings, actions);
  const size = el('p', { class: 'hint', id: 'note-size' });
  const isMac = /Mac OS X/.test(navigator.userAgent);
  const keys = el(
    'p',
    { class: 'hint note-keys', id: 'note-keys' },
    labels.text(isMac ? 'shareKeys.mac' : 'shareKeys'),
  );
  const element = el(
    'div',
    { class: 'note-editor' },
    el('label', { class: 'label', for: 'note' }, labels.text('note')),
    markers.element,
    prompt.element,
    size,
    keys,
  );
  let isDraft = true;
  area.addEventListener('input', () => actions.write(area.value));
  area.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
    if (!isDraft || !event.isTrusted) return;
    event.preventDefault();
    actions.share();
  });

  const charactersOver = (noteBytes: number): number => {
    const over = noteBytes - LIMITS.noteBytes;
    const charactersPerByte = noteBytes > 0 ? area.value.length / noteBytes : 1;
    return over > 0 ? Math.ceil(over * charactersPerByte) : Math.trunc(over * charactersPerByte);
  };

  return {
    element,
    charactersOver,
    focus: () => area.focus(),
    text: () => area.value,
    goToLine: (line) => markers.goToLine(line),
    setText(text) {
      area.value = text;
    },
    update(state, askedLines) {
      const { noteBytes } = state;
      const locked = state.name === 'writing' && state.sharing;
      labels.draw();
      isDraft = state.name === 'writing';
      if (area.readOnly !== locked) area.readOnly = locked;
      const over = charactersOver(noteBytes);
      const tooLong = noteBytes > LIMITS.noteBytes;
      const near = noteBytes >= LIMITS.noteBytes * COUNTER_FROM && !locked;
      setText(size, near ? strings.t(tooLong ? 'spaceOver' : 'spaceLeft', { count: Math.abs(over) }) : '');
      size.classList.toggle('bad', tooLong);
      setAttribute(area, 'aria-invalid', tooLong ? 'true' : null);
      setShown(keys, isDraft);
      prompt.update(locked);
      markers.mark(askedLines);
    },
    wipe() {
      area.value = '';
      markers.mark([]);
      prompt.wipe();
    },
  };
}
