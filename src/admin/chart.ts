import { type Html, html } from '../http/html.ts';

const WIDTH = 720;
const HEIGHT = 200;
/** For the numbers at the top and the names below. */
const ABOVE = 32;
const BELOW = 34;
/** Names stand so many units apart at least. */
const NAME_WIDTH = 110;

/** One bar: its name in words, and how high it is. */
interface Bar {
  readonly name: string;
  readonly value: number;
}

/** A chart of bars, drawn without a script. Whoever does not see it reads the table beside it. */
export function barChart(bars: readonly Bar[], label: string, number: (value: number) => string): Html {
  const highest = Math.max(1, ...bars.map(({ value }) => value));
  const step = WIDTH / Math.max(1, bars.length);
  const every = Math.max(1, Math.ceil(NAME_WIDTH / step));
  const unit = (HEIGHT - ABOVE - BELOW) / highest;
  const base = HEIGHT - BELOW;
  const drawn = bars.map(({ name, value }, index) => {
    const height = value * unit;
    const x = index * step;
    const rect = html`<rect x="${fixed(x + step * 0.12)}" y="${fixed(base - height)}" width="${fixed(step * 0.76)}" height="${fixed(height)}" rx="2"></rect>`;
    const top = value === highest && value > 0 && bars.findIndex((bar) => bar.value === highest) === index;
    const above = top
      ? html`<text x="${fixed(x + step / 2)}" y="${fixed(base - height - 5)}" text-anchor="middle">${number(value)}</text>`
      : '';
    const below =
      index % every === 0
        ? html`<text x="${fixed(x + step / 2)}" y="${String(HEIGHT - 6)}" text-anchor="${index === 0 && bars.length > 12 ? 'start' : 'middle'}">${name}</text>`
        : '';
    return html`${rect}${above}${below}`;
  });
  return html`<div role="img" aria-label="${label}">
<svg class="chart" viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" aria-hidden="true" direction="ltr">
<line x1="0" y1="${String(base)}" x2="${String(WIDTH)}" y2="${String(base)}"></line>
${drawn}
</svg>
</div>`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}
