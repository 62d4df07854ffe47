/** The doctor decides: the patient waits, with the six digits to compare by phone. */
import { el, setShown, setText } from '../web-shared/dom.ts';
import type { Screen } from '../web-shared/screens.ts';
import { groupCode, spellCode } from '../web-shared/short-code.ts';
import type { ReceiverState } from './state.ts';
import { words } from './words.ts';

export function createWaiting(): Screen<ReceiverState & { name: 'waiting' }> {
  const heading = el('h1', { tabindex: '-1' });
  const digits = el('span', { class: 'code', 'aria-hidden': 'true' });
  const spelled = el('span', { class: 'unseen' });
  const compare = el(
    'div',
    { class: 'compare' },
    el('p', {}, words.readOut),
    el('p', { class: 'compare-code' }, digits, spelled),
  );
  const element = el(
    'section',
    { class: 'card' },
    el('p', { class: 'eyebrow' }, el('span', { class: 'pulse', 'aria-hidden': 'true' }), words.waiting),
    heading,
    el('p', { class: 'lead' }, words.waitHere),
    compare,
  );
  return {
    element,
    heading,
    update({ room, shortCode }) {
      setText(heading, words.told(room.who));
      setShown(compare, shortCode !== null);
      setText(digits, shortCode === null ? '' : groupCode(shortCode));
      setText(spelled, shortCode === null ? '' : spellCode(shortCode));
    },
  };
}
