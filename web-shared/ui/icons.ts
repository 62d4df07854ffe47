/**
 * Line icons on a 24-unit grid, each a list of path data, so that a page contains only those it uses. An icon is always
 * next to a word, and hidden from assistive technology.
 */
import { svg } from './dom.ts';

export type IconPaths = readonly string[];

const SEAL = 'M12 14.75a3 3 0 1 0 0-6 3 3 0 0 0 0 6z';

/** A sealed letter: GLIR's logo. */
export const letter: IconPaths = ['M3 5h18v14H3z', 'M3 5l4 6.75h2M15 11.75h2L21 5', SEAL];
/** The outline that the letter leaves behind. */
export const goneLetter: IconPaths = ['M3 8V5h3M9.5 5h5M18 5h3v3M21 10.5v3M21 16v3h-3M14.5 19h-5M6 19H3v-3M3 13.5v-3'];
export const copy: IconPaths = ['M9 9h11v11H9z', 'M5 15H4V4h11v1'];
/** A triangle with an exclamation mark. */
export const attention: IconPaths = ['M12 3.5L2.5 20h19z', 'M12 9.5v5', 'M12 17.25h.01'];
export const check: IconPaths = ['M4.5 12.5l5 5 10-11'];
export const code: IconPaths = ['M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4z', 'M14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 20h2'];
export const unplugged: IconPaths = [
  'M3 3l18 18',
  'M5 12.5a10 10 0 0 1 4.5-2.6M14.5 9.9a10 10 0 0 1 4.5 2.6',
  'M8.5 16a5 5 0 0 1 7 0',
  'M12 20h.01',
];
export const eye: IconPaths = [
  'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12z',
  'M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z',
];
export const globe: IconPaths = [
  'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18z',
  'M3 12h18',
  'M12 3c2.5 2.6 3.8 5.6 3.8 9s-1.3 6.4-3.8 9c-2.5-2.6-3.8-5.6-3.8-9S9.5 5.6 12 3z',
];
export const handset: IconPaths = [
  'M6 3.5h3.5l1.75 4.5-2.25 1.5a11 11 0 0 0 5.5 5.5l1.5-2.25 4.5 1.75V18a2.5 2.5 0 0 1-2.75 2.5A15.5 15.5 0 0 1 3.5 6.25 2.5 2.5 0 0 1 6 3.5z',
];
export const send: IconPaths = ['M4 12h15M13 6l6 6-6 6'];

export function icon(paths: IconPaths, className = ''): SVGSVGElement {
  return svg(
    'svg',
    { class: `icon ${className}`.trim(), viewBox: '0 0 24 24', 'aria-hidden': 'true', focusable: 'false' },
    ...paths.map((d) => svg('path', { d, class: d === SEAL ? 'seal' : undefined })),
  );
}
