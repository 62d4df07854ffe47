/** "Destroy now": at once while nobody reads, after one question while somebody does. */
import { button, el, setText } from '../web-shared/dom.ts';
import { words } from './words.ts';

export interface Destroy {
  readonly element: HTMLElement;
  /** `reading` counts the readers who have the note on screen. */
  update(reading: number): void;
}

export function createDestroy(destroy: () => void): Destroy {
  let reading = 0;
  const question = el('h2', { id: 'destroy-ask' });
  const dialog = el(
    'dialog',
    { class: 'ask', 'aria-labelledby': 'destroy-ask', 'aria-describedby': 'destroy-what' },
    question,
    el('p', { id: 'destroy-what' }, words.destroyWhat),
    el(
      'div',
      { class: 'ask-buttons' },
      button('', [words.keepOpen], () => dialog.close()),
      button('button-final', [words.destroyAll], () => {
        dialog.close();
        destroy();
      }),
    ),
  );
  const press = button('button-danger', [words.destroy], () => {
    if (reading === 0) destroy();
    else dialog.showModal();
  });
  press.setAttribute('aria-describedby', 'destroy-hint');
  return {
    element: el(
      'div',
      { class: 'destroy' },
      press,
      el('p', { class: 'hint', id: 'destroy-hint' }, words.destroyHint),
      dialog,
    ),
    update(now) {
      reading = now;
      if (now > 0) setText(question, words.destroyAsk(now));
    },
  };
}
