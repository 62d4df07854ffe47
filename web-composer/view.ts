/** The composer's page, drawn from its state; only the note's own text lives in its textbox. */
import { createAnnouncer } from '../web-shared/announcer.ts';
import { el } from '../web-shared/dom.ts';
import { createStage, type Screen, slot } from '../web-shared/screens.ts';
import { createTimeWords, localeFor } from '../web-shared/time.ts';
import { createDesk, type Desk } from './screen-desk.ts';
import { createLast } from './screen-last.ts';
import type { ComposerActions, ComposerState } from './state.ts';
import { words } from './words.ts';

export interface ComposerView {
  render(state: ComposerState): void;
  /** Puts the cursor into the note, when the note is there. */
  focusNote(): void;
}

function createLoading(): Screen<ComposerState & { name: 'loading' }> {
  const heading = el('h1', { class: 'loading quiet', tabindex: '-1' }, words.loading);
  return { element: heading, heading, update() {} };
}

/** Draws into `root`. In `over` and `refused` the note is nowhere in the page. */
export function createView(root: HTMLElement, actions: ComposerActions): ComposerView {
  const time = createTimeWords(localeFor('en', 'en-GB', navigator.languages));
  const announcer = createAnnouncer();
  const main = el('main', { class: 'page' });
  root.replaceChildren(main, announcer.element);

  let onDesk: Desk | null = null;
  const loading = slot(createLoading);
  const desk = slot(() => {
    onDesk = createDesk(actions, announcer, time);
    return onDesk;
  });
  const last = slot(() => createLast(time));
  const stage = createStage(main, loading);

  return {
    focusNote: () => onDesk?.focusNote(),
    render(state) {
      switch (state.name) {
        case 'loading':
          stage.show(loading, state);
          break;
        case 'writing':
        case 'open':
          stage.show(desk, state);
          break;
        case 'over':
        case 'refused':
          onDesk = null;
          stage.show(last, state);
          break;
      }
    },
  };
}
