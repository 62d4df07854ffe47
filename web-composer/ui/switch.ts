/** A switch with its words, and a line that explains it. */

import { createLabels } from '../../web-shared/i18n/strings.ts';
import { el } from '../../web-shared/ui/dom.ts';
import type { ComposerKey, ComposerWords } from './strings.ts';

export interface Switch {
  readonly element: HTMLElement;
  update(on: boolean): void;
}

/**
 * @param id unique in the page
 * @param describedBy id of the explanation, when it stands elsewhere
 * @param hint the explanation that stands under the words
 */
export function createSwitch(
  words: ComposerWords,
  parts: { id: string; key: ComposerKey; describedBy: string; hint?: HTMLElement },
  turn: (on: boolean) => void,
): Switch {
  const labels = createLabels(words);
  const { id, key, describedBy, hint } = parts;
  const input = el('input', {
    type: 'checkbox',
    role: 'switch',
    'aria-labelledby': id,
    'aria-describedby': describedBy,
  });
  input.addEventListener('change', () => turn(input.checked));
  return {
    element: el(
      'label',
      { class: 'switch' },
      el('span', { class: 'label', id }, labels.text(key)),
      input,
      ...(hint === undefined ? [] : [hint]),
    ),
    update(on) {
      labels.draw();
      if (input.checked !== on) input.checked = on;
    },
  };
}
