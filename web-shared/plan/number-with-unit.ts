/** Numbers and their units, which must not be torn apart at the end of a line. */

/** Longer ones could be wider than a phone. */
const LONGEST = 24;

/** `5 mg`, `½ tablet`, `1 1/2`, `5 000 IU`, `2.5 ml/kg`, `1-0-1 tablets`, `3 a`. */
const NUMBER_WITH_UNIT =
  /(?<![\p{L}\p{N}.,/])\p{N}(?:[\p{N}.,/×x–-]|[ \u00a0\u202f](?=\p{N})){0,24}(?: ?[\p{L}µ%°][\p{L}\p{M}µ%°./]{0,15})?/gu;

export interface TextPiece {
  readonly text: string;
  /** A number with what it counts. */
  readonly together: boolean;
}

/** The text in pieces; joined, they are the text. */
export function splitAtNumbers(text: string): TextPiece[] {
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const { 0: found, index } of text.matchAll(NUMBER_WITH_UNIT)) {
    if (!/[ \u00a0\u202f/–-]/.test(found) || found.length > LONGEST) continue;
    if (index > from) pieces.push({ text: text.slice(from, index), together: false });
    pieces.push({ text: found, together: true });
    from = index + found.length;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), together: false });
  return pieces;
}
