import { describe, expect, it } from 'vitest';
import { colorIcon, outlineIcon } from '../../../bots/teams/package/icons.ts';
import { readPicture } from './picture.ts';

const PNG = '\x89PNG\r\n\x1a\n';
const RGBA = [8, 6, 0, 0, 0];

const color = readPicture(colorIcon());
const outline = readPicture(outlineIcon());

describe('the icons', () => {
  it.each([
    ['in colour', color, 192],
    ['of the outline', outline, 32],
  ])('%s is a square PNG of the size that Teams wants', (_name, picture, size) => {
    expect(picture).toMatchObject({ signature: PNG, width: size, height: size, format: RGBA });
    expect(picture.chunks).toEqual(['IHDR', 'IDAT', 'IEND']);
    expect(picture.pixels).toHaveLength(size * size);
  });

  it('in colour has no hole, and its sign lies within the middle that Teams never crops', () => {
    const sign = color.pixels.flatMap((pixel, at) => (pixel.join() === '15,92,87,255' ? [] : [at]));
    expect(color.pixels.every(([, , , alpha]) => alpha === 255)).toBe(true);
    const columns = sign.map((at) => at % 192);
    const rows = sign.map((at) => Math.floor(at / 192));
    expect([Math.min(...columns), Math.max(...columns)]).toEqual([48, 143]);
    expect([Math.min(...rows), Math.max(...rows)]).toEqual([60, 131]);
  });

  it('of the outline is white on nothing, without a margin', () => {
    const seen = outline.pixels.flatMap((pixel, at) => ((pixel[3] ?? 0) > 0 ? [{ pixel, column: at % 32 }] : []));
    expect(new Set(seen.map(({ pixel }) => pixel.slice(0, 3).join()))).toEqual(new Set(['255,255,255']));
    expect(outline.pixels.length - seen.length).toBeGreaterThan(outline.pixels.length / 2);
    expect(new Set(seen.map(({ column }) => column)).size).toBe(32);
  });
});
