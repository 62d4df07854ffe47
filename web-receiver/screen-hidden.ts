/** A connection is interrupted: the note is out of the page until it is back. */
import { el, setText } from '../web-shared/dom.ts';
import { icon, unplugged } from '../web-shared/icons.ts';
import type { Screen } from '../web-shared/screens.ts';
import type { ReceiverState } from './state.ts';
import { words } from './words.ts';

export function createHidden(): Screen<ReceiverState & { name: 'interrupted' }> {
  const heading = el('h1', { tabindex: '-1' }, words.hidden);
  const why = el('p', { class: 'lead' });
  const next = el('p', { class: 'quiet' });
  const element = el('section', { class: 'card' }, icon(unplugged, 'mark mark-warn'), heading, why, next);
  return {
    element,
    heading,
    update({ side }) {
      setText(why, words.hiddenWhy[side]);
      setText(next, words.hiddenNext[side]);
    },
  };
}
