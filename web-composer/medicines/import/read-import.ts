/** Reads a text from outside, such as a pasted table, lines or a file, into rows of the table. */
import { browserClock, type PageClock } from '../../../web-shared/clock.ts';
import type { ComposerStrings } from '../../ui/strings.ts';
import { FHIR_MAX, looksLikeFhir, readFhir } from './fhir/read-fhir.ts';
import { refuse } from './import-builder.ts';
import type { Import } from './import-result.ts';
import { readPasted } from './paste.ts';
import { looksLikeBmp, readBmp } from './read-bmp.ts';

export type { Choice, Import } from './import-result.ts';

/** Largest file or text that is read, in bytes or UTF-16 code units. */
export const IMPORT_MAX = FHIR_MAX;
/** Largest text that is read as a table or as lines, in UTF-16 code units. */
export const PASTED_MAX = 1_000_000;

/** JSON or XML: a text that is not written by hand. */
const DATA = /^\uFEFF?\s*(?:\{|\[\s*[{[\]]|<[a-z?!])/iu;

/** Whether a text holds a prescription that another program wrote: FHIR or the barcode of the German medication plan. */
export function looksLikePrescription(text: string): boolean {
  return looksLikeBmp(text) || looksLikeFhir(text);
}

/**
 * Throws nothing: what cannot be read is in `refused`. By `clock` a prescription whose time is over is told from others.
 */
export function readImport(text: string, strings: ComposerStrings, clock: PageClock = browserClock): Import {
  if (looksLikeBmp(text)) return text.length > PASTED_MAX ? refuse('', 'too-large') : readBmp(text, strings);
  if (looksLikeFhir(text) || isData(text)) return readFhir(text, strings, clock.now());
  return text.length > PASTED_MAX ? refuse('', 'too-large') : readPasted(text, clock.now());
}

/** An empty check box at the beginning of a line is no JSON. */
function isData(text: string): boolean {
  return DATA.test(text) && !/^\s*\[\s*\]\s*\S/u.test(text);
}
