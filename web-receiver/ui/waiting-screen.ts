/** The patient waits for the doctor to decide, with the six digits to compare by phone. */

import { safeName } from '../../web-shared/i18n/safe-name.ts';
import { createLabels, named } from '../../web-shared/i18n/strings.ts';
import { el, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { Screen } from '../../web-shared/ui/screens.ts';
import { groupCode, spellCode } from '../../web-shared/ui/short-code.ts';
import type { ReceiverState } from '../session/state.ts';
import { createPhoneCall } from './phone-call.ts';
import type { ReceiverStrings } from './strings.ts';

export function createWaitingScreen(strings: ReceiverStrings): Screen<ReceiverState & { name: 'waiting' }> {
  const labels = createLabels(strings);
  const heading = el('h1', { tabindex: '-1' });
  const digits = el('span', { class: 'code', dir: 'ltr', 'aria-hidden': 'true' });
  const spelled = el('span', { class: 'unseen', dir: 'ltr' });
  const compare = el(
    'div',
    { class: 'compare' },
    el('p', {}, labels.text('readOut')),
    el('p', { class: 'compare-code' }, digits, spelled),
  );
  const call = createPhoneCall();
  const unanswered = el(
    'div',
    { class: 'unanswered', role: 'status' },
    el('p', {}, labels.text('unanswered')),
    call.element,
  );
  const element = el(
    'section',
    { class: 'card' },
    el('p', { class: 'eyebrow' }, el('span', { class: 'pulse', 'aria-hidden': 'true' }), labels.text('waiting')),
    heading,
    el('p', { class: 'lead' }, labels.text('waitHere')),
    compare,
    unanswered,
  );
  return {
    element,
    heading,
    update({ room, shortCode, unanswered: isUnanswered }) {
      labels.draw();
      // Only the doctor's own page can say that it knows, and the code comes from there.
      const said = shortCode === null ? 'telling' : 'told';
      setText(heading, strings.t(`waiting.${said}.${named(room.who)}`, { name: safeName(room.who ?? '') }));
      setShown(unanswered, isUnanswered);
      call.update(room.phone);
      setShown(compare, shortCode !== null);
      setText(digits, shortCode === null ? '' : groupCode(shortCode));
      setText(spelled, shortCode === null ? '' : spellCode(shortCode));
    },
  };
}
