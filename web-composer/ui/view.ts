/** The composer's page, drawn from its state; only the note's own text lives in its textbox. */

import { createLanguageSwitch } from '../../web-shared/i18n/language-switch.ts';
import type { PageLanguage } from '../../web-shared/i18n/page-language.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import { createAnnouncer } from '../../web-shared/ui/announcer.ts';
import { el, setShown, setText } from '../../web-shared/ui/dom.ts';
import { createInfoLinks } from '../../web-shared/ui/info-links.ts';
import { removeNotStarted } from '../../web-shared/ui/not-started.ts';
import { createStage, type Screen, slot } from '../../web-shared/ui/screens.ts';
import type { NoteContent } from '../session/draft.ts';
import type { ComposerActions, ComposerState } from '../session/state.ts';
import { createFinalScreen } from './final-screen.ts';
import { createMainScreen, type MainScreen } from './main-screen.ts';
import type { ComposerKey, ComposerStrings } from './strings.ts';

export interface ComposerView {
  render(state: ComposerState): void;
  focusNote(): void;
  /** Shows a note that comes from another window; the session has it already. */
  setNote(content: NoteContent): void;
}

function createLoadingScreen(strings: ComposerStrings): Screen<ComposerState & { name: 'loading' }> {
  const labels = createLabels(strings);
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
  const { strings, time } = language;
  const announcer = createAnnouncer();
  const main = el('main', { class: 'page' });
  const choice = createLanguageSwitch(language, () => {
    document.title = strings.t('pageTitle');
    announcer.say('');
    choice.update();
    infoLinks.update();
    build.update();
    draw(last);
  });
  const build = createBuildInfo(strings);
  const infoLinks = createInfoLinks(strings);
  const foot = el('footer', { class: 'foot' }, choice.element, infoLinks.element, build.element);
  root.replaceChildren(main, foot, announcer.element);
  removeNotStarted();

  let shownMain: MainScreen | null = null;
  const loading = slot(() => createLoadingScreen(strings));
  const mainScreen = slot(() => {
    shownMain = createMainScreen(actions, announcer, language);
    return shownMain;
  });
  const finalScreen = slot(() => createFinalScreen(actions, strings, time));
  const stage = createStage(main, loading);

  let last: ComposerState = { name: 'loading' };

  function draw(state: ComposerState): void {
    switch (state.name) {
      case 'loading':
        return stage.show(loading, state);
      case 'writing':
      case 'open':
        return stage.show(mainScreen, state);
      case 'over':
      case 'refused':
        shownMain = null;
        return stage.show(finalScreen, state);
    }
  }

  return {
    focusNote: () => shownMain?.focusNote(),
    setNote: (content) => shownMain?.setNote(content),
    render(state) {
      const isFirst = shownMain === null;
      last = state;
      draw(state);
      if (isFirst) shownMain?.focusNote();
    },
  };
}

/** The version of the page, and the fingerprint that `npm run build:hashes` prints for the same source. */
function createBuildInfo(strings: ComposerStrings): { element: HTMLElement; update(): void } {
  const [version, fingerprint] = [metaContent('glir-version'), metaContent('glir-fingerprint')];
  const element = el('p', { class: 'build' });
  const update = (): void => setText(element, strings.t('build', { version, fingerprint }));
  update();
  setShown(element, fingerprint !== '');
  return { element, update };
}

function metaContent(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="${name}"]`)?.content ?? '';
}
