/** Nothing (more) to show: what happened, and what to do next. */
import { END_REASONS } from '../src/protocol/terms.ts';
import { button, el, setAttribute, setShown, setText } from '../web-shared/dom.ts';
import { goneLetter, icon } from '../web-shared/icons.ts';
import type { Screen } from '../web-shared/screens.ts';
import type { TimeWords } from '../web-shared/time.ts';
import type { GoneReason, ReceiverActions, ReceiverState } from './state.ts';
import { goneWords, words } from './words.ts';

/** The reasons after which there was a note once. */
const ENDED: readonly GoneReason[] = END_REASONS;

export function createGone(actions: ReceiverActions, time: TimeWords): Screen<ReceiverState & { name: 'gone' }> {
  const heading = el('h1', { tabindex: '-1' });
  const mark = icon(goneLetter, 'mark');
  const why = el('p', { class: 'lead' });
  const next = el('p');
  const retry = el(
    'div',
    { class: 'thumb' },
    button('button-primary', [words.retry], () => actions.retry()),
  );
  const element = el('section', { class: 'card' }, mark, heading, why, next, retry);
  return {
    element,
    heading,
    update({ reason, who, at }) {
      const said = goneWords(reason, who, at === null ? null : time.clock(at));
      setAttribute(mark, 'class', `icon mark ${ENDED.includes(reason) ? 'mark-gone' : 'mark-quiet'}`);
      setText(heading, said.heading);
      setText(why, said.why);
      setText(next, said.next);
      setShown(retry, reason === 'unreachable');
    },
  };
}
