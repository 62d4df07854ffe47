/** What the column "How long" says: only what is wholly understood may stand beside a plan of the day. */
import type { Element, Reading } from './grammar/elements.ts';
import type { Mark } from './row-reading.ts';

/** What forbids a plan of the day, or null. */
export function durationMark({ text, elements }: Reading): Mark | null {
  const hasDate = elements.some(({ kind }) => kind === 'date');
  const amiss = elements.filter((element) => !isLength(element, hasDate));
  const dates = elements.filter(({ kind }) => kind === 'date').length;
  if (amiss.length === 0 && dates < 2) return null;
  const said = amiss.length === 0 ? elements : amiss;
  const isNotDaily = amiss.length === 0 || amiss.some(({ kind }) => kind === 'notDaily');
  const words = said.map(({ start, end }) => text.slice(start, end)).join(' ');
  return { reason: isNotDaily ? 'not-daily' : 'not-understood', field: 'duration', words, proposal: null };
}

/** A day until which something is taken is a length; a day from which it is taken is not. */
function isLength(element: Element, hasDate: boolean): boolean {
  switch (element.kind) {
    case 'length':
    case 'longTerm':
    case 'date':
    case 'harmless':
    case 'quiet':
    case 'separator':
      return true;
    case 'aDay':
      return element.count === null;
    case 'notDaily':
      return hasDate && element.isUntil;
    default:
      return false;
  }
}
