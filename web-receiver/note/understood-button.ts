/** "I have understood", and what the doctor knows then. */

import { safeName } from '../../web-shared/i18n/safe-name.ts';
import { createLabels, named } from '../../web-shared/i18n/strings.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { button, el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import { check, icon } from '../../web-shared/ui/icons.ts';
import type { Reading } from '../session/state.ts';
import type { ReceiverStrings } from '../ui/strings.ts';

export interface Understood {
  readonly element: HTMLElement;
  update(state: Pick<Reading, 'room' | 'editing' | 'understood'>): void;
}

export function createUnderstood(strings: ReceiverStrings, announcer: Announcer, understood: () => void): Understood {
  const labels = createLabels(strings);
  const press = button('button-primary', [labels.text('understood')], understood);
  const known = el('span');
  const answer = el('p', { class: 'known', tabindex: '-1', hidden: '' }, icon(check), known);
  const element = el('div', { class: 'understood' }, press, answer);
  let pressed = false;
  return {
    element,
    update({ room: { who }, editing, understood: now }) {
      labels.draw();
      setText(known, strings.t(`understood.known.${named(who)}`, { name: safeName(who ?? '') }));
      setAttribute(press, 'aria-disabled', editing ? 'true' : null);
      if (now === pressed) return;
      pressed = now;
      const [gone, come] = now ? [press, answer] : [answer, press];
      const held = document.activeElement === gone;
      setShown(come, true);
      if (held) come.focus({ preventScroll: true });
      else if (now) announcer.say(known.textContent ?? '');
      setShown(gone, false);
    },
  };
}
