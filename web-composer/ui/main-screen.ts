/** The doctor's desk: the note on one side, the panel on the other, from the first word to the end. */
import { LIMITS } from '../../src/protocol/constants.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import type { TimeFormat } from '../../web-shared/i18n/time-format.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { el, setShown, setText } from '../../web-shared/ui/dom.ts';
import { icon, letter, unplugged } from '../../web-shared/ui/icons.ts';
import type { Screen } from '../../web-shared/ui/screens.ts';
import { createWakeLock } from '../../web-shared/ui/wake-lock.ts';
import type { Written } from '../session/draft.ts';
import type { ComposerActions, ComposerState } from '../session/state.ts';
import { createNoteSide } from './note-pane.ts';
import { createPolicyPanel } from './policy-panel.ts';
import { createRoomPanel, type RoomPanel } from './room-panel.ts';
import { keepFilesOut } from './stray-files.ts';
import type { ComposerWords } from './strings.ts';

type Writing = ComposerState & { name: 'writing' };
type Open = ComposerState & { name: 'open' };

export interface Desk extends Screen<Writing | Open> {
  focusNote(): void;
  /** Shows a note that comes from another window. */
  put(written: Written): void;
}

/** A phone or a tablet. Its screen is kept on; a PC has to lock itself when the doctor goes away from it. */
const HANDHELD = '(hover: none) and (pointer: coarse)';

/** The desk. When it is left, the note's text leaves the page with it. */
export function createDesk(
  actions: ComposerActions,
  announcer: Announcer,
  words: ComposerWords,
  time: TimeFormat,
): Desk {
  const labels = createLabels(words);
  const heading = el('h1', { tabindex: '-1' });
  const about = el('p', { class: 'quiet' }, labels.text('stays'));
  const alarm = el('p', { class: 'alarm', role: 'alert' });
  const away = el('span', {}, labels.text('stillHere'));
  const note = createNoteSide(actions, announcer, words, () => policy.press());
  const policy = createPolicyPanel(actions, announcer, words, time, () => {
    actions.write(note.text());
    actions.share();
  });
  const inFront = el('p', { class: 'in-front' });
  const wakeLock = createWakeLock();
  const letFilesIn = keepFilesOut();
  let room: RoomPanel | null = null;
  const element = el(
    'div',
    { class: 'desk' },
    el('header', { class: 'desk-head' }, icon(letter, 'brand'), el('div', {}, heading, about, alarm)),
    note.element,
    inFront,
    policy.element,
  );

  const problemOf = ({ problem, noteBytes, policy: { admission } }: Writing): string => {
    if (problem === null || (problem === 'bad-pin' && admission !== 'pin')) return '';
    const count = Math.max(1, note.charactersOver(noteBytes));
    return words.t(`problem.${problem}`, { count, min: LIMITS.pinDigitsMin, max: LIMITS.pinDigitsMax });
  };
  const drawOpen = (state: Open): void => {
    const first = room === null;
    room ??= createRoomPanel(actions, announcer, words, time);
    room.update(state);
    if (first) {
      element.classList.add('shared');
      policy.element.replaceWith(room.element);
      room.focusLink();
    }
    const waiting = state.readers.filter((reader) => reader.state === 'waiting').length;
    setTitle(waiting === 0 ? words.t('pageTitle') : words.t('waitingTitle', { count: waiting }));
  };

  return {
    element,
    heading,
    focusNote: () => note.focus(),
    put: (written) => note.put(written),
    update(state) {
      labels.draw();
      const interrupted = state.name === 'open' && state.interrupted;
      setText(heading, words.t(interrupted ? 'interrupted' : state.name));
      setShown(about, !interrupted);
      if (interrupted && alarm.childElementCount === 0) alarm.append(icon(unplugged), away);
      if (!interrupted) alarm.replaceChildren();
      setText(inFront, words.t('keepInFront', { duration: time.duration(LIMITS.graceSeconds * 1000) }));
      if (state.name === 'writing') policy.update(state, problemOf(state));
      else drawOpen(state);
      note.update(state);
      wakeLock.want(state.name === 'open' && matchMedia(HANDHELD).matches);
    },
    leave() {
      note.wipe();
      // What was said last may have quoted the note.
      announcer.say('');
      letFilesIn();
      wakeLock.want(false);
      setTitle(words.t('pageTitle'));
    },
  };
}

function setTitle(title: string): void {
  if (document.title !== title) document.title = title;
}
