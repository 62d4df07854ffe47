/** A prescription file that is pasted or dropped into the note is not inserted as text: the doctor is asked first. */
import { LIMITS } from '../../src/protocol/constants.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { button, el, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ComposerKey, ComposerStrings } from '../ui/strings.ts';
import { IMPORT_MAX, looksLikePrescription } from './import/read-import.ts';

export interface PrescriptionPrompt {
  readonly element: HTMLElement;
  update(locked: boolean): void;
  wipe(): void;
}

/** A prescription that waits for the doctor's answer, and what was selected in the text when it came. */
interface Pending {
  text: string;
  start: number;
  end: number;
}

/** What is done with files that the textbox itself has no use for. */
export interface DroppedFiles {
  /** Adds a prescription to the list of medicines. */
  importPrescription(text: string): void;
  /** Sends a file along with the note; false where no files are. */
  attach(file: File): boolean;
}

/** Watches what is pasted or dropped into `area`. */
export function createPrescriptionPrompt(
  area: HTMLTextAreaElement,
  announcer: Announcer,
  strings: ComposerStrings,
  { importPrescription, attach }: DroppedFiles,
): PrescriptionPrompt {
  const labels = createLabels(strings);
  let pending: Pending | null = null;
  let shownKey: ComposerKey | null = null;
  let locked = false;
  const question = el('p', {});
  const yes = button('', [labels.text('prescription.take')], () => {
    const text = pending?.text ?? '';
    show(null);
    importPrescription(text);
  });
  const no = button('', [labels.text('prescription.text')], () => {
    if (pending === null) return;
    const { text, start, end } = pending;
    show(null);
    area.focus();
    area.setSelectionRange(start, end);
    insert(text);
  });
  const buttons = el('div', { class: 'prescription-buttons' }, yes, no);
  const element = el('div', { class: 'prescription-prompt', hidden: '' }, question, buttons);

  /** Shows `key` under the note; without a prescription there is nothing to choose. */
  function show(key: ComposerKey | null, prescription: Pending | null = null): void {
    shownKey = key;
    pending = prescription;
    draw();
    if (key !== null) announcer.say(strings.t(key));
  }
  function draw(): void {
    labels.draw();
    setText(question, shownKey === null ? '' : strings.t(shownKey));
    setShown(buttons, pending !== null);
    setShown(element, shownKey !== null && !locked);
  }
  function insert(text: string): void {
    // Through the browser's own editing, so that it can be undone; it tells the page by an input event.
    if (document.execCommand('insertText', false, text)) return;
    area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
    area.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
  const ask = (text: string): void =>
    show('prescription', { text, start: area.selectionStart, end: area.selectionEnd });
  // A text that a PDF or a picture is written in is none that belongs into the note.
  const isBinary = ({ type }: File): boolean => /^(?:image|audio|video|font)\/|^application\/pdf$/.test(type);
  const importFile = async (file: File): Promise<void> => {
    const text = file.size > IMPORT_MAX || isBinary(file) ? null : await file.text().catch(() => null);
    const isText = text !== null && !text.includes('\0') && !text.includes('\ufffd');
    if (isText && looksLikePrescription(text)) return ask(text);
    if (!isText || file.size > LIMITS.noteBytes || locked) return attach(file) ? undefined : show('fileNotTaken');
    area.focus();
    insert(text);
  };

  /** Whether it is handled here, so that the browser does not insert it. */
  const handlePaste = (data: DataTransfer | null): boolean => {
    if (data === null || locked) return false;
    const [file] = data.files;
    const text = data.getData('text/plain');
    if (looksLikePrescription(text)) ask(text);
    else if (data.files.length > 1 && text === '') for (const each of data.files) void importFile(each);
    else if (file !== undefined && text === '') void importFile(file);
    else return false;
    return true;
  };
  area.addEventListener('paste', (event) => {
    if (handlePaste(event.clipboardData)) event.preventDefault();
  });
  area.addEventListener('drop', (event) => {
    if (handlePaste(event.dataTransfer)) event.preventDefault();
  });
  area.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files') === true) event.preventDefault();
  });
  // A message about a file goes with the next input; a question waits for its answer.
  area.addEventListener('input', () => {
    if (pending === null && shownKey !== null) show(null);
  });
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    show(null);
    area.focus();
  });

  return {
    element,
    update(now) {
      locked = now;
      draw();
    },
    wipe: () => show(null),
  };
}
