/** After "Share": one panel that is always true: time left, the link, who waits, who reads, and the end. */
import type { Announcer } from '../web-shared/announcer.ts';
import { el, setShown, setText } from '../web-shared/dom.ts';
import type { TimeWords } from '../web-shared/time.ts';
import { createTimeLine } from '../web-shared/time-line.ts';
import { createDestroy } from './destroy.ts';
import { createLinkBox } from './link-box.ts';
import { createReadersList } from './readers-list.ts';
import type { ComposerActions, ComposerState } from './state.ts';
import { words } from './words.ts';

export interface RoomPanel {
  readonly element: HTMLElement;
  focusLink(): void;
  update(state: ComposerState & { name: 'open' }): void;
}

export function createRoomPanel(actions: ComposerActions, announcer: Announcer, time: TimeWords): RoomPanel {
  const line = createTimeLine();
  const link = createLinkBox(announcer);
  const notice = el('p', { class: 'notice', role: 'status' });
  const readers = createReadersList(actions, announcer, time);
  const destroy = createDestroy(() => actions.destroy());
  const element = el(
    'section',
    { class: 'panel sheet' },
    line.element,
    link.element,
    readers.element,
    notice,
    destroy.element,
  );
  return {
    element,
    focusLink: () => link.focus(),
    update(state) {
      line.update({
        left: words.left(time.duration(state.leftMs)),
        until: words.until(time.until(state.until, state.leftMs)),
        leftMs: state.leftMs,
        totalMs: state.totalMs,
      });
      link.update(state.link);
      readers.update(state.readers);
      setText(notice, state.notice === 'room-full' ? words.roomFull(state.policy.maxReaders) : '');
      setShown(notice, state.notice !== null);
      destroy.update(state.readers.filter((reader) => reader.state === 'reading').length);
    },
  };
}
