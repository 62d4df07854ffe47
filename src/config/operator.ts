import { z } from 'zod';

const MAX_CHARACTERS = 120;

/** Control characters, line breaks, halves of characters, and marks that turn the direction of the text after them. */
const UNSHOWN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Who runs this GLIR, as free text of one line; it is shown as text, never as markup. */
export const operatorName = z
  .string()
  .refine((text) => !UNSHOWN.test(text), {
    error: 'holds a line break or another character that cannot be shown. Set one line of text.',
    abort: true,
  })
  .refine((text) => [...text].length <= MAX_CHARACTERS, {
    error: `longer than ${MAX_CHARACTERS} characters. Set a shorter text: who runs this server, and how to ask.`,
  });
