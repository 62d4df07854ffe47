/** Time left: in words, and as a bar that shortens. */

import { isSoon } from '../i18n/time-format.ts';
import { el, setText } from './dom.ts';

export interface TimeBar {
  readonly element: HTMLElement;
  /** `left` and `until` are finished sentences; the milliseconds drive the bar. */
  update(time: { left: string; until: string; leftMs: number; totalMs: number }): void;
}

/** The bar is hidden from assistive technology, since the sentences say the same. */
export function createTimeBar(): TimeBar {
  const left = el('span');
  const until = el('span');
  const bar = el('div');
  const element = el(
    'div',
    { class: 'time' },
    el('p', { class: 'time-words' }, left, until),
    el('div', { class: 'time-line', 'aria-hidden': 'true' }, bar),
  );
  return {
    element,
    update(time) {
      setText(left, time.left);
      setText(until, time.until);
      const share = time.totalMs > 0 ? Math.min(1, Math.max(0, time.leftMs / time.totalMs)) : 0;
      bar.style.setProperty('--left', share.toFixed(4));
      element.classList.toggle('soon', isSoon(time.leftMs, time.totalMs));
    },
  };
}
