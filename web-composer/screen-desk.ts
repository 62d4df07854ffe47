/** The doctor's desk: the note on one side, the panel on the other, from the first word to the end. */
import type { Announcer } from '../web-shared/announcer.ts';
import { el, setShown, setText } from '../web-shared/dom.ts';
import { icon, letter, unplugged } from '../web-shared/icons.ts';
import type { Screen } from '../web-shared/screens.ts';
import type { TimeWords } from '../web-shared/time.ts';
import { createNoteBox } from './note-box.ts';
import { createPolicyPanel } from './panel-policy.ts';
import { createRoomPanel, type RoomPanel } from './panel-room.ts';
import type { ComposerActions, ComposerState } from './state.ts';
import { words } from './words.ts';

type Writing = ComposerState & { name: 'writing' };
type Open = ComposerState & { name: 'open' };

export interface Desk extends Screen<Writing | Open> {
  focusNote(): void;
}

/** The desk. When it is left, the note's text leaves the page with it. */
export function createDesk(actions: ComposerActions, announcer: Announcer, time: TimeWords): Desk {
  const heading = el('h1', { tabindex: '-1' });
  const about = el('p', { class: 'quiet' });
  const alarm = el('p', { class: 'alarm', role: 'alert' });
  const note = createNoteBox((text) => actions.write(text));
  const policy = createPolicyPanel(actions, time, () => {
    actions.write(note.text());
    actions.share();
  });
  let room: RoomPanel | null = null;
  const element = el(
    'div',
    { class: 'desk' },
    el('header', { class: 'desk-head' }, icon(letter, 'brand'), el('div', {}, heading, about, alarm)),
    note.element,
    policy.element,
  );

  const problemOf = ({ problem, noteBytes }: Writing): string => {
    if (problem === null) return '';
    if (problem === 'too-long') return words.problem.tooLong(Math.max(1, note.charactersOver(noteBytes)));
    return words.problem[problem];
  };
  const drawOpen = (state: Open): void => {
    const first = room === null;
    room ??= createRoomPanel(actions, announcer, time);
    room.update(state);
    if (first) {
      element.classList.add('shared');
      policy.element.replaceWith(room.element);
      room.focusLink();
    }
    const waiting = state.readers.filter((reader) => reader.state === 'waiting').length;
    setTitle(waiting === 0 ? words.pageTitle : words.waitingTitle(waiting));
  };

  return {
    element,
    heading,
    focusNote: () => note.focus(),
    update(state) {
      const interrupted = state.name === 'open' && state.interrupted;
      setText(heading, interrupted ? words.interrupted : state.name === 'open' ? words.open : words.writing);
      setText(about, words.stays);
      setShown(about, !interrupted);
      if (interrupted && alarm.childElementCount === 0) alarm.append(icon(unplugged), el('span', {}, words.stillHere));
      if (!interrupted) setText(alarm, '');
      if (state.name === 'writing') {
        note.update(state.noteBytes, state.sharing);
        policy.update(state, problemOf(state));
      } else {
        note.update(0, true);
        drawOpen(state);
      }
    },
    leave() {
      note.wipe();
      setTitle(words.pageTitle);
    },
  };
}

function setTitle(title: string): void {
  if (document.title !== title) document.title = title;
}
