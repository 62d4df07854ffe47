import { png } from './png.ts';
import { area, disc, draw, type Layer, stroke, type Tone } from './raster.ts';

/** Side of the drawing. */
const GRID = 32;
const LINE = 2;

/** A letter, folded and sealed. Its lines lie on whole units, so that they are sharp where a unit is a whole pixel. */
const SHEET = [
  [1, 5],
  [31, 5],
  [31, 27],
  [1, 27],
] as const;
const FLAP = [
  [1, 5],
  [7.5, 16],
  [24.5, 16],
  [31, 5],
] as const;
const SEAL = [16, 16] as const;

const shapes = {
  sheet: area(SHEET),
  edge: stroke([...SHEET, SHEET[0]], LINE),
  flap: stroke(FLAP, LINE),
  seal: disc(SEAL, 4),
};

const GREEN: Tone = [0x0f, 0x5c, 0x57, 0xff];
const PAPER: Tone = [0xf7, 0xf5, 0xf0, 0xff];
const WHITE: Tone = [0xff, 0xff, 0xff, 0xff];
const CLEAR: Tone = [0xff, 0xff, 0xff, 0x00];

/** The icon that Teams shows in most places: 192 pixels, the letter in the middle 96, which Teams never crops. */
export function colorIcon(): Uint8Array {
  const layers: Layer[] = [
    { shape: shapes.sheet, tone: PAPER },
    { shape: shapes.flap, tone: GREEN },
    // Above the flap: the corners of the letter stay whole.
    { shape: shapes.edge, tone: PAPER },
    { shape: shapes.seal, tone: GREEN },
  ];
  const view = { corner: [-GRID / 2, -GRID / 2], side: GRID * 2 } as const;
  return png(draw(layers, { size: 192, view, ground: GREEN }), 192);
}

/** The icon in Teams' app bar: 32 pixels, white on nothing, without a margin. */
export function outlineIcon(): Uint8Array {
  const layers: Layer[] = [
    { shape: shapes.edge, tone: WHITE },
    { shape: shapes.flap, tone: WHITE },
    { shape: shapes.seal, tone: WHITE },
  ];
  return png(draw(layers, { size: GRID, view: { corner: [0, 0], side: GRID }, ground: CLEAR }), GRID);
}
