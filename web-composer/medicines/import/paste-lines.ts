/** A text of one or several lines that name a medicine each, with headings between them. */
import { oneLine } from '../fields.ts';
import { createImportBuilder } from './import-builder.ts';
import type { Import } from './import-result.ts';
import { isContinuation, type Line, type LineWithMore, textOf } from './line-continuation.ts';
import { readLine, withoutBullet } from './paste-line.ts';

export function readLines(text: string): Import {
  const builder = createImportBuilder();
  for (const line of wholeLines(text)) {
    if (!builder.heading(line)) builder.line(withoutBullet(line), readLine);
  }
  return builder.result();
}

/** The lines of a text, each with those that only go on with it: a schedule or a restriction on a line of its own. */
function wholeLines(text: string): string[] {
  const lines = text
    .split('\n')
    .map((line, place, all): Line => {
      const indent = /^\s*/u.exec(line)?.[0].length ?? 0;
      return { text: oneLine(line), indent, isApart: all[place - 1]?.trim() === '' };
    })
    // A line of nothing but dashes or stars.
    .filter((line) => /[\p{L}\p{N}]/u.test(line.text));
  const whole: LineWithMore[] = [];
  for (const [place, line] of lines.entries()) {
    const before = whole.at(-1);
    const isLast = place === lines.length - 1;
    if (before === undefined || !isContinuation(line, before, isLast)) whole.push({ ...line, more: [] });
    else before.more.push(line.text);
  }
  return whole.map(textOf);
}
