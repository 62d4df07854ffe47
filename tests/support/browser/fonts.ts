import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import sansRanges from '@fontsource-variable/noto-sans/unicode.json' with { type: 'json' };
import arabicRanges from '@fontsource-variable/noto-sans-arabic/unicode.json' with { type: 'json' };
import type { BrowserContext } from 'playwright-core';

const { resolve } = createRequire(import.meta.url);

/** The files of Noto Sans for the scripts of our languages, and the characters that each is for. */
const FILES = [
  ...(['latin', 'latin-ext', 'cyrillic', 'greek'] as const).map((script) => ({
    file: `@fontsource-variable/noto-sans/files/noto-sans-${script}-wght-normal.woff2`,
    range: sansRanges[script],
  })),
  {
    file: '@fontsource-variable/noto-sans-arabic/files/noto-sans-arabic-arabic-wght-normal.woff2',
    range: arabicRanges.arabic,
  },
];

/**
 * Makes every page of a context use Noto Sans from npm, so that what is measured does not depend on the fonts of the
 * machine. The fonts come as bytes and not from an address: the pages' policy allows none.
 */
export async function bringFonts(context: BrowserContext): Promise<void> {
  const fonts = FILES.map(({ file, range }) => ({
    range,
    base64: readFileSync(resolve(file)).toString('base64'),
  }));
  await context.addInitScript((all) => {
    for (const { range, base64 } of all) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const face = new FontFace('Brought', bytes, { unicodeRange: range, weight: '100 900' });
      document.fonts.add(face);
      void face.load();
    }
    const sheet = new CSSStyleSheet();
    sheet.replaceSync('body { font-family: Brought, sans-serif !important }');
    document.adoptedStyleSheets.push(sheet);
  }, fonts);
}
