/** Draws times against the length of the line, as an SVG without any script or font of its own. */

interface Point {
  roundTripMs: number;
  textMs: number;
  buttonMs: number;
  floorMs: number;
}

const [WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT] = [720, 420, 64, 48, 24, 150];
const SERIES = [
  ['textMs', 'the note’s text', '#0f5c57'],
  ['buttonMs', '“Open the note”', '#8a4b00'],
  ['floorMs', 'a page of 1 kB', '#55605b'],
] as const;

export function plotLines(points: readonly Point[]): string {
  const maxX = Math.max(...points.map(({ roundTripMs }) => roundTripMs));
  const maxY = Math.ceil(Math.max(...points.map(({ textMs }) => textMs)) / 500) * 500;
  const x = (ms: number) => Math.round(LEFT + (ms / maxX) * (WIDTH - LEFT - RIGHT));
  const y = (ms: number) => Math.round(HEIGHT - BOTTOM - (ms / maxY) * (HEIGHT - BOTTOM - TOP));
  const text = (at: string, words: string, anchor = 'middle') => `<text ${at} text-anchor="${anchor}">${words}</text>`;
  const rows = Array.from({ length: maxY / 500 + 1 }, (_, row) => row * 500).flatMap((ms) => [
    `<path d="M${LEFT} ${y(ms)}H${WIDTH - RIGHT}" stroke="#d9d4c7"/>`,
    text(`x="${LEFT - 8}" y="${y(ms) + 4}"`, String(ms), 'end'),
  ]);
  const columns = points.map(({ roundTripMs: ms }) => text(`x="${x(ms)}" y="${HEIGHT - BOTTOM + 20}"`, String(ms)));
  const lines = SERIES.flatMap(([name, title, color]) => {
    const places = points.map((point) => `${x(point.roundTripMs)} ${y(point[name])}`);
    const last = points.at(-1);
    return [
      `<path d="M${places.join('L')}" fill="none" stroke="${color}" stroke-width="2"/>`,
      ...places.map((place) => {
        const [cx, cy] = place.split(' ');
        return `<circle cx="${cx}" cy="${cy}" r="3" fill="${color}"/>`;
      }),
      last === undefined
        ? ''
        : text(`x="${x(last.roundTripMs) + 10}" y="${y(last[name]) + 4}" fill="${color}"`, title, 'start'),
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="system-ui,sans-serif" font-size="13">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    ...rows,
    ...columns,
    text(`x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 8}"`, 'round trip of the line, ms'),
    text(`x="${LEFT}" y="14"`, 'ms from following the link', 'start'),
    ...lines,
    '</svg>',
    '',
  ].join('\n');
}
