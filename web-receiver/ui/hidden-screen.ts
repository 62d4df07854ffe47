/** While a connection is interrupted, the note is not in the page. */

import { safeName } from '../../web-shared/i18n/safe-name.ts';
import { createLabels, named } from '../../web-shared/i18n/strings.ts';
import { el, setShown, setText } from '../../web-shared/ui/dom.ts';
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

/** The doctor's page is away, and the patient has not had the note yet. */
export function createAwayScreen(strings: ReceiverStrings): Screen<ReceiverState & { name: 'away' }> {
  const labels = createLabels(strings);
  const heading = el('h1', { tabindex: '-1' });
  const why = el('p', { class: 'lead' });
  const call = createPhoneCall();
  const ifLong = el('p', { class: 'quiet' }, labels.text('away.call'));
  const element = el(
    'section',
    { class: 'card' },
    icon(unplugged, 'mark mark-warn'),
    heading,
    why,
    el('p', { class: 'quiet' }, labels.text('away.next')),
    ifLong,
    call.element,
  );
  return {
    element,
    heading,
    update({ who, phone }) {
      labels.draw();
      const name = who === null ? '' : safeName(who);
      setText(heading, strings.t(`away.${named(who)}`, { name }));
      setText(why, strings.t(`away.why.${named(who)}`, { name }));
      setShown(ifLong, phone !== null);
      call.update(phone);
    },
  };
}
