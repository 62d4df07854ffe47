import { inflateSync } from 'node:zlib';
import type { Page } from 'playwright-core';

/**
 * What can be read of a page on paper, by its own style sheets. For browsers whose remote control cannot choose the medium;
 * the page stays as it is on paper.
 */
export async function wordsOnPaper(page: Page): Promise<string> {
  await page.evaluate(() => {
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
  return (await page.locator('body').allInnerTexts()).join('\n');
}

/** How many sheets of A4 a page takes. */
export async function pagesOfPaper(page: Page): Promise<number> {
  // Playwright 1.65 hands inches to Firefox, which takes them for centimetres: A4 is said in the wrong unit.
  const pdf = await page.pdf({ width: '21in', height: '29.7in' });
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
