/** The elements of a note that a reader can ask about, and the places that they stand for. */
import type { Place } from '../../src/protocol/sealed.ts';

const TEXT = '.line:not(.blank), [data-line]:not(.line, ul, ol)';
const MEDICINE = '[data-medicine]';

/** The place that an element of the note belongs to, or null where there is nothing to ask about. */
export function placeOf(inside: Element): Place | null {
  const anchor = inside.closest(`${TEXT}, ${MEDICINE}`);
  return anchor === null ? null : readPlace(anchor);
}

/** All of them in reading order; a medicine once for each time of day. */
export function anchorsIn(note: Element): Element[] {
  return [...note.querySelectorAll(`${TEXT}, ${MEDICINE}`)];
}

/** The elements of a place: the line, or the block that it is in, or every mention of a medicine. */
export function anchorsOf(note: Element, { part, index }: Place): Element[] {
  if (part === 'medicines') return [...note.querySelectorAll(`[data-medicine="${index}"]`)];
  const exact = [...note.querySelectorAll(`[data-line="${index}"]`)].findLast((each) => !/^[UO]L$/.test(each.tagName));
  if (exact !== undefined) return exact.matches(TEXT) ? [exact] : [];
  const block = [...note.querySelectorAll(TEXT)].findLast((each) => (lineOf(each) ?? 0) <= index);
  return block === undefined || block.matches('.line') ? [] : [block];
}

/** A place as a string, for maps and ids. */
export function keyOf({ part, index }: Place): string {
  return `${part}-${index}`;
}

function readPlace(anchor: Element): Place | null {
  const medicine = anchor.getAttribute('data-medicine');
  if (medicine !== null) return { part: 'medicines', index: Number(medicine) };
  const index = lineOf(anchor);
  return index === null ? null : { part: 'text', index };
}

function lineOf(element: Element): number | null {
  const line = element.getAttribute('data-line');
  return line === null ? null : Number(line);
}
