/** The last page: the room is over, or nothing could be started. */

import type { TimeFormat } from '../../web-shared/i18n/time-format.ts';
import { el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import { goneLetter, icon } from '../../web-shared/ui/icons.ts';
import { mayBeLockedDown } from '../../web-shared/ui/lockdown.ts';
import type { Screen } from '../../web-shared/ui/screens.ts';
import type { ComposerActions, ComposerState, RefusedCode } from '../session/state.ts';
import { createHelpDesk } from './help-desk.ts';
import { createKeptNote } from './note/kept-note.ts';
import { type ComposerStrings, endedText, type FinalText, refusedText } from './strings.ts';

export function createFinalScreen(
  actions: Pick<ComposerActions, 'wipe' | 'openAgain'>,
  strings: ComposerStrings,
  time: TimeFormat,
): Screen<ComposerState & { name: 'over' | 'refused' }> {
  const heading = el('h1', { tabindex: '-1' });
  const mark = icon(goneLetter, 'mark');
  const why = el('p', { class: 'lead' });
  const readBy = el('p', { class: 'quiet' });
  const next = el('p');
  const kept = createKeptNote(actions, strings, time);
  const lockdown = el('p');
  const helpDesk = createHelpDesk(strings);
  const element = el(
    'section',
    { class: 'card' },
    mark,
    heading,
    why,
    readBy,
    lockdown,
    kept.element,
    next,
    helpDesk.element,
  );
  const write = (text: FinalText, readers: string): void => {
    setText(heading, text.heading);
    setText(why, text.why);
    setText(readBy, readers);
    setShown(readBy, readers !== '');
    setText(next, text.next);
    setShown(next, text.next !== '');
  };
  return {
    element,
    heading,
    leave: () => kept.update(null),
    update(state) {
      const isGone = state.name === 'over' && state.kept === null;
      setAttribute(mark, 'class', `icon mark ${isGone ? 'mark-gone' : 'mark-quiet'}`);
      const failure = state.name === 'refused' ? failureIn(state.code) : null;
      helpDesk.update(failure === null ? null : { failure, addresses: [] });
      setText(lockdown, strings.t('lockdown'));
      setShown(lockdown, failure === 'no-webrtc' && mayBeLockedDown());
      kept.update(state);
      if (state.name === 'refused') {
        const said = refusedText(strings, state.code);
        // The button above is the next step.
        return write(state.code === 'used-ticket' ? { ...said, next: '' } : said, '');
      }
      const text = endedText(strings, state.reason, time.clock(state.at), state.readBy, state.kept !== null);
      write(text, text.readBy);
    },
  };
}

/** What the help desk can do something about. */
function failureIn(code: RefusedCode): 'no-webrtc' | 'socket-blocked' | null {
  return code === 'no-webrtc' || code === 'socket-blocked' ? code : null;
}
