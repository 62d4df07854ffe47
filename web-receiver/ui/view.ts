/** The patient's page, drawn from its state and from nothing else. */

import { createLanguageSwitch } from '../../web-shared/i18n/language-switch.ts';
import type { PageLanguage } from '../../web-shared/i18n/page-language.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import { createAnnouncer } from '../../web-shared/ui/announcer.ts';
import { el } from '../../web-shared/ui/dom.ts';
import { createInfoLinks } from '../../web-shared/ui/info-links.ts';
import { removeNotStarted } from '../../web-shared/ui/not-started.ts';
import { createStage, type Screen, slot } from '../../web-shared/ui/screens.ts';
import { whenIdle } from '../../web-shared/ui/tasks.ts';
import type { FilesPlace } from '../session/files-loader.ts';
import type { ReceiverActions, ReceiverState } from '../session/state.ts';
import { createClosedScreen } from './closed-screen.ts';
import { createGoneScreen } from './gone-screen.ts';
import { createAwayScreen, createHiddenScreen } from './hidden-screen.ts';
import { createNoteScreen, ReadingMemory } from './note-screen.ts';
import type { ReceiverKey, ReceiverStrings } from './strings.ts';
import { createWaitingScreen } from './waiting-screen.ts';
import { warmUpSteps } from './warm-up.ts';

function createLoadingScreen(strings: ReceiverStrings): Screen<ReceiverState & { name: 'loading' }> {
  const labels = createLabels(strings);
  const heading = el('h1', { class: 'loading quiet', tabindex: '-1' }, labels.text('loading'));
  return { element: heading, heading, update: () => labels.draw() };
}

/**
 * Draws into `root`. `render` may be called any number of times: what has not changed is not touched, and outside of
 * `reading` the note is nowhere in the page. The scroll position is kept through an interruption. Another language is
 * drawn into the same elements, so that nothing on the screen is lost by it.
 */
export function createView(
  root: HTMLElement,
  actions: ReceiverActions,
  language: PageLanguage<ReceiverKey>,
  files?: FilesPlace,
): { render(state: ReceiverState): void } {
  const { strings, time } = language;
  const announcer = createAnnouncer();
  const main = el('main', { class: 'page' });
  const memory = new ReadingMemory();
  const languageSwitch = createLanguageSwitch(language, () => {
    document.title = strings.t('pageTitle');
    announcer.say('');
    languageSwitch.update();
    infoLinks.update();
    draw(last);
  });
  const infoLinks = createInfoLinks(strings);
  const foot = el('footer', { class: 'foot' }, languageSwitch.element, infoLinks.element);
  root.replaceChildren(main, foot, announcer.element);
  removeNotStarted();

  const loading = slot(() => createLoadingScreen(strings));
  const closed = slot(() => createClosedScreen(actions, strings, time));
  const waiting = slot(() => createWaitingScreen(strings));
  const note = slot(() => createNoteScreen({ announcer, strings, time, actions, memory, files }));
  const hidden = slot(() => createHiddenScreen(strings));
  const away = slot(() => createAwayScreen(strings));
  const gone = slot(() => createGoneScreen(actions, strings, time));
  const stage = createStage(main, loading);
  let last: ReceiverState = { name: 'loading' };
  let scrollY = 0;

  function draw(state: ReceiverState): void {
    switch (state.name) {
      case 'loading':
        return stage.show(loading, state);
      case 'closed':
        return stage.show(closed, state);
      case 'waiting':
        return stage.show(waiting, state);
      case 'reading':
        return stage.show(note, state);
      case 'interrupted':
        return stage.show(hidden, state);
      case 'away':
        return stage.show(away, state);
      case 'gone':
        return stage.show(gone, state);
    }
  }

  return {
    render(state) {
      const before = last.name;
      last = state;
      if (state.name !== 'reading' && state.name !== 'interrupted') memory.forget();
      if (before === 'reading' && state.name === 'interrupted') scrollY = window.scrollY;
      draw(state);
      if (before === state.name) return;
      // What is slow the first time is done before the tap.
      if (state.name === 'closed') whenIdle([() => note.prepare(), ...warmUpSteps(strings, time, state.room)]);
      const top = before === 'interrupted' && state.name === 'reading' ? scrollY : 0;
      requestAnimationFrame(() => window.scrollTo(0, top));
    },
  };
}
