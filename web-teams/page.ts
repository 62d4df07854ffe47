/** What the dialog and the tab both need: their elements, a language, and a card in place of the composer. */
import type { ComposerKey } from '../web-composer/ui/strings.ts';
import { createLanguage, type PageLanguage, servedStrings } from '../web-shared/i18n/page-language.ts';
import { el } from '../web-shared/ui/dom.ts';
import { icon, letter } from '../web-shared/ui/icons.ts';

export interface TeamsPage {
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

/** Calls `draw` whenever another language was chosen on the page. */
export function onLanguageChange(draw: () => void): void {
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ['lang'] });
}

/** Shows one card in place of all that is in `root`, and has it read out. `next` is a sentence or a link. */
export function showCard(root: HTMLElement, heading: string, why: string, next: string | HTMLElement): void {
  const title = el('h1', { tabindex: '-1' }, heading);
  const last = typeof next === 'string' ? el('p', {}, next) : next;
  const lead = el('p', { class: 'lead' }, why);
  const card = el('section', { class: 'card' }, icon(letter, 'mark mark-quiet'), title, lead, last);
  root.replaceChildren(el('main', { class: 'page' }, card));
  title.focus({ preventScroll: true });
}
