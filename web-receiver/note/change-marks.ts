/** Marks what changed in the note: a bar in the margin and a word, neither of which is part of its text. */
import { setAttribute } from '../../web-shared/ui/dom.ts';
import type { ReceiverStrings } from '../ui/strings.ts';
import { anchorsIn } from './anchors.ts';
import type { Marks } from './note-changes.ts';

export interface ChangeMarks {
  update(marks: Marks | null): void;
  first(): HTMLElement | null;
}

export function createChangeMarks(note: HTMLElement, strings: ReceiverStrings): ChangeMarks {
  let marked: ReadonlySet<Element> = new Set();
  return {
    update(marks) {
      const anchors = marks === null ? [] : anchorsIn(note);
      const chosen = new Set(marks === null ? [] : anchorsToMark(anchors, marks));
      for (const anchor of marked) if (!chosen.has(anchor)) unmark(anchor);
      marked = chosen;
      const unfinished = marks?.unfinished === true;
      const word = strings.t(unfinished ? 'change.unfinished' : 'plan.changed');
      for (const anchor of chosen) {
        anchor.classList.add('marked');
        anchor.classList.toggle('unfinished', unfinished);
        setAttribute(anchor, 'data-mark', word);
      }
      // One word for lines that follow each other.
      const following = anchors.filter((anchor, index) => chosen.has(anchor) && chosen.has(anchors[index - 1] ?? note));
      for (const anchor of following) anchor.removeAttribute('data-mark');
    },
    first: () => note.querySelector<HTMLElement>('.marked, .plan-gone, .plan-item.changed'),
  };
}

function unmark(anchor: Element): void {
  anchor.classList.remove('marked', 'unfinished');
  anchor.removeAttribute('data-mark');
}

/** The anchors of changed lines and medicines. The day plan itself marks medicines that are finished. */
function anchorsToMark(anchors: readonly Element[], { text, medicines, unfinished }: Marks): Element[] {
  const lines = [...text.changed].sort((a, b) => a - b);
  const numberOf = (anchor: Element | undefined, name: string): number =>
    Number(anchor?.getAttribute(name) ?? Number.POSITIVE_INFINITY);
  let next = 0;
  return anchors.filter((anchor, index) => {
    if (anchor.hasAttribute('data-medicine'))
      return unfinished && medicines.changed.has(numberOf(anchor, 'data-medicine'));
    const end = numberOf(anchors[index + 1], 'data-line');
    let holds = false;
    for (let line = lines[next]; line !== undefined && line < end; line = lines[next]) {
      holds = true;
      next += 1;
    }
    return holds;
  });
}
