/** What the doctor has to look at in a row: a sentence for each mark, below the row, with what would settle it. */
import { button, el, setShown } from '../../web-shared/ui/dom.ts';
import { attention, icon } from '../../web-shared/ui/icons.ts';
import type { ComposerStrings } from '../ui/strings.ts';
import { type Cells, FIELDS, type Field } from './fields.ts';
import type { Mark } from './reading/row-reading.ts';

export interface RowMarks {
  readonly element: HTMLTableCellElement;
  update(marks: readonly Mark[]): void;
  /** Ids of the sentences about a column, for `aria-describedby`. */
  idsFor(field: Field): string[];
}

export interface MarkActions {
  /** Writes a proposal into the row. */
  propose(proposal: Partial<Cells>): void;
  /** The doctor has looked at what an import left out. */
  check(): void;
}

/** @param id of the row, unique in the page */
export function createRowMarks(strings: ComposerStrings, id: string, actions: MarkActions): RowMarks {
  const list = el('ul', { role: 'list' });
  const element = el('td', { role: 'cell', class: 'med-marks', hidden: '' }, list);
  let shown: readonly Mark[] = [];
  let drawn = '';
  return {
    element,
    update(marks) {
      shown = marks;
      const content = JSON.stringify([strings.language, marks]);
      if (content === drawn) return;
      drawn = content;
      list.replaceChildren(...marks.map((mark, place) => markItem(mark, idOf(id, place), strings, actions)));
      setShown(element, marks.length > 0);
    },
    idsFor: (field) => shown.flatMap((mark, place) => (mark.field === field ? [idOf(id, place)] : [])),
  };
}

function idOf(row: string, place: number): string {
  return `${row}-mark-${place}`;
}

function markItem(mark: Mark, id: string, strings: ComposerStrings, actions: MarkActions): HTMLLIElement {
  const { reason, words, proposal } = mark;
  const sentence = el('span', { id }, strings.t(`medicines.mark.${reason}`, { words }));
  const item = el('li', { class: 'med-mark' }, icon(attention), sentence);
  if (proposal !== null) {
    item.append(quietButton(proposalText(proposal, strings), id, () => actions.propose(proposal)));
  } else if (reason === 'not-in-row') {
    item.append(quietButton(strings.t('medicines.check'), id, () => actions.check()));
  }
  return item;
}

/** By keyboard it is Alt and Enter, so that Tab leads from cell to cell. */
function quietButton(text: string, describedBy: string, press: () => void): HTMLButtonElement {
  const made = button('med-settle', [text], press);
  made.tabIndex = -1;
  made.setAttribute('aria-describedby', describedBy);
  return made;
}

function proposalText(proposal: Partial<Cells>, strings: ComposerStrings): string {
  const cells = FIELDS.flatMap((field) => {
    const text = proposal[field];
    if (text === undefined) return [];
    const column = strings.t(`medicines.${field}`);
    return text === ''
      ? [strings.t('medicines.write.empty', { column })]
      : [strings.t('medicines.write.cell', { column, text })];
  });
  return `${strings.t('medicines.write')} ${cells.join(' · ')}`;
}
