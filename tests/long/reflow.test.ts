import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLanguages } from '../../web-build/languages.ts';
import { type Gallery, openGallery } from '../support/browser/gallery.ts';
import {
  layoutFindings,
  looks,
  screensThrough,
  smallTargets,
  spacedLayoutFindings,
} from '../support/browser/layout.ts';
import { PSEUDO } from '../support/browser/pseudo-language.ts';

const languages = [...(await readLanguages()).map(({ code }) => code), PSEUDO];

describe.each(['noto', 'system'] as const)('with the fonts called “%s”', (fonts) => {
  let gallery: Gallery;
  beforeAll(async () => {
    gallery = await openGallery({ fonts });
  });
  afterAll(() => gallery.close());

  it.each(languages)('a phone shows every screen whole in “%s”, however the text is spaced', async (language) => {
    const look = looks(layoutFindings, smallTargets, spacedLayoutFindings);
    expect(await screensThrough(gallery, 'phone', language, look)).toEqual({});
  });

  it.each(languages)('a window at four times its size shows every screen whole in “%s”', async (language) => {
    expect(await screensThrough(gallery, 'enlarged', language, layoutFindings)).toEqual({});
  });

  it.each(languages)('a wide screen shows every screen whole in “%s”', async (language) => {
    const look = looks(layoutFindings, smallTargets);
    expect(await screensThrough(gallery, 'desktop', language, look)).toEqual({});
  });
});
