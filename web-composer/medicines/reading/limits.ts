/** A field of a note holds 500 characters: what the patient gets of a longer text, and what does not fit. */
import { FIELD_MAX } from '../../../src/protocol/note.ts';

const MORE = ' …';

/** `cut` is the end that does not fit, '' when all of it does. */
export function toFit(text: string): { text: string; cut: string } {
  if (text.length <= FIELD_MAX) return { text: text.toWellFormed(), cut: '' };
  const longest = text.slice(0, FIELD_MAX - MORE.length + 1);
  const space = longest.search(/\s\S*$/u);
  const end = space > 0 ? space : longest.length - 1;
  const kept = isHalf(text, end) ? end - 1 : end;
  return { text: `${text.slice(0, kept).trimEnd()}${MORE}`.toWellFormed(), cut: text.slice(kept).trim() };
}

/** Whether a place lies between the two halves of one character. */
function isHalf(text: string, at: number): boolean {
  return /[\uD800-\uDBFF]/.test(text.charAt(at - 1)) && /[\uDC00-\uDFFF]/.test(text.charAt(at));
}
