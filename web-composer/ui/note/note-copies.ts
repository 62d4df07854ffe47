/** What the doctor keeps of a note, since GLIR keeps nothing: a copy for the record, and a file on their own disk. */
import type { Note } from '../../../src/protocol/note.ts';
import { createLabels } from '../../../web-shared/i18n/strings.ts';
import { button, el, setShown, setText } from '../../../web-shared/ui/dom.ts';
import { readTemplate, TEMPLATE_BYTES_MAX, TEMPLATE_FILE, writeTemplate } from '../../session/note-template.ts';
import type { ComposerKey, ComposerStrings } from '../strings.ts';

interface NoteKeepingOptions {
  /** The note as it stands. */
  note(): Note;
  /** What goes into the record. */
  record(): string;
  /** Takes the note of a file over; null where none can be loaded. */
  load: ((note: Note) => void) | null;
}

export interface NoteCopies {
  readonly element: HTMLElement;
  /**
   * @param empty there is nothing to keep
   * @param shared the note was shared, so that it belongs into the record
   * @param loadable a file can be loaded now
   */
  update(state: { empty: boolean; shared: boolean; loadable: boolean }): void;
}

/** How long what was done is said. */
const SAID_MS = 4_000;

export function createNoteCopies(strings: ComposerStrings, { note, record, load }: NoteKeepingOptions): NoteCopies {
  const labels = createLabels(strings);
  const said = el('p', { class: 'hint', role: 'status' });
  let shownKey: ComposerKey | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const say = (key: ComposerKey): void => {
    shownKey = key;
    setText(said, strings.t(key));
    clearTimeout(timer);
    timer = setTimeout(() => {
      shownKey = null;
      setText(said, '');
    }, SAID_MS);
  };
  const copy = button('button-quiet', [labels.text('keep.copy')], () => {
    void copyText(record()).then((done) => say(done ? 'keep.copied' : 'keep.notCopied'));
  });
  const save = button('button-quiet', [labels.text('keep.save')], () => {
    saveFile(TEMPLATE_FILE, writeTemplate(note()));
    say('keep.saved');
  });
  const file = el('input', { type: 'file', accept: '.json,application/json', hidden: '' });
  const open = button('button-quiet', [labels.text('keep.load')], () => file.click());
  file.addEventListener('change', () => {
    const [chosen] = file.files ?? [];
    file.value = '';
    if (chosen === undefined || load === null) return;
    void readFile(chosen).then((loaded) => {
      if (loaded === null) return say('keep.notLoaded');
      load(loaded);
      say('keep.loaded');
    });
  });
  return {
    element: el('div', { class: 'note-copies' }, el('div', { class: 'keeping-buttons' }, copy, save, open), file, said),
    update({ empty, shared, loadable }) {
      labels.draw();
      setShown(copy, shared && !empty);
      setShown(save, !empty);
      setShown(open, loadable && load !== null);
      setText(said, shownKey === null ? '' : strings.t(shownKey));
    },
  };
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function saveFile(name: string, content: string): void {
  const address = URL.createObjectURL(new Blob([content], { type: 'application/json' }));
  el('a', { href: address, download: name }).click();
  // The browser has taken the file over by then, and the text is not left in its memory.
  setTimeout(() => URL.revokeObjectURL(address), 1_000);
}

async function readFile(file: File): Promise<Note | null> {
  if (file.size > TEMPLATE_BYTES_MAX) return null;
  return readTemplate(await file.text().catch(() => ''));
}
