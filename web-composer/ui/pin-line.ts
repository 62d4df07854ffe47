/** The PIN of an open note, to be told by phone, and how many tries are left. */

import { createLabels } from '../../web-shared/i18n/strings.ts';
import { el, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ComposerState } from '../session/state.ts';
import type { ComposerWords } from './strings.ts';

export interface PinLine {
  readonly element: HTMLElement;
  update(pin: Extract<ComposerState, { name: 'open' }>['pin']): void;
}

export function createPinLine(words: ComposerWords): PinLine {
  const labels = createLabels(words);
  const digits = el('span', { class: 'code', dir: 'ltr', 'aria-hidden': 'true' });
  const spelled = el('span', { class: 'unseen', dir: 'ltr' });
  const tries = el('p', { class: 'hint' });
  const element = el(
    'section',
    { class: 'pin-line' },
    el('p', { class: 'label' }, labels.text('pinLine')),
    el('p', { class: 'pin-digits' }, digits, spelled),
    tries,
  );
  return {
    element,
    update(pin) {
      labels.draw();
      setShown(element, pin !== null);
      setText(digits, grouped(pin?.pin ?? ''));
      setText(spelled, [...(pin?.pin ?? '')].join(' '));
      setText(tries, pin === null ? '' : words.t('pinLine.hint', { count: pin.triesLeft }));
    },
  };
}

/** In groups of three, and a last one of two to four. */
function grouped(pin: string): string {
  return pin.replace(/(\d{3})(?=\d{2})/g, '$1 ');
}
