/** What just happened to the list, what was not understood, and an undo. */
import { createAnnouncer } from '../../web-shared/ui/announcer.ts';
import { button, el, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ComposerStrings } from '../ui/strings.ts';
import type { Undo } from './editor-rows.ts';
import type { NotUnderstood } from './import/fhir/why.ts';

/** Longest list of what was not understood; the rest is counted. */
const SHOWN_MAX = 20;

export interface ImportNotice {
  readonly element: HTMLElement;
  show(text: string, undo: Undo | null, notUnderstood?: readonly NotUnderstood[]): void;
  /** Announces something to screen readers, without showing it. */
  say(text: string): void;
  canUndo(): boolean;
  undo(): void;
  clear(): void;
  draw(): void;
}

/** Hidden until there is something to show. `undone` is called after an undo. */
export function createImportNotice(strings: ComposerStrings, undone: () => void): ImportNotice {
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
  let lastUndo: Undo | null = null;

  const undo = (): void => {
    if (lastUndo === null) return;
    lastUndo();
    clear();
    announcer.say(strings.t('medicines.undone'));
    undone();
  };
  const clear = (): void => {
    lastUndo = null;
    setText(text, '');
    list.replaceChildren();
    announcer.say('');
    setShown(box, false);
  };
  const draw = (): void => {
    setText(undoButton, strings.t('medicines.undo'));
    setText(close, strings.t('medicines.close'));
  };
  draw();

  return {
    element: el('div', {}, box, announcer.element),
    show(message, newUndo, notUnderstood = []) {
      lastUndo = newUndo;
      setText(text, message);
      const reasons = notUnderstood.slice(0, SHOWN_MAX).map((each) => reasonItem(each, strings));
      const more = notUnderstood.length - reasons.length;
      if (more > 0) reasons.push(el('li', {}, strings.t('medicines.more', { count: more })));
      list.replaceChildren(...reasons);
      setShown(undoButton, newUndo !== null);
      setShown(box, true);
      announcer.say([message, ...reasons.map((item) => item.textContent)].join(' '));
    },
    say: (message) => announcer.say(message),
    canUndo: () => lastUndo !== null,
    undo,
    clear,
    draw,
  };
}

function reasonItem({ what, why }: NotUnderstood, strings: ComposerStrings): HTMLLIElement {
  const reason = strings.t(`medicines.why.${why}`);
  return what === '' ? el('li', {}, reason) : el('li', {}, el('bdi', { translate: 'no' }, what), ': ', reason);
}
