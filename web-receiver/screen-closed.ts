/** Before the tap: who has a note, until when, and one button; with a PIN, its field above the button. */
import { button, el, setAttribute, setText } from '../web-shared/dom.ts';
import { createLabels, named } from '../web-shared/i18n.ts';
import { icon, letter } from '../web-shared/icons.ts';
import { safeName } from '../web-shared/names.ts';
import type { Screen } from '../web-shared/screens.ts';
import type { TimeWords } from '../web-shared/time.ts';
import { createPinBox } from './pin-box.ts';
import type { ReceiverActions, ReceiverState } from './state.ts';
import type { ReceiverWords } from './words.ts';

export function createClosed(
  actions: ReceiverActions,
  words: ReceiverWords,
  time: TimeWords,
): Screen<ReceiverState & { name: 'closed' }> {
  const labels = createLabels(words);
  const heading = el('h1', { tabindex: '-1' });
  const until = el('p', { class: 'lead' });
  const tap = () => actions.open(pin.typed());
  const open = button('button-primary', [], tap);
  const pin = createPinBox(words, () => open.click());
  const element = el(
    'section',
    { class: 'card' },
    icon(letter, 'mark'),
    heading,
    until,
    pin.element,
    el('div', { class: 'thumb' }, open, el('p', { class: 'quiet small' }, labels.text('noAccount'))),
  );
  return {
    element,
    heading,
    update({ room, opening, pin: prompt }) {
      labels.draw();
      const { day, time: at } = time.until(room.until, room.leftMs);
      setText(heading, words.t(`hasNote.${named(room.who)}`, { name: safeName(room.who ?? '') }));
      setText(until, words.t(`readUntil.${day}`, { time: at }));
      setText(open, words.t(opening ? 'opening' : 'open'));
      setAttribute(open, 'aria-disabled', opening ? 'true' : null);
      pin.update(prompt);
    },
  };
}
