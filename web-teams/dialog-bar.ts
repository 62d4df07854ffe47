/** The bar above the composer in Teams: what closing the window does, and how to move the note to the browser. */
import type { ComposerState } from '../web-composer/session/state.ts';
import type { ComposerKey, ComposerStrings } from '../web-composer/ui/strings.ts';
import { createLabels } from '../web-shared/i18n/strings.ts';
import { button, el, setAttribute, setShown, setText } from '../web-shared/ui/dom.ts';

export interface DialogBar {
  update(state: ComposerState): void;
  showOpening(): void;
  /** The note did not move: it can be copied instead. */
  showNotMoved(): void;
  draw(): void;
}

interface DialogBarActions {
  /** Null where Teams cannot hand anything to a browser. */
  move: (() => void) | null;
  /** Copies the text; gives the string to show then. */
  copy: () => Promise<ComposerKey>;
}

/** Draws the bar into `root`. It shows while there is a note. */
export function createDialogBar(
  root: HTMLElement,
  strings: ComposerStrings,
  { move, copy }: DialogBarActions,
): DialogBar {
  const labels = createLabels(strings);
  let canMove = move !== null;
  let writing = false;
  let opening = false;
  let statusKey: ComposerKey | null = null;

  const hint = el('p', { class: 'hint', id: 'bar-hint' });
  const status = el('p', { class: 'bar-status', role: 'status' });
  const moveButton = button('', [], () => move?.());
  const copyButton = button('', [labels.text('teams.copy')], () => {
    void copy().then((key) => showStatus(key));
  });
  for (const press of [moveButton, copyButton]) press.setAttribute('aria-describedby', 'bar-hint');
  const closing = el('p', {}, labels.text('teams.closing'));
  const text = el('div', {}, closing, hint, status);
  const bar = el('aside', { class: 'bar', 'aria-label': 'Microsoft Teams' }, text, moveButton, copyButton);
  bar.hidden = true;
  root.replaceChildren(bar);

  function draw(): void {
    labels.draw();
    setShown(moveButton, writing && canMove);
    setShown(copyButton, writing && !canMove);
    setAttribute(moveButton, 'aria-disabled', opening ? 'true' : null);
    setText(moveButton, strings.t(opening ? 'teams.opening' : 'teams.continue'));
    const offer = canMove ? 'teams.continue.hint' : 'teams.copy.hint';
    setText(hint, strings.t(writing ? offer : 'teams.sharedHere'));
    setText(status, statusKey === null ? '' : strings.t(statusKey));
  }

  function showStatus(key: ComposerKey | null): void {
    statusKey = key;
    draw();
  }

  return {
    draw,
    update({ name }) {
      setShown(bar, name === 'writing' || name === 'open');
      writing = name === 'writing';
      if (!writing) statusKey = null;
      draw();
    },
    showOpening() {
      opening = true;
      showStatus(null);
    },
    showNotMoved() {
      opening = false;
      canMove = false;
      showStatus('teams.notTaken');
    },
  };
}
