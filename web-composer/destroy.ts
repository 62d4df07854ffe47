/** "Destroy now": at once while nobody reads, after one question while somebody does. */
import { button, el, setShown, setText } from '../web-shared/dom.ts';
import { words } from './words.ts';

export interface Destroy {
  readonly element: HTMLElement;
  /** `reading` counts the readers who have the note on screen. */
  update(reading: number): void;
}

export function createDestroy(destroy: () => void): Destroy {
  let reading = 0;
  const question = el('h2', { id: 'destroy-ask' });
  const keep = button('', [words.keepOpen], () => ask(false));
  const second = el(
    'div',
    { class: 'ask', role: 'group', 'aria-labelledby': 'destroy-ask', 'aria-describedby': 'destroy-what' },
    question,
    el('p', { id: 'destroy-what' }, words.destroyWhat),
    el('div', { class: 'ask-buttons' }, keep, button('button-final', [words.destroy], destroy)),
  );
  const press = button('button-danger', [words.destroy], () => {
    if (reading === 0) destroy();
    else ask(true);
  });
  press.setAttribute('aria-describedby', 'destroy-hint');
  const first = el('div', {}, press, el('p', { class: 'hint', id: 'destroy-hint' }, words.destroyHint));

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
      reading = now;
      if (now > 0) setText(question, words.destroyAsk(now));
      else if (!second.hidden) ask(false);
    },
  };
}
