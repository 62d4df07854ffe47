/** After "Share": one panel that is always true: time left, the link, who waits, who reads, and the end. */

import type { TimeFormat } from '../../web-shared/i18n/time-format.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { el, setShown, setText } from '../../web-shared/ui/dom.ts';
import { createTimeBar } from '../../web-shared/ui/time-bar.ts';
import type { ComposerActions, ComposerState } from '../session/state.ts';
import { createDestroy } from './destroy-button.ts';
import { createLinkBox } from './link-box.ts';
import { createMoreTime } from './more-time.ts';
import { createPinLine } from './pin-line.ts';
import { createReadersList } from './readers-list.ts';
import { type ComposerWords, newsIn } from './strings.ts';

export interface RoomPanel {
  readonly element: HTMLElement;
  focusLink(): void;
  update(state: ComposerState & { name: 'open' }): void;
}

export function createRoomPanel(
  actions: ComposerActions,
  announcer: Announcer,
  words: ComposerWords,
  time: TimeFormat,
): RoomPanel {
  const line = createTimeBar();
  const moreTime = createMoreTime(actions, announcer, words, time);
  const link = createLinkBox(announcer, words);
  const pin = createPinLine(words);
  const notice = el('p', { class: 'notice', role: 'status' });
  const readers = createReadersList(actions, announcer, words, time);
  const destroy = createDestroy(words, () => actions.destroy());
  const element = el(
    'section',
    { class: 'panel sheet' },
    el('div', { class: 'time-box' }, line.element, moreTime.element),
    link.element,
    pin.element,
    readers.element,
    notice,
    destroy.element,
  );
  return {
    element,
    focusLink: () => link.focus(),
    update(state) {
      const { day, time: at } = time.until(state.until, state.leftMs);
      line.update({
        left: words.t('left', { duration: time.duration(state.leftMs) }),
        until: words.t(`until.${day}`, { time: at }),
        leftMs: state.leftMs,
        totalMs: state.totalMs,
      });
      moreTime.update(state);
      link.update(state.link);
      pin.update(state.pin);
      readers.update(state.readers, state.contentRev);
      setText(notice, newsIn(words, state));
      setShown(notice, state.notice !== null);
      destroy.update(state.readers.filter((reader) => reader.state === 'reading').length);
    },
  };
}
