import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLanguages } from '../../web-build/languages.ts';
import { type Gallery, openGallery } from '../support/browser/gallery.ts';
import { layoutFindings, smallTargets, spacedLayoutFindings, through } from '../support/browser/layout.ts';
import { PSEUDO } from '../support/browser/pseudo-language.ts';

const languages = [...(await readLanguages()).map(({ code }) => code), PSEUDO];

describe.each(['noto', 'system'] as const)('with the fonts called “%s”', (fonts) => {
  let gallery: Gallery;
  beforeAll(async () => {
    gallery = await openGallery({ fonts });
  });
  afterAll(() => gallery.close());

  it.each(languages)(
    'a phone, a wide screen and four times its size show every screen whole in “%s”',
    async (language) => {
      const found = await gallery.survey(language, [
        through('phone', layoutFindings, smallTargets, spacedLayoutFindings),
        through('enlarged', layoutFindings),
        through('desktop', layoutFindings, smallTargets),
      ]);
      expect(found).toEqual({});
    },
  );
});
