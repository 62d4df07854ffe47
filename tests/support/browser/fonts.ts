import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { BrowserContext } from 'playwright-core';
import { z } from 'zod';

const require = createRequire(import.meta.url);
const rangesSchema = z.record(z.string(), z.string());

/** Packages with Noto Sans and the scripts of our languages that each has. */
const PACKAGES = {
  '@fontsource-variable/noto-sans': ['latin', 'latin-ext', 'cyrillic', 'greek'],
  '@fontsource-variable/noto-sans-arabic': ['arabic'],
} as const;

/**
 * Makes every page of a context use Noto Sans from npm, so that what is measured does not depend on the fonts of the
 * machine. The fonts come as bytes and not from an address: the pages' policy allows none.
 */
export async function bringFonts(context: BrowserContext): Promise<void> {
  const fonts = Object.entries(PACKAGES).flatMap(([name, scripts]) => {
    const ranges = rangesSchema.parse(require(`${name}/unicode.json`));
    return scripts.map((script) => {
      const file = `${name}/files/${name.replace('@fontsource-variable/', '')}-${script}-wght-normal.woff2`;
      return { range: ranges[script] ?? '', base64: readFileSync(require.resolve(file)).toString('base64') };
    });
  });
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
