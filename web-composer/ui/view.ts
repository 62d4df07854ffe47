/** The composer's page, drawn from its state; only the note's own text lives in its textbox. */

import { createLanguageSwitch } from '../../web-shared/i18n/language-switch.ts';
import type { PageLanguage } from '../../web-shared/i18n/page-language.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import { createAnnouncer } from '../../web-shared/ui/announcer.ts';
import { el } from '../../web-shared/ui/dom.ts';
import { createStage, type Screen, slot } from '../../web-shared/ui/screens.ts';
import type { Written } from '../session/draft.ts';
import type { ComposerActions, ComposerState } from '../session/state.ts';
import { createBuildLine } from './build-info.ts';
import { createLast } from './final-screen.ts';
import { createDesk, type Desk } from './main-screen.ts';
import type { ComposerKey, ComposerWords } from './strings.ts';

export interface ComposerView {
  render(state: ComposerState): void;
  /** Puts the cursor into the note, when the note is there. */
  focusNote(): void;
  /** Shows a note that comes from another window; the session has it already. */
  put(written: Written): void;
}

function createLoading(words: ComposerWords): Screen<ComposerState & { name: 'loading' }> {
  const labels = createLabels(words);
  const heading = el('h1', { class: 'loading quiet', tabindex: '-1' }, labels.text('loading'));
  return { element: heading, heading, update: () => labels.draw() };
}

/**
 * Draws into `root`. In `over` and `refused` the note is nowhere in the page. Another language is drawn into the same
 * elements, so that nothing that was typed is lost by it.
 */
export function createView(
  root: HTMLElement,
  actions: ComposerActions,
  language: PageLanguage<ComposerKey>,
): ComposerView {
  const { strings: words, time } = language;
  const announcer = createAnnouncer();
  const main = el('main', { class: 'page' });
  const choice = createLanguageSwitch(language, () => {
    document.title = words.t('pageTitle');
    announcer.say('');
    choice.update();
    build.update();
    draw(last);
  });
  const build = createBuildLine(words);
  const foot = el('footer', { class: 'foot' }, choice.element, build.element);
  root.replaceChildren(main, foot, announcer.element);

  let onDesk: Desk | null = null;
  const loading = slot(() => createLoading(words));
  const desk = slot(() => {
    onDesk = createDesk(actions, announcer, words, time);
    return onDesk;
  });
  const ending = slot(() => createLast(words, time));
  const stage = createStage(main, loading);

  let last: ComposerState = { name: 'loading' };

  function draw(state: ComposerState): void {
    switch (state.name) {
      case 'loading':
        return stage.show(loading, state);
      case 'writing':
      case 'open':
        return stage.show(desk, state);
      case 'over':
      case 'refused':
        onDesk = null;
        return stage.show(ending, state);
    }
  }

  return {
    focusNote: () => onDesk?.focusNote(),
    put: (written) => onDesk?.put(written),
    render(state) {
      last = state;
      draw(state);
    },
  };
}
