/** A page that says one thing: in Teams' frame, or in the tab beside it. */
import { el } from '../web-shared/ui/dom.ts';
import { icon, letter } from '../web-shared/ui/icons.ts';

/** Draws the card in place of all that is in `root`, and has it read out. `next` is a sentence or a link. */
export function showCard(root: HTMLElement, heading: string, why: string, next: string | HTMLElement): void {
  const title = el('h1', { tabindex: '-1' }, heading);
  const last = typeof next === 'string' ? el('p', {}, next) : next;
  const lead = el('p', { class: 'lead' }, why);
  const card = el('section', { class: 'card' }, icon(letter, 'mark mark-quiet'), title, lead, last);
  root.replaceChildren(el('main', { class: 'page' }, card));
  title.focus({ preventScroll: true });
}
