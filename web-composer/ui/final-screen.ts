/** The last page: the room is over, or nothing could be started. */

import type { TimeFormat } from '../../web-shared/i18n/time-format.ts';
import { el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import { goneLetter, icon } from '../../web-shared/ui/icons.ts';
import type { Screen } from '../../web-shared/ui/screens.ts';
import type { ComposerState } from '../session/state.ts';
import { type ComposerStrings, endedText, type FinalText, refusedText } from './strings.ts';

export function createFinalScreen(
  strings: ComposerStrings,
  time: TimeFormat,
): Screen<ComposerState & { name: 'over' | 'refused' }> {
  const heading = el('h1', { tabindex: '-1' });
  const mark = icon(goneLetter, 'mark');
  const why = el('p', { class: 'lead' });
  const readBy = el('p', { class: 'quiet' });
  const next = el('p');
  const element = el('section', { class: 'card' }, mark, heading, why, readBy, next);
  const write = (text: FinalText, readers: string): void => {
    setText(heading, text.heading);
    setText(why, text.why);
    setText(readBy, readers);
    setShown(readBy, readers !== '');
    setText(next, text.next);
  };
  return {
    element,
    heading,
    update(state) {
      setAttribute(mark, 'class', `icon mark ${state.name === 'over' ? 'mark-gone' : 'mark-quiet'}`);
      if (state.name === 'refused') return write(refusedText(strings, state.code), '');
      const text = endedText(strings, state.reason, time.clock(state.at), state.readBy);
      write(text, text.readBy);
    },
  };
}
