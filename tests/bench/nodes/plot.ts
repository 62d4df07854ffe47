import { writeFileSync } from 'node:fs';
import path from 'node:path';

const IMAGES = path.join(import.meta.dirname, '../../../docs/images');
const PANEL = { width: 360, height: 240 };
const MARGIN = { left: 58, right: 18, top: 46, bottom: 44 };
const LINES = 4;
const LEGEND_STEP = 96;

export interface Series {
  readonly name: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** A diagram with x and y from zero. Points of a series that have the same x are repeated measurements. */
export interface Panel {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly series: readonly Series[];
  /** A line across: what is not to be exceeded. */
  readonly limit?: number;
}

/** Colours that can be told apart by people who see no red or no green, on white and on black (Okabe and Ito). */
const STYLE = `
.paper { fill: #ffffff } .text { fill: #1f2328 } .faint { fill: #59636e } .grid { stroke: #d1d9e0 }
.s0 { --c: #0072b2 } .s1 { --c: #d55e00 } .s2 { --c: #009e73 }
@media (prefers-color-scheme: dark) {
  .paper { fill: #0d1117 } .text { fill: #f0f6fc } .faint { fill: #9198a1 } .grid { stroke: #3d444d }
  .s0 { --c: #56b4e9 } .s1 { --c: #e69f00 } .s2 { --c: #2fbf92 }
}
text { font: 12px system-ui, sans-serif } .title { font-weight: 600; font-size: 13px }
.line { fill: none; stroke: var(--c); stroke-width: 2 } .dot { fill: var(--c) }
.limit { stroke: var(--c, #cf222e); stroke-width: 1.5; stroke-dasharray: 5 4 }
`;

/** Writes a picture beside the documentation's others; gives its path. */
export function writePlot(name: string, svg: string): string {
  const file = path.join(IMAGES, name);
  writeFileSync(file, svg);
  return file;
}

/** Panels side by side, as an SVG that can be read on light and on dark pages. */
export function plot(panels: readonly Panel[], description: string): string {
  const width = PANEL.width * panels.length;
  const { height } = PANEL;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">`,
    `<title>${escaped(description)}</title><style>${STYLE}</style>`,
    `<rect class="paper" width="${width}" height="${height}"/>`,
    ...panels.map((panel, index) => `<g transform="translate(${index * PANEL.width} 0)">${drawn(panel)}</g>`),
    '</svg>\n',
  ].join('\n');
}

function drawn({ title, x, y, series, limit }: Panel): string {
  const points = series.flatMap((one) => one.points);
  const most = {
    x: Math.max(...points.map((point) => point.x)),
    y: niceTop(Math.max(limit ?? 0, ...points.map((point) => point.y))),
  };
  const [right, bottom] = [PANEL.width - MARGIN.right, PANEL.height - MARGIN.bottom];
  const across = (value: number) => tenths(MARGIN.left + ((right - MARGIN.left) * value) / most.x);
  const down = (value: number) => tenths(bottom - ((bottom - MARGIN.top) * value) / most.y);
  const grid = Array.from({ length: LINES + 1 }, (_, line) => (most.y * line) / LINES).map(
    (value) =>
      `<line class="grid" x1="${MARGIN.left}" x2="${right}" y1="${down(value)}" y2="${down(value)}"/>` +
      `<text class="faint" x="${MARGIN.left - 6}" y="${down(value) + 4}" text-anchor="end">${label(value)}</text>`,
  );
  const places = [...new Set(points.map((point) => point.x))].map(
    (value) =>
      `<text class="faint" x="${across(value)}" y="${bottom + 16}" text-anchor="middle">${label(value)}</text>`,
  );
  const lines = series.map((one, index) => {
    const middles = [...new Set(one.points.map((point) => point.x))].map((place) => ({
      x: place,
      y: middleAt(one, place),
    }));
    const path = middles.map((point) => `${across(point.x)},${down(point.y)}`).join(' ');
    const dots = one.points.map(
      (point) => `<circle class="dot" cx="${across(point.x)}" cy="${down(point.y)}" r="3.5"/>`,
    );
    const at = MARGIN.left + index * LEGEND_STEP;
    const legend = `<circle class="dot" cx="${at + 4}" cy="32" r="4"/><text class="text" x="${at + 12}" y="36">${escaped(one.name)}</text>`;
    return `<g class="s${index}"><polyline class="line" points="${path}"/>${dots.join('')}${legend}</g>`;
  });
  const limitLine =
    limit === undefined
      ? ''
      : `<line class="limit" x1="${MARGIN.left}" x2="${right}" y1="${down(limit)}" y2="${down(limit)}"/>`;
  return [
    `<text class="text title" x="${MARGIN.left}" y="18">${escaped(title)}</text>`,
    ...grid,
    ...places,
    `<text class="faint" x="${(MARGIN.left + right) / 2}" y="${PANEL.height - 8}" text-anchor="middle">${escaped(x)}</text>`,
    `<text class="faint" transform="translate(14 ${(MARGIN.top + bottom) / 2}) rotate(-90)" text-anchor="middle">${escaped(y)}</text>`,
    limitLine,
    ...lines,
  ].join('');
}

function middleAt({ points }: Series, x: number): number {
  const values = points.filter((point) => point.x === x).map((point) => point.y);
  const sorted = values.sort((one, other) => one - other);
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)] ?? 0, sorted[Math.floor(sorted.length / 2)] ?? 0];
  return (low + high) / 2;
}

/** The next round number above, which four lines divide into round numbers. */
function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, Number.MIN_VALUE)));
  return power * ([1, 2, 4, 6, 8, 10].find((step) => step * power >= value) ?? 10);
}

function label(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: 2 });
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
