/** What just happened to the list, what was not understood, and the way back. */
import { createAnnouncer } from '../../web-shared/ui/announcer.ts';
import { button, el, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ComposerWords } from '../ui/strings.ts';
import type { NotUnderstood } from './fhir.ts';
import type { Undo } from './rows.ts';

/** Longest list of what was not understood; the rest is counted. */
const SHOWN_MAX = 20;

export interface Notice {
  readonly element: HTMLElement;
  show(text: string, undo: Undo | null, notUnderstood?: readonly NotUnderstood[]): void;
  /** Says something to people who use a screen reader, without showing it. */
  say(text: string): void;
  /** Whether the last thing done can be undone. */
  canUndo(): boolean;
  undo(): void;
  clear(): void;
  draw(): void;
}

/** Hidden until there is something to say. `undone` is told when the way back was taken. */
export function createNotice(words: ComposerWords, undone: () => void): Notice {
  const announcer = createAnnouncer();
  const text = el('p', {});
  const list = el('ul', { class: 'med-reasons' });
  const undoButton = button('med-small', [], () => undo());
  const close = button('med-small', [], () => clear());
  const box = el(
    'div',
    { class: 'med-notice' },
    text,
    list,
    el('div', { class: 'med-notice-buttons' }, undoButton, close),
  );
  box.hidden = true;
  let back: Undo | null = null;

  const undo = (): void => {
    if (back === null) return;
    back();
    clear();
    announcer.say(words.t('medicines.undone'));
    undone();
  };
  const clear = (): void => {
    back = null;
    setText(text, '');
    list.replaceChildren();
    announcer.say('');
    setShown(box, false);
  };
  const draw = (): void => {
    setText(undoButton, words.t('medicines.undo'));
    setText(close, words.t('medicines.close'));
  };
  draw();

  return {
    element: el('div', {}, box, announcer.element),
    show(said, way, notUnderstood = []) {
      back = way;
      setText(text, said);
      const reasons = notUnderstood.slice(0, SHOWN_MAX).map((each) => reasonItem(each, words));
      const more = notUnderstood.length - reasons.length;
      if (more > 0) reasons.push(el('li', {}, words.t('medicines.more', { count: more })));
      list.replaceChildren(...reasons);
      setShown(undoButton, way !== null);
      setShown(box, true);
      announcer.say([said, ...reasons.map((item) => item.textContent)].join(' '));
    },
    say: (said) => announcer.say(said),
    canUndo: () => back !== null,
    undo,
    clear,
    draw,
  };
}

function reasonItem({ what, why }: NotUnderstood, words: ComposerWords): HTMLLIElement {
  const reason = words.t(`medicines.why.${why}`);
  return what === '' ? el('li', {}, reason) : el('li', {}, el('bdi', { translate: 'no' }, what), ': ', reason);
}
