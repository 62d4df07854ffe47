import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLanguages } from '../../web-build/languages.ts';
import { type Gallery, openGallery, rightToLeft } from '../support/gallery.ts';
import { layoutFindings, smallTargets } from '../support/layout.ts';

/** WCAG 1.4.12: as much space between lines, paragraphs, letters and words as a reader may ask for. */
const SPACED = `* {
  line-height: 1.5 !important;
  letter-spacing: 0.12em !important;
  word-spacing: 0.16em !important;
}
p { margin-block-end: 2em !important; }`;

/** A phone, and a window of 1280 by 1024 px at four times its size. */
const PHONE = { width: 320, height: 640 };
const ENLARGED = { width: 320, height: 256 };

/** WCAG 2.2 AA asks for 24 px, the hands of an old patient for more. */
const TARGET = 44;

const codes = new Set([...(await readLanguages()).map(({ code }) => code), await rightToLeft()]);

let gallery: Gallery;

beforeAll(async () => {
  gallery = await openGallery();
});

afterAll(() => gallery.close());

async function space(style: string): Promise<void> {
  await gallery.page.evaluate((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets = [sheet];
  }, style);
}

describe('a narrow window', () => {
  it.each([...codes])(
    'shows every screen whole, without scrolling sideways, however the text is spaced: %s',
    async (code) => {
      const found: Record<string, string[]> = {};
      await gallery.page.setViewportSize(PHONE);
      await gallery.walk(code, async ({ page, name }) => {
        await space('');
        const plain = await layoutFindings(gallery.page);
        await space(SPACED);
        const spaced = await layoutFindings(gallery.page);
        await space('');
        const all = [...plain, ...spaced.map((finding) => `spaced: ${finding}`)];
        if (all.length > 0) found[`${page}/${name}`] = all;
      });
      expect(found).toEqual({});
    },
  );

  it('shows every screen whole at four times its size', async () => {
    const found: Record<string, string[]> = {};
    await gallery.page.setViewportSize(ENLARGED);
    await gallery.walk('en', async ({ page, name }) => {
      const all = await layoutFindings(gallery.page);
      if (all.length > 0) found[`${page}/${name}`] = all;
    });
    expect(found).toEqual({});
  });
});

describe('everything that can be pressed', () => {
  it.each([320, 1280])('is large enough for a finger in a window of %i px', async (width) => {
    const found: Record<string, string[]> = {};
    await gallery.page.setViewportSize({ width, height: 800 });
    await gallery.walk('en', async ({ page, name }) => {
      const all = await smallTargets(gallery.page, TARGET);
      if (all.length > 0) found[`${page}/${name}`] = all;
    });
    expect(found).toEqual({});
  });
});
