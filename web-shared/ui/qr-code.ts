import { encode } from 'uqr';
import { svg } from './dom.ts';

/** Quiet zone in modules (ISO/IEC 18004). */
const QUIET = 4;

/** The QR code of `text`, black on white in every theme, named `label` for assistive technology. */
export function qrCode(text: string, label: string): SVGSVGElement {
  const { data, size } = encode(text, { ecc: 'M', border: 0 });
  const runs: string[] = [];
  data.forEach((row, y) => {
    let x = 0;
    while (x < row.length) {
      const start = x;
      while (row[x] === true) x += 1;
      if (x > start) runs.push(`M${start} ${y}h${x - start}v1h${start - x}z`);
      x += 1;
    }
  });
  const viewBox = `${-QUIET} ${-QUIET} ${size + 2 * QUIET} ${size + 2 * QUIET}`;
  return svg(
    'svg',
    { class: 'qr', role: 'img', 'aria-label': label, viewBox, 'shape-rendering': 'crispEdges' },
    svg('path', { d: runs.join('') }),
  );
}
