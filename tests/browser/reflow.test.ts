import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Findings, type Gallery, openGallery, rightToLeft } from '../support/browser/gallery.ts';
import { layoutFindings, smallTargets, smallWords, spacedLayoutFindings, through } from '../support/browser/layout.ts';

describe('with fonts of their own', { timeout: 180_000 }, () => {
  let gallery: Gallery;
  let found: Findings;
  /** Every screen, in English, is drawn once: what is wrong, by screen, and apart from that where small letters are. */
  const small: string[] = [];
  beforeAll(async () => {
    gallery = await openGallery({ fonts: 'noto' });
    found = await gallery.survey('en', [
      through('phone', layoutFindings, smallTargets, spacedLayoutFindings),
      { ...through('phone', smallWords), name: 'letters' },
      { ...through('desktop', smallTargets), every: 3 },
      through('enlarged', layoutFindings),
    ]);
    for (const name of Object.keys(found).filter((each) => each.endsWith(', letters'))) {
      small.push(name);
      delete found[name];
    }
  }, 180_000);
  afterAll(() => gallery.close());

  it('every screen is whole on a phone and at four times its size, and large enough for a finger everywhere', () => {
    expect(found).toEqual({});
  });

  it('a phone shows every second screen whole in a language that is read from right to left', async () => {
    expect(
      await gallery.survey(await rightToLeft(), [{ ...through('phone', spacedLayoutFindings), every: 2 }]),
    ).toEqual({});
  });

  it('no letter on a patient’s page is smaller than 16 px', () => {
    expect(small.filter((name) => name.startsWith('receiver/'))).toEqual([]);
    // The look can find something: a doctor's page has smaller letters.
    expect(small).toContain('composer/open, letters');
  });

  it('the brought fonts are the ones that are measured, in every script of our languages', async () => {
    await gallery.show({ page: 'receiver', name: 'closed', state: 'closed' });
    const drawn = await gallery.page.evaluate(() =>
      ['Latin', 'Žluťoučký', 'Україна', 'دواء'].map((words) => {
        const widths = ['Brought, monospace', 'monospace'].map((family) => {
          const span = document.createElement('span');
          span.style.fontFamily = family;
          span.textContent = words;
          document.body.append(span);
          const { width } = span.getBoundingClientRect();
          span.remove();
          return width;
        });
        return widths[0] !== widths[1];
      }),
    );
    expect(drawn).toEqual([true, true, true, true]);
  });
});

describe("with the system's fonts", { timeout: 180_000 }, () => {
  let gallery: Gallery;
  beforeAll(async () => {
    gallery = await openGallery({ fonts: 'system' });
  });
  afterAll(() => gallery.close());

  it('a phone shows every second screen whole in a language with long words, however the text is spaced', async () => {
    expect(await gallery.survey('es', [{ ...through('phone', spacedLayoutFindings), every: 2 }])).toEqual({});
  });
});
