import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';

const PNG = '\x89PNG\r\n\x1a\n';
const RGBA = [8, 6, 0, 0, 0];

const color = readPicture(readFileSync('bots/teams/package/color.png'));
const outline = readPicture(readFileSync('bots/teams/package/outline.png'));

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

describe('the picture for Slack', () => {
  it('is a square PNG of a size that Slack takes, drawn as the other one', () => {
    const file = readFileSync('bots/slack/app-icon/icon.png');
    // Between 512 and 2000 pixels: https://docs.slack.dev/slack-marketplace/slack-marketplace-app-guidelines-and-requirements
    expect(file.toString('latin1', 0, 8)).toBe(PNG);
    expect([file.readUInt32BE(16), file.readUInt32BE(20)]).toEqual([1024, 1024]);
    const drawn = (path: string) => readFileSync(path, 'utf8').replace(/ (?:width|height)="\d+"/g, '');
    expect(drawn('bots/slack/app-icon/icon.svg')).toBe(drawn('bots/teams/package/color.svg'));
  });
});

/** Reads a PNG (ISO/IEC 15948) of eight bits a channel, RGBA, without filters, which is how the icons are kept. */
function readPicture(file: Uint8Array) {
  const bytes = Buffer.from(file);
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    chunks.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const header = chunks.get('IHDR') ?? Buffer.alloc(13);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  const pixels = Array.from({ length: width * height }, (_, pixel) => {
    const at = Math.floor(pixel / width) * (width * 4 + 1) + 1 + (pixel % width) * 4;
    return [...rows.subarray(at, at + 4)];
  });
  return {
    signature: bytes.toString('latin1', 0, 8),
    chunks: [...chunks.keys()],
    width,
    height,
    /** Bits a channel, colour type, compression, filter method, interlacing. */
    format: [...header.subarray(8)],
    /** Red, green, blue and alpha of each pixel, in rows from above. */
    pixels,
  };
}
