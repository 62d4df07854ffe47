import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLanguages } from '../../web-build/languages.ts';
import { type Gallery, openGallery } from '../support/browser/gallery.ts';
import { layoutFindings, screensThrough, smallTargets, spacedLayoutFindings } from '../support/browser/layout.ts';
import { PSEUDO } from '../support/browser/pseudo-language.ts';

const languages = [...(await readLanguages()).map(({ code }) => code), PSEUDO];

describe.each(['noto', 'system'] as const)('with the fonts called “%s”', (fonts) => {
  let gallery: Gallery;
  beforeAll(async () => {
    gallery = await openGallery({ fonts });
  });
  afterAll(() => gallery.close());

  describe.each(languages)('in “%s”', (language) => {
    it('a phone shows every screen whole, however the text is spaced', async () => {
      expect(await screensThrough(gallery, 'phone', language, spacedLayoutFindings)).toEqual({});
    });

    it.each(['phone', 'enlarged', 'desktop'] as const)(
      'the window called “%s” shows every screen whole',
      async (window) => {
        expect(await screensThrough(gallery, window, language, layoutFindings)).toEqual({});
      },
    );

    it.each(['phone', 'desktop'] as const)('everything is large enough for a finger on a %s', async (window) => {
      expect(await screensThrough(gallery, window, language, (page) => smallTargets(page))).toEqual({});
    });
  });
});
