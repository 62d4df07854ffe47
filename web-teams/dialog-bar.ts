/** What stands above the composer in Teams: what closing the window does, and the way out of it. */
import type { ComposerState } from '../web-composer/session/state.ts';
import type { ComposerKey, ComposerStrings } from '../web-composer/ui/strings.ts';
import { createLabels } from '../web-shared/i18n/strings.ts';
import { button, el, setAttribute, setShown, setText } from '../web-shared/ui/dom.ts';

export interface Bar {
  update(state: ComposerState): void;
  /** The browser is being opened; nothing can be pressed until `stays` says that the note did not move. */
  opens(): void;
  stays(): void;
  /** Writes everything again, after the language changed. */
  draw(): void;
}

interface BarActions {
  /** Null where Teams cannot hand anything to a browser. */
  move: (() => void) | null;
  /** Copies the text; gives what to say then. */
  copy: () => Promise<ComposerKey>;
}

/** Draws the bar into `root`. It shows while there is a note. */
export function createBar(root: HTMLElement, strings: ComposerStrings, { move, copy }: BarActions): Bar {
  const labels = createLabels(strings);
  let mayMove = move !== null;
  let writing = false;
  let opening = false;
  let said: ComposerKey | null = null;

  const hint = el('p', { class: 'hint', id: 'bar-hint' });
  const news = el('p', { class: 'bar-news', role: 'status' });
  const mover = button('', [], () => move?.());
  const copier = button('', [labels.text('teams.copy')], () => {
    void copy().then((key) => say(key));
  });
  for (const press of [mover, copier]) press.setAttribute('aria-describedby', 'bar-hint');
  const closing = el('p', {}, labels.text('teams.closing'));
  const sentences = el('div', {}, closing, hint, news);
  const bar = el('aside', { class: 'bar', 'aria-label': 'Microsoft Teams' }, sentences, mover, copier);
  bar.hidden = true;
  root.replaceChildren(bar);

  function draw(): void {
    labels.draw();
    setShown(mover, writing && mayMove);
    setShown(copier, writing && !mayMove);
    setAttribute(mover, 'aria-disabled', opening ? 'true' : null);
    setText(mover, strings.t(opening ? 'teams.opening' : 'teams.continue'));
    const offer = mayMove ? 'teams.continue.hint' : 'teams.copy.hint';
    setText(hint, strings.t(writing ? offer : 'teams.sharedHere'));
    setText(news, said === null ? '' : strings.t(said));
  }

  function say(key: ComposerKey | null): void {
    said = key;
    draw();
  }

  return {
    draw,
    update({ name }) {
      setShown(bar, name === 'writing' || name === 'open');
      writing = name === 'writing';
      if (!writing) said = null;
      draw();
    },
    opens() {
      opening = true;
      say(null);
    },
    stays() {
      opening = false;
      mayMove = false;
      say('teams.notTaken');
    },
  };
}
