/** What is pasted or dropped into the note: a prescription file is not written into it as it stands, but asked about. */
import { LIMITS } from '../../src/protocol/constants.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { button, el, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ComposerKey, ComposerWords } from '../ui/strings.ts';
import { FHIR_MAX, looksLikeFhir } from './fhir.ts';

export interface PrescriptionOffer {
  readonly element: HTMLElement;
  update(locked: boolean): void;
  /** Forgets what was pasted or dropped. */
  wipe(): void;
}

/** What waits for the doctor's answer, and the part of the text that was selected when it came. */
interface Pending {
  text: string;
  start: number;
  end: number;
}

/** Listens to what comes into `area`; `take` takes a prescription over as a list. */
export function createPrescriptionOffer(
  area: HTMLTextAreaElement,
  announcer: Announcer,
  words: ComposerWords,
  take: (text: string) => void,
): PrescriptionOffer {
  const labels = createLabels(words);
  let pending: Pending | null = null;
  let said: ComposerKey | null = null;
  let locked = false;
  const question = el('p', {});
  const yes = button('', [labels.text('prescription.take')], () => {
    const text = pending?.text ?? '';
    say(null);
    take(text);
  });
  const no = button('', [labels.text('prescription.text')], () => {
    if (pending === null) return;
    const { text, start, end } = pending;
    say(null);
    area.focus();
    area.setSelectionRange(start, end);
    insert(text);
  });
  const buttons = el('div', { class: 'offer-buttons' }, yes, no);
  const element = el('div', { class: 'offer', hidden: '' }, question, buttons);

  /** Says `key` under the note; without a prescription there is nothing to choose. */
  function say(key: ComposerKey | null, prescription: Pending | null = null): void {
    said = key;
    pending = prescription;
    draw();
    if (key !== null) announcer.say(words.t(key));
  }
  function draw(): void {
    labels.draw();
    setText(question, said === null ? '' : words.t(said));
    setShown(buttons, pending !== null);
    setShown(element, said !== null && !locked);
  }
  function insert(text: string): void {
    // Through the browser's own editing, so that it can be undone; it tells the page by an input event.
    if (document.execCommand('insertText', false, text)) return;
    area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
    area.dispatchEvent(new InputEvent('input', { bubbles: true }));
  }
  const ask = (text: string): void => say('prescription', { text, start: area.selectionStart, end: area.selectionEnd });
  const takeFile = async (file: File): Promise<void> => {
    if (file.size > FHIR_MAX) return say('medicines.why.too-large');
    const text = await file.text().catch(() => null);
    if (text === null || text.includes('\0')) return say('fileNotTaken');
    if (isPrescription(text)) return ask(text);
    if (looksLikeFhir(text)) return say('medicines.why.xml');
    if (file.size > LIMITS.noteBytes || locked) return say('fileNotTaken');
    area.focus();
    insert(text);
  };

  /** Whether it is seen to here, and not to be written into the note by the browser. */
  const receive = (data: DataTransfer | null): boolean => {
    if (data === null || locked) return false;
    const [file] = data.files;
    const text = data.getData('text/plain');
    if (isPrescription(text)) ask(text);
    else if (file !== undefined && text === '') void takeFile(file);
    else return false;
    return true;
  };
  area.addEventListener('paste', (event) => {
    if (receive(event.clipboardData)) event.preventDefault();
  });
  area.addEventListener('drop', (event) => {
    if (receive(event.dataTransfer)) event.preventDefault();
  });
  area.addEventListener('dragover', (event) => {
    if (event.dataTransfer?.types.includes('Files') === true) event.preventDefault();
  });
  // What was said about a file is over with the next word; a question waits for its answer.
  area.addEventListener('input', () => {
    if (pending === null && said !== null) say(null);
  });
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    say(null);
    area.focus();
  });

  return {
    element,
    update(now) {
      locked = now;
      draw();
    },
    wipe: () => say(null),
  };
}

/** FHIR as JSON; XML is not read. */
function isPrescription(text: string): boolean {
  return looksLikeFhir(text) && !text.trimStart().startsWith('<');
}
