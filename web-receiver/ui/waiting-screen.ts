/** The patient waits for the doctor to decide, with the six digits to compare by phone. */

import { safeName } from '../../web-shared/i18n/safe-name.ts';
import { createLabels, named } from '../../web-shared/i18n/strings.ts';
import { el, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { Screen } from '../../web-shared/ui/screens.ts';
import { groupCode, spellCode } from '../../web-shared/ui/short-code.ts';
import type { ReceiverState } from '../session/state.ts';
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
  const element = el(
    'section',
    { class: 'card' },
    el('p', { class: 'eyebrow' }, el('span', { class: 'pulse', 'aria-hidden': 'true' }), labels.text('waiting')),
    heading,
    el('p', { class: 'lead' }, labels.text('waitHere')),
    compare,
  );
  return {
    element,
    heading,
    update({ room, shortCode }) {
      labels.draw();
      setText(heading, strings.t(`waiting.told.${named(room.who)}`, { name: safeName(room.who ?? '') }));
      setShown(compare, shortCode !== null);
      setText(digits, shortCode === null ? '' : groupCode(shortCode));
      setText(spelled, shortCode === null ? '' : spellCode(shortCode));
    },
  };
}
