import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openGalleryForAxe, screenFindings } from '../support/browser/axe.ts';
import type { Gallery } from '../support/browser/gallery.ts';

let gallery: Gallery;

beforeAll(async () => {
  gallery = await openGalleryForAxe();
});

afterAll(() => gallery.close());

describe('axe', { timeout: 300_000 }, () => {
  it('finds nothing on any screen, nor on every tenth one in dark or with forced colours', async () => {
    expect(await screenFindings(gallery, 'en', { every: 10 })).toEqual({});
  });
});
