import { type Html, html } from '../http/html.ts';

const WIDTH = 720;
const HEIGHT = 140;
/** So many names have a place below their own bars; of more, the first, the middle and the last one stand there. */
const NAMES_MAX = 6;

/** One bar: its name in words, and how high it is. */
interface Bar {
  readonly name: string;
  readonly value: number;
}

/**
 * A chart of bars, drawn without a script; its words are HTML, so that they do not shrink with it. Whoever does not see it reads
 * the table beside it.
 */
export function barChart(bars: readonly Bar[], label: string, number: (value: number) => string): Html {
  const highest = Math.max(0, ...bars.map(({ value }) => value));
  const step = WIDTH / Math.max(1, bars.length);
  const drawn = bars.map(({ value }, index) => {
    const height = (value / Math.max(1, highest)) * (HEIGHT - 2);
    const x = index * step + step * 0.12;
    return html`<rect x="${fixed(x)}" y="${fixed(HEIGHT - height)}" width="${fixed(step * 0.76)}" height="${fixed(height)}" rx="2"></rect>`;
  });
  const few = bars.length <= NAMES_MAX;
  const named = few ? bars : [bars[0], bars[Math.floor(bars.length / 2)], bars.at(-1)];
  const names = named.map((bar) => html`<span>${bar?.name ?? ''}</span>`);
  return html`<div class="chart" dir="ltr" role="img" aria-label="${label}">
<p class="quiet">${number(highest)}</p>
<svg viewBox="0 0 ${String(WIDTH)} ${String(HEIGHT)}" aria-hidden="true">
<line x1="0" y1="${String(HEIGHT)}" x2="${String(WIDTH)}" y2="${String(HEIGHT)}"></line>
${drawn}
</svg>
<p class="${few ? 'chart-names chart-few quiet' : 'chart-names quiet'}">${names}</p>
</div>`;
}

function fixed(value: number): string {
  return value.toFixed(1);
}
