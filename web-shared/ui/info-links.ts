/** The way to what this server keeps and promises. In a tab of its own: to leave the page would end the note. */
import type en from '../../languages/en.json';
import { createLabels, type Strings } from '../i18n/strings.ts';
import { el } from './dom.ts';

type SharedKey = keyof (typeof en)['shared'];

export interface InfoLinks {
  readonly element: HTMLElement;
  update(): void;
}

export function createInfoLinks(strings: Strings<SharedKey>): InfoLinks {
  const labels = createLabels(strings);
  const link = (key: 'privacyPage' | 'termsPage'): HTMLAnchorElement =>
    el('a', { target: '_blank', rel: 'noopener' }, labels.text(key));
  const [privacy, terms] = [link('privacyPage'), link('termsPage')];
  const element = el('nav', { class: 'info-links' }, privacy, terms);
  labels.attribute(element, 'aria-label', 'aboutServer');
  const update = (): void => {
    labels.draw();
    privacy.href = `/privacy?lang=${strings.language}`;
    terms.href = `/terms?lang=${strings.language}`;
  };
  update();
  return { element, update };
}
