/** A text of one or several lines that name a medicine each, with headings between them. */
import { oneLine } from '../fields.ts';
import { createImportBuilder } from './import-builder.ts';
import type { Import } from './import-result.ts';
import { readLine } from './paste-line.ts';

export function readLines(text: string): Import {
  const builder = createImportBuilder();
  for (const line of text.split('\n').map(oneLine)) {
    // A line of nothing but dashes or stars.
    if (!/[\p{L}\p{N}]/u.test(line)) continue;
    if (!builder.heading(line)) builder.add(readLine(line));
  }
  return builder.result();
}
