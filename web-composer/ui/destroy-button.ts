/** "Destroy now": at once while nobody reads, after one question while somebody does. */

import { createLabels } from '../../web-shared/i18n/strings.ts';
import { button, el, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ComposerWords } from './strings.ts';

export interface Destroy {
  readonly element: HTMLElement;
  /** `reading` counts the readers who have the note on screen. */
  update(reading: number): void;
}

export function createDestroy(words: ComposerWords, destroy: () => void): Destroy {
  const labels = createLabels(words);
  let reading = 0;
  const question = el('h2', { id: 'destroy-ask' });
  const keep = button('', [labels.text('keepOpen')], () => ask(false));
  const second = el(
    'div',
    { class: 'ask', role: 'group', 'aria-labelledby': 'destroy-ask', 'aria-describedby': 'destroy-what' },
    question,
    el('p', { id: 'destroy-what' }, labels.text('destroyWhat')),
    el('div', { class: 'ask-buttons' }, keep, button('button-final', [labels.text('destroy')], destroy)),
  );
  const press = button('button-danger', [labels.text('destroy')], () => {
    if (reading === 0) destroy();
    else ask(true);
  });
  press.setAttribute('aria-describedby', 'destroy-hint');
  const first = el('div', {}, press, el('p', { class: 'hint', id: 'destroy-hint' }, labels.text('destroyHint')));

  // The question takes the button's place, so that a double click lands on words and not on the second button.
  function ask(asking: boolean): void {
    const focused = first.contains(document.activeElement) || second.contains(document.activeElement);
    setShown(second, asking);
    setShown(first, !asking);
    if (focused) (asking ? keep : press).focus();
  }
  second.hidden = true;
  second.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') ask(false);
  });

  return {
    element: el('div', { class: 'destroy' }, first, second),
    update(now) {
      labels.draw();
      reading = now;
      setText(question, now > 0 ? words.t('destroyAsk', { count: now }) : '');
      if (now === 0 && !second.hidden) ask(false);
    },
  };
}
