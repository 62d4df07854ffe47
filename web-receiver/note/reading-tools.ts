/** The text size, above the note, and printing, below it. */

import { createLabels } from '../../web-shared/i18n/strings.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { button, el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ReceiverStrings } from '../ui/strings.ts';

/** Steps of the text size; the first is the normal one. */
const SIZES = 3;

export interface ReadingTools {
  readonly sizes: HTMLElement;
  readonly printing: HTMLElement;
  update(state: { print: boolean; editing: boolean; size: number }): void;
}

/** `resize` is called with the step that the reader chose. */
export function createReadingTools(
  strings: ReceiverStrings,
  announcer: Announcer,
  resize: (size: number) => void,
): ReadingTools {
  const labels = createLabels(strings);
  let size = 0;
  const change = (by: number): void => {
    const next = Math.min(SIZES - 1, Math.max(0, size + by));
    resize(next);
    announcer.say(strings.t('textSize.said', { number: next + 1, count: SIZES }));
  };
  const smaller = button('button-quiet', [el('bdi', { dir: 'ltr' }, 'A−')], () => change(-1));
  const larger = button('button-quiet larger', [el('bdi', { dir: 'ltr' }, 'A+')], () => change(1));
  const print = button('button-quiet', [labels.text('print')], () => window.print());
  const sizes = el(
    'div',
    { class: 'row text-size', role: 'group' },
    el('span', {}, labels.text('textSize')),
    smaller,
    larger,
  );
  labels.attribute(sizes, 'aria-label', 'textSize');
  const names = [el('span', { class: 'unseen' }), el('span', { class: 'unseen' })] as const;
  smaller.append(' ', names[0]);
  larger.append(' ', names[1]);
  // Browsers inside other programs often have no printing.
  const canPrint = typeof window.print === 'function';
  const noPrinter = el('p', {}, labels.text('noPrinter'));
  return {
    sizes,
    printing: el('div', { class: 'tools' }, print, noPrinter),
    update(state) {
      labels.draw();
      size = state.size;
      setText(names[0], strings.t('textSize.smaller'));
      setText(names[1], strings.t('textSize.larger'));
      setAttribute(smaller, 'aria-disabled', size === 0 ? 'true' : null);
      setAttribute(larger, 'aria-disabled', size === SIZES - 1 ? 'true' : null);
      setShown(print, state.print && canPrint);
      setShown(noPrinter, state.print && !canPrint);
      // On paper, half of a dose would stay half.
      setAttribute(print, 'aria-disabled', state.editing ? 'true' : null);
    },
  };
}
