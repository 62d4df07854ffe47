/** While a connection is interrupted, the note is not in the page. */

import { createLabels } from '../../web-shared/i18n/strings.ts';
import { el, setText } from '../../web-shared/ui/dom.ts';
import { icon, unplugged } from '../../web-shared/ui/icons.ts';
import type { Screen } from '../../web-shared/ui/screens.ts';
import type { ReceiverState } from '../session/state.ts';
import type { ReceiverStrings } from './strings.ts';

export function createHiddenScreen(strings: ReceiverStrings): Screen<ReceiverState & { name: 'interrupted' }> {
  const labels = createLabels(strings);
  const heading = el('h1', { tabindex: '-1' }, labels.text('hidden'));
  const why = el('p', { class: 'lead' });
  const next = el('p', { class: 'quiet' });
  const element = el('section', { class: 'card' }, icon(unplugged, 'mark mark-warn'), heading, why, next);
  return {
    element,
    heading,
    update({ side }) {
      labels.draw();
      setText(why, strings.t(`hidden.${side}.why`));
      setText(next, strings.t(`hidden.${side}.next`));
    },
  };
}
