/** Each language is named in itself, so that somebody who cannot read the page finds their own. */
import type en from '../../languages/en.json';
import { el, setShown, setText } from '../ui/dom.ts';
import { globe, icon } from '../ui/icons.ts';
import type { PageLanguage } from './page-language.ts';
import { createLabels } from './strings.ts';

type SharedKey = keyof (typeof en)['shared'];

export interface LanguageSwitch {
  readonly element: HTMLElement;
  update(): void;
}

/** Not shown when there is one language only. `onChanged` is called once the page is in another language. */
export function createLanguageSwitch(language: PageLanguage<SharedKey>, onChanged: () => void): LanguageSwitch {
  const { strings, available } = language;
  const labels = createLabels(strings);
  const select = el(
    'select',
    { class: 'input', id: 'language', autocomplete: 'off' },
    ...available.map(({ code, name }) => el('option', { value: code, lang: code }, name)),
  );
  const problem = el('p', { class: 'language-problem', role: 'alert' });
  const element = el(
    'div',
    { class: 'language' },
    el('label', { class: 'language-label', for: 'language' }, icon(globe), labels.text('language')),
    el('span', { class: 'select' }, select),
    problem,
  );
  select.value = strings.language;
  setShown(element, available.length > 1);

  const choose = async (code: string): Promise<void> => {
    setText(problem, '');
    try {
      if (await language.choose(code)) onChanged();
    } catch {
      // A later choice is still loading: this one's failure does not matter.
      if (select.value !== code) return;
      select.value = strings.language;
      setText(problem, strings.t('languageFailed'));
    }
  };
  select.addEventListener('change', () => void choose(select.value));

  return { element, update: () => labels.draw() };
}
