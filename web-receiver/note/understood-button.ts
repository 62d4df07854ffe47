/** The button "I have understood", and in its place afterwards that the doctor knows it. */

import { safeName } from '../../web-shared/i18n/safe-name.ts';
import { createLabels, named } from '../../web-shared/i18n/strings.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { button, el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import { check, icon } from '../../web-shared/ui/icons.ts';
import type { Reading } from '../session/state.ts';
import type { ReceiverStrings } from '../ui/strings.ts';

export interface UnderstoodButton {
  readonly element: HTMLElement;
  update(state: Pick<Reading, 'room' | 'editing' | 'understood'>): void;
}

export function createUnderstoodButton(
  strings: ReceiverStrings,
  announcer: Announcer,
  press: () => void,
): UnderstoodButton {
  const labels = createLabels(strings);
  const confirm = button('button-primary', [labels.text('understood')], press);
  const known = el('span');
  const answer = el('p', { class: 'known', tabindex: '-1', hidden: '' }, icon(check), known);
  const element = el('div', { class: 'understood' }, confirm, answer);
  let pressed = false;
  return {
    element,
    update({ room: { who }, editing, understood: now }) {
      labels.draw();
      setText(known, strings.t(`understood.known.${named(who)}`, { name: safeName(who ?? '') }));
      setAttribute(confirm, 'aria-disabled', editing ? 'true' : null);
      if (now === pressed) return;
      pressed = now;
      const [gone, come] = now ? [confirm, answer] : [answer, confirm];
      const held = document.activeElement === gone;
      setShown(come, true);
      if (held) come.focus({ preventScroll: true });
      else if (now) announcer.say(known.textContent ?? '');
      setShown(gone, false);
    },
  };
}
