/** The direction (left to right or right to left) of a note's lines, and doses that keep theirs in right-to-left text. */
import { el } from '../../web-shared/ui/dom.ts';

const RIGHT_TO_LEFT = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
/** A number with its unit in Latin letters. A plan such as 1-0-2 is left as the doctor saw it. */
const DOSE =
  /\d+(?:[.,]\d+)?[ \u00a0]?(?:mg|mcg|[µμ]g|g|kg|ml|cl|dl|l|IU|IE|UI|U|mmol|mmHg|%|°C)(?:\/(?:kg|ml|d|die|h|l))?(?![\p{L}\p{N}])/giu;

const LETTERS = /\p{L}/gu;

export type Direction = 'ltr' | 'rtl';

/** The direction of most of a note's letters, or null when it has none. */
export function directionOfText(text: string): Direction | null {
  if (!RIGHT_TO_LEFT.test(text)) return /\p{L}/u.test(text) ? 'ltr' : null;
  const letters = text.match(LETTERS) ?? [];
  return letters.filter((letter) => RIGHT_TO_LEFT.test(letter)).length * 2 >= letters.length ? 'rtl' : 'ltr';
}

/**
 * The direction of a line, or null where it has no letter. It is that of its first letter, as a browser has it; but in a
 * right-to-left note a line with a word of that language is right-to-left, though it begins with a medicine's Latin name.
 */
export function directionOfLine(line: string, note: Direction | null): Direction | null {
  if (note === 'rtl' && RIGHT_TO_LEFT.test(line)) return 'rtl';
  const [letter] = /\p{L}/u.exec(line) ?? [];
  if (letter === undefined) return null;
  return RIGHT_TO_LEFT.test(letter) ? 'rtl' : 'ltr';
}

/** The text in pieces, each dose in one of its own; one piece when nothing is right to left. Joined, they are the text. */
export function splitDoses(text: string): { text: string; dose: boolean }[] {
  if (!RIGHT_TO_LEFT.test(text)) return [{ text, dose: false }];
  const pieces: { text: string; dose: boolean }[] = [];
  let from = 0;
  for (const { 0: dose, index } of text.matchAll(DOSE)) {
    if (!needsIsolation(text, index)) continue;
    if (index > from) pieces.push({ text: text.slice(from, index), dose: false });
    pieces.push({ text: dose, dose: true });
    from = index + dose.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), dose: false });
  return pieces;
}

/**
 * Not after a Latin word, which the dose follows in the same run anyway; nor at the end of a longer figure, such as a
 * range, which would be read another way when torn apart.
 */
function needsIsolation(text: string, index: number): boolean {
  if (/[\p{L}\p{N}.,/×–-]/u.test(text.charAt(index - 1))) return false;
  const before = text
    .slice(Math.max(0, index - 80), index)
    .match(LETTERS)
    ?.at(-1);
  return before === undefined || RIGHT_TO_LEFT.test(before);
}

/** The text as nodes, each dose isolated, so that "5 mg" keeps its order between Arabic words. */
export function isolated(text: string): (Node | string)[] {
  return splitDoses(text).map((piece) => (piece.dose ? el('bdi', { dir: 'ltr' }, piece.text) : piece.text));
}

export function isolateInside(element: Element): void {
  if (!RIGHT_TO_LEFT.test(element.textContent ?? '')) return;
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const texts: Text[] = [];
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode())
    if (node instanceof Text) texts.push(node);
  for (const text of texts) if (splitDoses(text.data).length > 1) text.replaceWith(...isolated(text.data));
}
