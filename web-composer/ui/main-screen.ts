/** The doctor's screen while there is a note: the note on one side, the panel on the other. */
import { LIMITS } from '../../src/protocol/constants.ts';
import type { PageLanguage } from '../../web-shared/i18n/page-language.ts';
import { createLabels } from '../../web-shared/i18n/strings.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { el, setShown, setText } from '../../web-shared/ui/dom.ts';
import { icon, letter, unplugged } from '../../web-shared/ui/icons.ts';
import type { Screen } from '../../web-shared/ui/screens.ts';
import { createWakeLock } from '../../web-shared/ui/wake-lock.ts';
import type { NoteContent } from '../session/draft.ts';
import type { ComposerActions, ComposerState } from '../session/state.ts';
import { createBlockedNotice } from './help-desk.ts';
import { createNotePane } from './note/note-pane.ts';
import { createPolicyForm } from './room/policy-form.ts';
import { createRoomPanel, type RoomPanel } from './room/room-panel.ts';
import type { ComposerKey } from './strings.ts';

type Writing = ComposerState & { name: 'writing' };
type Open = ComposerState & { name: 'open' };

export interface MainScreen extends Screen<Writing | Open> {
  focusNote(): void;
  setNote(content: NoteContent): void;
}

/** A phone or a tablet. Its screen is kept on; a PC has to lock itself when the doctor goes away from it. */
const HANDHELD = '(hover: none) and (pointer: coarse)';

/** How long the room waits for this page: less once somebody has read the note. */
function graceSeconds(state: Writing | Open): number {
  const isRead = state.name === 'open' && state.readers.some(({ shownRev }) => shownRev > 0);
  return isRead ? LIMITS.graceSeconds : LIMITS.graceUnreadSeconds;
}

/** What the heading says: what is in the way is more than that something is. */
function situationOf(state: Writing | Open): 'blocked' | 'interrupted' | 'writing' | 'open' {
  if (state.blocked !== null) return 'blocked';
  return state.name === 'open' && state.interrupted ? 'interrupted' : state.name;
}

/** When the screen is left, the note's text leaves the page with it. */
export function createMainScreen(
  actions: ComposerActions,
  announcer: Announcer,
  language: PageLanguage<ComposerKey>,
): MainScreen {
  const { strings, time } = language;
  const labels = createLabels(strings);
  const heading = el('h1', { tabindex: '-1' });
  const about = el('p', { class: 'quiet' }, labels.text('stays'));
  const alarm = el('p', { class: 'alarm', role: 'alert' });
  const stillHere = el('span', {}, labels.text('stillHere'));
  const note = createNotePane(actions, announcer, strings, time, () => policy.pressShare());
  const policy = createPolicyForm(actions, announcer, strings, time, () => {
    actions.write(note.text());
    actions.share();
  });
  const blockedNotice = createBlockedNotice(strings);
  const keepInFront = el('p', { class: 'keep-in-front' });
  const wakeLock = createWakeLock();
  const stopTakingFiles = takeFiles((files) => actions.addFiles(files));
  let room: RoomPanel | null = null;
  const element = el(
    'div',
    { class: 'main-screen' },
    el('header', { class: 'main-head' }, icon(letter, 'brand'), el('div', {}, heading, about, alarm)),
    blockedNotice.element,
    note.element,
    keepInFront,
    policy.element,
  );

  const problemOf = ({ problem, noteBytes, policy: { admission } }: Writing): string => {
    if (problem === null || (problem === 'bad-pin' && admission !== 'pin')) return '';
    const count = Math.max(1, note.charactersOver(noteBytes));
    return strings.t(`problem.${problem}`, { count, min: LIMITS.pinDigitsMin, max: LIMITS.pinDigitsMax });
  };
  const drawOpen = (state: Open): void => {
    const first = room === null;
    room ??= createRoomPanel(actions, announcer, language);
    room.update(state);
    if (first) {
      element.classList.add('shared');
      policy.element.replaceWith(room.element);
      room.focusLink();
    }
    const waiting = state.readers.filter((reader) => reader.state === 'waiting').length;
    setTitle(waiting === 0 ? strings.t('pageTitle') : strings.t('waitingTitle', { count: waiting }));
  };

  return {
    element,
    heading,
    focusNote: () => note.focus(),
    setNote: (content) => note.setNote(content),
    update(state) {
      labels.draw();
      const situation = situationOf(state);
      const interrupted = situation === 'interrupted';
      setText(heading, strings.t(situation));
      setShown(about, situation === state.name);
      blockedNotice.update(state.blocked);
      if (interrupted && alarm.childElementCount === 0) alarm.append(icon(unplugged), stillHere);
      if (!interrupted) alarm.replaceChildren();
      setText(keepInFront, strings.t('keepInFront', { duration: time.duration(graceSeconds(state) * 1000) }));
      if (state.name === 'writing') policy.update(state, problemOf(state));
      else drawOpen(state);
      note.update(state);
      wakeLock.want(state.name === 'open' && matchMedia(HANDHELD).matches);
    },
    leave() {
      room?.stop();
      note.wipe();
      // The last announcement may have quoted the note.
      announcer.say('');
      stopTakingFiles();
      wakeLock.want(false);
      setTitle(strings.t('pageTitle'));
    },
  };
}

function setTitle(title: string): void {
  if (document.title !== title) document.title = title;
}

/**
 * Files that are dropped anywhere in the page, or pasted, are to go with the note, unless a field has use for them itself. The browser
 * would open them in this tab, and the note would be lost. Gives what ends it.
 */
function takeFiles(add: (files: readonly File[]) => void): () => void {
  const over = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes('Files') === true) event.preventDefault();
  };
  const drop = (event: DragEvent): void => {
    if (event.dataTransfer?.types.includes('Files') !== true || event.defaultPrevented) return;
    event.preventDefault();
    add([...event.dataTransfer.files]);
  };
  const paste = (event: ClipboardEvent): void => {
    const data = event.clipboardData;
    // Text that comes with a picture of itself, as from a spreadsheet, is text.
    if (data === null || event.defaultPrevented || data.files.length === 0 || data.types.includes('text/plain')) return;
    event.preventDefault();
    add([...data.files]);
  };
  document.addEventListener('dragover', over);
  document.addEventListener('drop', drop);
  document.addEventListener('paste', paste);
  return () => {
    document.removeEventListener('dragover', over);
    document.removeEventListener('drop', drop);
    document.removeEventListener('paste', paste);
  };
}
