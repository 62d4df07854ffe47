import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { readLanguages } from '../../web-build/languages.ts';
import { composerStates } from '../shots/gallery/composer-states.ts';
import { readingStates } from '../shots/gallery/reading-states.ts';
import { axeFindings, openGalleryForAxe, screenFindings } from '../support/browser/axe.ts';
import { PSEUDO } from '../support/browser/pseudo-language.ts';

const languages = (await readLanguages()).map(({ code }) => code);

it.each([
  ...[...languages, PSEUDO].map((language) => ({ language, width: 390 })),
  ...['en', PSEUDO].map((language) => ({ language, width: 1280 })),
])(
  'axe finds nothing on any screen in “$language”, light, dark or with forced colours, $width px wide',
  async ({ language, width }) => {
    const gallery = await openGalleryForAxe(width);
    expect(await screenFindings(gallery, language)).toEqual({});
    await gallery.close();
  },
);

/** What axe has against states of a page after `act`, in light and dark, by the states' names. */
async function findingsAfter(
  name: 'receiver' | 'composer',
  states: readonly string[],
  language: string,
  act: (page: Page) => Promise<void>,
): Promise<Record<string, string[]>> {
  const gallery = await openGalleryForAxe();
  const found: Record<string, string[]> = {};
  for (const state of states) {
    await gallery.show({ page: name, name: state, state, act }, language);
    for (const colorScheme of ['light', 'dark'] as const) {
      await gallery.page.emulateMedia({ colorScheme });
      const all = await axeFindings(gallery.page);
      if (all.length > 0) found[`${state} in ${colorScheme}`] = all;
    }
  }
  await gallery.close();
  return found;
}

describe.each(['en', PSEUDO])('axe in “%s” finds nothing', (language) => {
  it('on the reading screen while a patient points at a line', async () => {
    const states = [
      ...Object.keys(readingStates).filter((state) => state !== 'reading-long'),
      'reading,reading-corrected',
      'reading,reading-editing',
      'reading-medicines,reading-medicines-corrected',
    ];
    const found = await findingsAfter('receiver', states, language, (page) => page.locator('.ask .button').click());
    expect(found).toEqual({});
  });

  it('on the writing screen with everything unfolded', async () => {
    const states = Object.keys(composerStates).filter((state) => state !== 'loading');
    const found = await findingsAfter('composer', states, language, (page) =>
      page.locator('details').evaluateAll((folds) => {
        for (const fold of folds) fold.setAttribute('open', '');
      }),
    );
    expect(found).toEqual({});
  });
});
