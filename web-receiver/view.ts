/** The receiver's page, drawn from its state and from nothing else. */
import { createAnnouncer } from '../web-shared/announcer.ts';
import { el } from '../web-shared/dom.ts';
import { createStage, type Screen, slot } from '../web-shared/screens.ts';
import { createTimeWords, localeFor } from '../web-shared/time.ts';
import { createClosed } from './screen-closed.ts';
import { createGone } from './screen-gone.ts';
import { createHidden } from './screen-hidden.ts';
import { createNote } from './screen-note.ts';
import { createWaiting } from './screen-waiting.ts';
import type { ReceiverActions, ReceiverState } from './state.ts';
import { words } from './words.ts';

function createLoading(): Screen<ReceiverState & { name: 'loading' }> {
  const heading = el('h1', { class: 'loading quiet', tabindex: '-1' }, words.loading);
  return { element: heading, heading, update() {} };
}

/**
 * Draws into `root`. `render` may be called as often as one likes: what has not changed is not touched, and outside
 * `reading` the note is nowhere in the page. The place in a long note is kept through an interruption.
 */
export function createView(root: HTMLElement, actions: ReceiverActions): { render(state: ReceiverState): void } {
  const time = createTimeWords(localeFor('en', 'en-GB', navigator.languages));
  const announcer = createAnnouncer();
  const main = el('main', { class: 'page' });
  root.replaceChildren(main, announcer.element);

  const loading = slot(createLoading);
  const closed = slot(() => createClosed(actions, time));
  const waiting = slot(createWaiting);
  const note = slot(() => createNote(announcer, time));
  const hidden = slot(createHidden);
  const gone = slot(() => createGone(actions, time));
  const stage = createStage(main, loading);
  let name: ReceiverState['name'] = 'loading';
  let place = 0;

  return {
    render(state) {
      const before = name;
      name = state.name;
      if (before === 'reading' && name === 'interrupted') place = window.scrollY;
      switch (state.name) {
        case 'loading':
          stage.show(loading, state);
          break;
        case 'closed':
          stage.show(closed, state);
          // The words for the time left are slow to make the first time; the tap should not wait for them.
          if (before !== 'closed') setTimeout(() => time.duration(state.room.leftMs));
          break;
        case 'waiting':
          stage.show(waiting, state);
          break;
        case 'reading':
          stage.show(note, state);
          break;
        case 'interrupted':
          stage.show(hidden, state);
          break;
        case 'gone':
          stage.show(gone, state);
          break;
      }
      if (before === name) return;
      const top = before === 'interrupted' && name === 'reading' ? place : 0;
      requestAnimationFrame(() => window.scrollTo(0, top));
    },
  };
}
