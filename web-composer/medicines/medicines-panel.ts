/** The list of medicines below the text: a button until it is wanted, then its editor. */
import type { Medicine } from '../../src/protocol/note.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import { button, el, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ComposerStrings } from '../ui/strings.ts';
import { type AskedMedicine, createMedicinesEditor, type MedicinesEditor } from './medicines-editor.ts';

export interface MedicinesPanel {
  readonly element: HTMLElement;
  medicines(): readonly Medicine[];
  set(medicines: readonly Medicine[]): void;
  /** Adds what a prescription file holds, and shows what was left out. */
  importText(text: string): void;
  /** A medicine in one line; '' when there is none at this index. */
  textAt(index: number): string;
  goToMedicine(index: number): void;
  update(state: { locked: boolean; open: boolean }, asked: readonly AskedMedicine[]): void;
  wipe(): void;
}

const NARROW = '(max-width: 55.999rem)';

/** The editor is made when it is first needed; an empty list can be folded away again. */
export function createMedicinesPanel(
  strings: ComposerStrings,
  changed: (medicines: readonly Medicine[]) => void,
): MedicinesPanel {
  const labels = createLabels(strings);
  let editor: MedicinesEditor | null = null;
  let language = strings.language;
  let wasOpen = false;
  const add = button('button-quiet', [labels.text('addList')], () => open().focus());
  const close = button('button-quiet', [labels.text('closeList')], () => {
    show(false);
    add.focus();
  });
  const count = el('span', { class: 'hint' });
  const fold = el(
    'details',
    { class: 'more list-fold', open: '', hidden: '' },
    el('summary', {}, el('span', { class: 'label' }, labels.text('medicines.title')), ' ', count),
    close,
  );
  const element = el('div', { class: 'medicines-panel' }, add, fold);

  function show(shown: boolean): void {
    setShown(add, !shown);
    setShown(fold, shown);
    element.classList.toggle('unfolded', shown);
  }
  function open(): MedicinesEditor {
    if (editor === null) {
      editor = createMedicinesEditor({
        strings,
        changed(medicines) {
          drawCount();
          changed(medicines);
        },
      });
      close.before(editor.element);
    }
    fold.open = true;
    show(true);
    drawCount();
    return editor;
  }
  function drawCount(): void {
    const listed = editor?.medicines().length ?? 0;
    setShown(close, listed === 0);
    const toCheck = editor?.toCheck() ?? 0;
    const checks = toCheck === 0 ? [] : [strings.t('medicines.toCheck', { count: toCheck })];
    setText(count, strings.list([strings.t('listed', { count: listed }), ...checks]));
  }

  return {
    element,
    medicines: () => editor?.medicines() ?? [],
    set(medicines) {
      if (editor === null && medicines.length === 0) return;
      open().set(medicines);
      drawCount();
    },
    importText(text) {
      const opened = open();
      opened.importText(text);
      opened.focus();
    },
    textAt(index) {
      const medicine = editor?.medicines()[index];
      return medicine === undefined ? '' : `${medicine.name} ${medicine.strength}`;
    },
    goToMedicine(index) {
      fold.open = true;
      editor?.goTo(index);
    },
    update({ locked, open: isOpen }, asked) {
      labels.draw();
      if (isOpen && !wasOpen) fold.open = fold.contains(document.activeElement) || !matchMedia(NARROW).matches;
      wasOpen = isOpen;
      if (element.inert !== locked) element.inert = locked;
      if (language !== strings.language) {
        language = strings.language;
        editor?.draw();
        if (editor !== null) drawCount();
      }
      editor?.setAsked(asked);
    },
    wipe: () => editor?.wipe(),
  };
}
