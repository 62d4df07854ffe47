/** QR codes as SVG, built by DOM calls. */
import { encode } from 'uqr';
import { svg } from './dom.ts';

/** Modules of white around the code, as the standard (ISO/IEC 18004) asks. */
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
  const ciphertext = `${-QUIET} ${-QUIET} ${size + 2 * QUIET} ${size + 2 * QUIET}`;
  return svg(
    'svg',
    { class: 'qr', role: 'img', 'aria-label': label, viewBox: ciphertext, 'shape-rendering': 'crispEdges' },
    svg('path', { d: runs.join('') }),
  );
}
