import { inflateSync } from 'node:zlib';
import type { Page } from 'playwright-core';

/**
 * Shows a page as it would stand on paper, by its own style sheets. For browsers whose remote control cannot choose the
 * medium; the size of the paper is not taken into account.
 */
export function showAsOnPaper(page: Page): Promise<void> {
  return page.evaluate(() => {
    const rulesOf = (list: CSSRuleList): CSSMediaRule[] =>
      [...list].flatMap((rule) =>
        rule instanceof CSSMediaRule
          ? [rule, ...rulesOf(rule.cssRules)]
          : rule instanceof CSSGroupingRule
            ? rulesOf(rule.cssRules)
            : [],
      );
    for (const { media } of [...document.styleSheets].flatMap((sheet) => rulesOf(sheet.cssRules))) {
      if (/\bprint\b/.test(media.mediaText)) media.mediaText = media.mediaText.replace(/\bprint\b/, 'all');
      else if (/\bscreen\b/.test(media.mediaText)) media.mediaText = 'not all';
    }
  });
}

/** How many pages a PDF has. */
export function pagesOf(pdf: Buffer): number {
  const counts = [pdf.toString('latin1'), ...streamsOf(pdf)].flatMap((text) =>
    [...text.matchAll(/\/Type\s*\/Pages\b[^>]*?\/Count\s+(\d+)|\/Count\s+(\d+)[^>]*?\/Type\s*\/Pages\b/g)].map(
      ([, after, before]) => Number(after ?? before),
    ),
  );
  if (counts.length === 0) throw new Error('this PDF says nowhere how many pages it has');
  return Math.max(...counts);
}

/** The parts of a PDF that are packed, unpacked. */
function streamsOf(pdf: Buffer): string[] {
  const text = pdf.toString('latin1');
  return [...text.matchAll(/\/FlateDecode[^>]*>>\s*stream\r?\n/g)].map(({ 0: head, index }) =>
    inflateSync(pdf.subarray(index + head.length)).toString('latin1'),
  );
}
