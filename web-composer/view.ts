/** The composer's page, drawn from its state; only the note's own text lives in its textbox. */
import { createAnnouncer } from '../web-shared/announcer.ts';
import { el } from '../web-shared/dom.ts';
import { createLabels } from '../web-shared/i18n.ts';
import type { PageLanguage } from '../web-shared/language.ts';
import { createLanguageSwitch } from '../web-shared/language-switch.ts';
import { createStage, type Screen, slot } from '../web-shared/screens.ts';
import { createBuildLine } from './build-line.ts';
import type { Written } from './draft.ts';
import { createDesk, type Desk } from './screen-desk.ts';
import { createLast } from './screen-last.ts';
import type { ComposerActions, ComposerState } from './state.ts';
import type { ComposerKey, ComposerWords } from './words.ts';

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
  const { words, time } = language;
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
