/** Whether a point lies inside; the unit is the drawing's. */
export type Shape = (x: number, y: number) => boolean;

/** Red, green, blue and alpha, each from 0 to 255. */
export type Tone = readonly [red: number, green: number, blue: number, alpha: number];

/** A shape and what covers it; a later layer hides an earlier one. */
export interface Layer {
  readonly shape: Shape;
  readonly tone: Tone;
}

type Point = readonly [x: number, y: number];

/** A pixel is the mean of so many points, squared. */
const SAMPLES = 4;

/** All points at most `radius` away from the centre. */
export function disc([cx, cy]: Point, radius: number): Shape {
  return (x, y) => (x - cx) ** 2 + (y - cy) ** 2 <= radius ** 2;
}

/** The inside of a closed line. */
export function area(corners: readonly Point[]): Shape {
  const sides = sidesOf([...corners, ...corners.slice(0, 1)]);
  return (x, y) => {
    let inside = false;
    for (const { ax, ay, dx, dy } of sides) {
      if (ay > y !== ay + dy > y && x < ax + ((y - ay) / dy) * dx) inside = !inside;
    }
    return inside;
  };
}

/** A line through the points with round ends and corners. */
export function stroke(points: readonly Point[], width: number): Shape {
  const sides = sidesOf(points);
  const reach = (width / 2) ** 2;
  return (x, y) => sides.some((side) => squaredDistance(x, y, side) <= reach);
}

/**
 * Draws layers as a square picture.
 *
 * @param size of the picture in pixels
 * @param view the square that is shown, in the drawing's unit: its upper left corner and its side
 * @param ground what is seen where no layer is
 * @returns rows of pixels from above, four bytes each: red, green, blue and alpha
 */
export function draw(
  layers: readonly Layer[],
  { size, view, ground }: { size: number; view: { corner: Point; side: number }; ground: Tone },
): Uint8Array {
  const upper = layers.toReversed();
  const step = view.side / size / SAMPLES;
  const at = (index: number, from: number) => from + (index + 0.5) * step;
  const pixels = new Uint8Array(size * size * 4);
  const tones: Tone[] = Array.from({ length: SAMPLES * SAMPLES }, () => ground);
  for (let pixel = 0; pixel < size * size; pixel += 1) {
    const left = (pixel % size) * SAMPLES;
    const top = Math.floor(pixel / size) * SAMPLES;
    for (let sample = 0; sample < tones.length; sample += 1) {
      const x = at(left + (sample % SAMPLES), view.corner[0]);
      const y = at(top + Math.floor(sample / SAMPLES), view.corner[1]);
      tones[sample] = upper.find(({ shape }) => shape(x, y))?.tone ?? ground;
    }
    pixels.set(mean(tones), pixel * 4);
  }
  return pixels;
}

/** Colours count as much as they cover; where nothing does, they do not matter and are that of the first. */
function mean(tones: readonly Tone[]): Tone {
  let [red, green, blue, cover] = [0, 0, 0, 0];
  for (const tone of tones) {
    red += tone[0] * tone[3];
    green += tone[1] * tone[3];
    blue += tone[2] * tone[3];
    cover += tone[3];
  }
  if (cover === 0) return tones[0] ?? [0, 0, 0, 0];
  const part = (sum: number) => Math.round(sum / cover);
  return [part(red), part(green), part(blue), Math.round(cover / tones.length)];
}

/** A straight part of a line: where it begins and how far it goes. */
interface Side {
  readonly ax: number;
  readonly ay: number;
  readonly dx: number;
  readonly dy: number;
}

function sidesOf(points: readonly Point[]): Side[] {
  return points.slice(1).map(([x, y], index) => {
    const [ax, ay] = points[index] ?? [x, y];
    return { ax, ay, dx: x - ax, dy: y - ay };
  });
}

function squaredDistance(x: number, y: number, { ax, ay, dx, dy }: Side): number {
  const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy);
  const nearest = Math.min(1, Math.max(0, along));
  return (x - ax - nearest * dx) ** 2 + (y - ay - nearest * dy) ** 2;
}
