/** Before the tap: who has a note, until when, and one button. */
import { button, el, setAttribute, setText } from '../web-shared/dom.ts';
import { icon, letter } from '../web-shared/icons.ts';
import type { Screen } from '../web-shared/screens.ts';
import type { TimeWords } from '../web-shared/time.ts';
import type { ReceiverActions, ReceiverState } from './state.ts';
import { words } from './words.ts';

export function createClosed(actions: ReceiverActions, time: TimeWords): Screen<ReceiverState & { name: 'closed' }> {
  const heading = el('h1', { tabindex: '-1' });
  const until = el('p', { class: 'lead' });
  const open = button('button-primary', [], () => actions.open());
  const element = el(
    'section',
    { class: 'card' },
    icon(letter, 'mark'),
    heading,
    until,
    el('div', { class: 'thumb' }, open, el('p', { class: 'quiet small' }, words.noAccount)),
  );
  return {
    element,
    heading,
    update({ room, opening }) {
      setText(heading, words.hasNote(room.who));
      setText(until, words.readUntil(time.until(room.until, room.leftMs)));
      setText(open, opening ? words.opening : words.open);
      setAttribute(open, 'aria-disabled', opening ? 'true' : null);
    },
  };
}
