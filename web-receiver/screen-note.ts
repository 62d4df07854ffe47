/** The note itself. Its text is in one place of the page only, and leaves it before the screen does. */
import type { Announcer } from '../web-shared/announcer.ts';
import { el, setText } from '../web-shared/dom.ts';
import type { Screen } from '../web-shared/screens.ts';
import type { TimeWords } from '../web-shared/time.ts';
import { createTimeLine } from '../web-shared/time-line.ts';
import type { ReceiverState } from './state.ts';
import { words } from './words.ts';

/** Time left, in milliseconds, at which it is said aloud once. */
const WARN_AT = [5 * 60_000, 60_000];

/**
 * The reading screen. The region "Note" holds the note and nothing else; `translate` is off because a browser's
 * translation would send the text away, and the empty `lang` says that its language is not the page's.
 */
export function createNote(announcer: Announcer, time: TimeWords): Screen<ReceiverState & { name: 'reading' }> {
  const heading = el('h1', { tabindex: '-1' });
  const line = createTimeLine();
  const note = el('section', { class: 'note', 'aria-label': words.note, dir: 'auto', lang: '', translate: 'no' });
  const ending = el('p');
  const printed = el('p', { class: 'print-only' });
  const element = el(
    'article',
    { class: 'reading' },
    el('header', {}, heading, line.element),
    el('div', { class: 'sheet' }, note),
    el('footer', { class: 'quiet small' }, ending, el('p', {}, words.nothingSaved)),
    printed,
  );
  let shown = '';
  let lastLeft = Number.POSITIVE_INFINITY;
  return {
    element,
    heading,
    update({ room, note: text }) {
      if (shown !== text) {
        note.textContent = text;
        shown = text;
      }
      setText(heading, words.noteFrom(room.who));
      const until = time.until(room.until, room.leftMs);
      const left = words.left(time.duration(room.leftMs));
      line.update({ left, until: words.until(until), leftMs: room.leftMs, totalMs: room.totalMs });
      setText(ending, words.disappears(until));
      setText(printed, words.printed(until));
      if (WARN_AT.some((at) => lastLeft > at && room.leftMs <= at && room.totalMs > at)) announcer.say(left);
      lastLeft = room.leftMs;
    },
    leave() {
      note.textContent = '';
      shown = '';
    },
  };
}
