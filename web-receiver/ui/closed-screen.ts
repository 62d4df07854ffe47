/** Before the tap: who sent a note, until when it can be read, and one button; the PIN's field where there is one. */

import { safeName } from '../../web-shared/i18n/safe-name.ts';
import { createLabels, named } from '../../web-shared/i18n/strings.ts';
import type { TimeFormat } from '../../web-shared/i18n/time-format.ts';
import { button, el, setAttribute, setText } from '../../web-shared/ui/dom.ts';
import { icon, letter } from '../../web-shared/ui/icons.ts';
import type { Screen } from '../../web-shared/ui/screens.ts';
import type { ReceiverActions, ReceiverState } from '../session/state.ts';
import { createPinBox } from './pin-box.ts';
import type { ReceiverStrings } from './strings.ts';

export function createClosedScreen(
  actions: ReceiverActions,
  strings: ReceiverStrings,
  time: TimeFormat,
): Screen<ReceiverState & { name: 'closed' }> {
  const labels = createLabels(strings);
  const heading = el('h1', { tabindex: '-1' });
  const until = el('p', { class: 'lead' });
  const tap = () => actions.open(pin.typed());
  const open = button('button-primary', [], tap);
  const pin = createPinBox(strings, () => open.click());
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
      setText(heading, strings.t(`hasNote.${named(room.who)}`, { name: safeName(room.who ?? '') }));
      setText(until, strings.t(`readUntil.${day}`, { time: at }));
      setText(open, strings.t(opening ? 'opening' : 'open'));
      setAttribute(open, 'aria-disabled', opening ? 'true' : null);
      pin.update(prompt);
    },
  };
}
