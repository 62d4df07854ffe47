/** What both of the pages need: their place in the document, and a language. */
import type { ComposerKey } from '../web-composer/ui/strings.ts';
import { createLanguage, type PageLanguage, servedStrings } from '../web-shared/i18n/page-language.ts';
import { el } from '../web-shared/ui/dom.ts';

export interface TeamsPage {
  /** Where the bar goes, and where the composer does. */
  bar: HTMLElement;
  root: HTMLElement;
  language: PageLanguage<ComposerKey>;
}

/** The page as it was served, with "One moment, please." in it. */
export function openPage(): TeamsPage {
  const [bar, root] = [document.getElementById('bar'), document.getElementById('app')];
  if (bar === null || root === null) throw new Error('the page has no place for the composer');
  const language = createLanguage<ComposerKey>('composer', servedStrings(), navigator.languages);
  root.append(el('main', { class: 'page' }, el('p', { class: 'loading quiet' }, language.strings.t('loading'))));
  return { bar, root, language };
}

/** Calls `draw` whenever the page has been turned to another language. */
export function onLanguage(draw: () => void): void {
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ['lang'] });
}
