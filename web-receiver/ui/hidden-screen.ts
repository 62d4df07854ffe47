/** While a connection is interrupted, the note is not in the page. */

import { createLabels } from '../../web-shared/i18n/strings.ts';
import { el, setText } from '../../web-shared/ui/dom.ts';
import { icon, unplugged } from '../../web-shared/ui/icons.ts';
import type { Screen } from '../../web-shared/ui/screens.ts';
import type { ReceiverState } from '../session/state.ts';
import { createPhoneCall } from './phone-call.ts';
import { blockedStrings, type ReceiverStrings } from './strings.ts';

export function createHiddenScreen(strings: ReceiverStrings): Screen<ReceiverState & { name: 'interrupted' }> {
  const labels = createLabels(strings);
  const heading = el('h1', { tabindex: '-1' }, labels.text('hidden'));
  const why = el('p', { class: 'lead' });
  const next = el('p', { class: 'quiet' });
  const call = createPhoneCall();
  const mark = icon(unplugged, 'mark mark-warn');
  const element = el('section', { class: 'card' }, mark, heading, why, next, call.element);
  return {
    element,
    heading,
    update({ room, side, failure }) {
      labels.draw();
      const usual = { why: strings.t(`hidden.${side}.why`), next: strings.t(`hidden.${side}.next`) };
      const said = failure === null ? usual : blockedStrings(strings, failure);
      setText(why, said.why);
      setText(next, said.next);
      call.update(failure === null ? null : room.phone);
    },
  };
}
