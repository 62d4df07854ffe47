/** No note (any more): what happened, and what to do next. */
import { END_REASONS } from '../../src/protocol/constants.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import type { TimeFormat } from '../../web-shared/i18n/time-format.ts';
import { button, el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import { goneLetter, handset, icon } from '../../web-shared/ui/icons.ts';
import type { Screen } from '../../web-shared/ui/screens.ts';
import type { GoneReason, ReceiverActions, ReceiverState } from '../session/state.ts';
import { goneStrings, type ReceiverStrings } from './strings.ts';

/** The reasons that say that there was a note. */
const ENDED: readonly GoneReason[] = END_REASONS;

export function createGoneScreen(
  actions: ReceiverActions,
  strings: ReceiverStrings,
  time: TimeFormat,
): Screen<ReceiverState & { name: 'gone' }> {
  const labels = createLabels(strings);
  const heading = el('h1', { tabindex: '-1' });
  const mark = icon(goneLetter, 'mark');
  const why = el('p', { class: 'lead' });
  const next = el('p');
  const call = el('p', { class: 'call' });
  const retry = el(
    'div',
    { class: 'thumb' },
    button('button-primary', [labels.text('retry')], () => actions.retry()),
  );
  const element = el('section', { class: 'card' }, mark, heading, why, next, call, retry);
  let shownPhone: string | null = null;
  return {
    element,
    heading,
    update({ reason, who, phone, at }) {
      labels.draw();
      const said = goneStrings(strings, reason, who, at === null ? null : time.clock(at));
      setAttribute(mark, 'class', `icon mark ${ENDED.includes(reason) ? 'mark-gone' : 'mark-quiet'}`);
      setText(heading, said.heading);
      setText(why, said.why);
      setText(next, said.next);
      setShown(call, phone !== null);
      if (phone !== shownPhone) call.replaceChildren(...(phone === null ? [] : [icon(handset), phoneLink(phone)]));
      shownPhone = phone;
      setShown(retry, reason === 'unreachable');
    },
  };
}

/** A link that dials `phone`; the number reads from left to right in every language. */
function phoneLink(phone: string): HTMLAnchorElement {
  const dialled = phone.replace(/(?!^\+)\D/g, '');
  return el('a', { class: 'phone', href: `tel:${dialled}`, dir: 'ltr' }, phone);
}
