import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { axeFindings, edgeless } from '../support/browser/axe.ts';
import { type Gallery, openGallery, rightToLeft } from '../support/browser/gallery.ts';

let gallery: Gallery;
let complaints: string[];

beforeAll(async () => {
  // So high that nothing of the local chat is scrolled out of sight.
  gallery = await openGallery({ bypassCSP: true, viewport: { width: 390, height: 1600 } });
  gallery.page.on('pageerror', (error) => complaints.push(error.message));
});

afterAll(() => gallery.close());

async function findings(language: string): Promise<Record<string, string[]>> {
  const { page } = gallery;
  const found: Record<string, string[]> = {};
  complaints = [];
  await gallery.walk(language, async ({ page: name, name: scene }) => {
    await page.emulateMedia({ colorScheme: 'light', forcedColors: 'none' });
    const inLight = await axeFindings(page);
    await page.emulateMedia({ colorScheme: 'dark' });
    const inDark = await axeFindings(page, { colours: true });
    await page.emulateMedia({ forcedColors: 'active' });
    const forced = await edgeless(page);
    const all = [
      ...inLight,
      ...inDark.map((finding) => `dark: ${finding}`),
      ...forced.map((finding) => `forced colours: ${finding}`),
    ];
    if (all.length > 0) found[`${name}/${scene}`] = all;
  });
  expect(complaints).toEqual([]);
  return found;
}

describe('axe', () => {
  it('finds nothing on any screen, light, dark or with forced colours', { timeout: 180_000 }, async () => {
    expect(await findings('en')).toEqual({});
  });

  it('finds nothing on any screen from right to left, light, dark or with forced colours', {
    timeout: 180_000,
  }, async () => {
    expect(await findings(await rightToLeft())).toEqual({});
  });
});
