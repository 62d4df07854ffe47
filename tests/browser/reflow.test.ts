import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLanguages } from '../../web-build/languages.ts';
import type { Scene } from '../shots/scenes.ts';
import { type Gallery, openGallery, rightToLeft } from '../support/browser/gallery.ts';
import { layoutFindings, smallTargets } from '../support/browser/layout.ts';

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
const DESKTOP = { width: 1440, height: 900 };

/** WCAG 2.2 AA asks for 24 px, the hands of an old patient for more. */
const TARGET = 44;

const codes = new Set([...(await readLanguages()).map(({ code }) => code), await rightToLeft()]);

let gallery: Gallery;
/** A second one, for the many languages: drawing is all that these tests wait for. */
let other: Gallery;

beforeAll(async () => {
  [gallery, other] = await Promise.all([openGallery(), openGallery()]);
});

afterAll(async () => {
  await Promise.all([gallery.close(), other.close()]);
});

async function space(page: Page, style: string): Promise<void> {
  await page.evaluate((text) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(text);
    document.adoptedStyleSheets = [sheet];
  }, style);
}

type Look = (scene: Scene) => Promise<string[]>;

/** Every scene in a language through a window, with what `look` has against it. */
async function findings(
  window: { width: number; height: number },
  language: string,
  look: Look,
  { page, walk } = gallery,
) {
  const found: Record<string, string[]> = {};
  await page.setViewportSize(window);
  await walk(language, async (scene) => {
    const all = await look(scene);
    if (all.length > 0) found[`${language} ${scene.page}/${scene.name}`] = all;
  });
  return found;
}

/** Every scene in these languages with as much space in its text as a reader may ask for. */
async function spaced(languages: readonly string[], where: Gallery): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  const look = async () => {
    await space(where.page, SPACED);
    const all = await layoutFindings(where.page);
    await space(where.page, '');
    return all;
  };
  for (const language of languages) Object.assign(found, await findings(PHONE, language, look, where));
  return found;
}

describe('a narrow window', () => {
  it('shows every screen whole, with everything large enough for a finger', async () => {
    const look = async () => [...(await layoutFindings(gallery.page)), ...(await smallTargets(gallery.page, TARGET))];
    expect(await findings(PHONE, 'en', look)).toEqual({});
  });

  it('shows every screen whole, however the text is spaced, in every language', { timeout: 180_000 }, async () => {
    const all = [...codes];
    const half = Math.ceil(all.length / 2);
    const found = await Promise.all([spaced(all.slice(0, half), gallery), spaced(all.slice(half), other)]);
    expect(found).toEqual([{}, {}]);
  });

  it('shows every screen whole at four times its size', async () => {
    expect(await findings(ENLARGED, 'en', () => layoutFindings(gallery.page))).toEqual({});
  });
});

it('on a wide screen, too, everything is large enough for a finger', async () => {
  expect(await findings(DESKTOP, 'en', () => smallTargets(gallery.page, TARGET))).toEqual({});
});
