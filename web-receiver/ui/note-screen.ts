/** The note itself. Its text is in one place of the page only, and leaves it before the screen does. */
import type { Note } from '../../src/protocol/note.ts';
import { safeName } from '../../web-shared/i18n/safe-name.ts';
import { createLabels, named } from '../../web-shared/i18n/strings.ts';
import type { TimeFormat } from '../../web-shared/i18n/time-format.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { Screen } from '../../web-shared/ui/screens.ts';
import { createTimeBar } from '../../web-shared/ui/time-bar.ts';
import { createMarking } from '../note/change-marks.ts';
import { createCopyGuard } from '../note/copy-guard.ts';
import { createDayPlan } from '../note/day-plan.ts';
import { createEnd } from '../note/end-of-note.ts';
import type { Kept } from '../note/kept.ts';
import { changedSentence, changingSentence, createNotices } from '../note/note-messages.ts';
import { createNoteText } from '../note/note-text.ts';
import { createPointing } from '../note/questions.ts';
import { createTools } from '../note/reading-tools.ts';
import type { Marks } from '../note/revisions.ts';
import { createUnderstood } from '../note/understood-button.ts';
import type { Reading, ReadingActions } from '../session/state.ts';
import type { ReceiverStrings } from './strings.ts';

interface Surroundings {
  announcer: Announcer;
  strings: ReceiverStrings;
  time: TimeFormat;
  actions: ReadingActions;
  /** What is still known when the screen comes back after an interruption. */
  kept: Kept;
}

/**
 * The reading screen. The region "Note" holds the note and nothing else; `translate` is off because a browser's
 * translation would send the text away, and the empty `lang` says that its language is not the page's.
 */
export function createNote({ announcer, strings, time, actions, kept }: Surroundings): Screen<Reading> {
  const labels = createLabels(strings);
  const heading = el('h1', { tabindex: '-1' });
  const line = createTimeBar();
  const text = createNoteText();
  const plan = createDayPlan({ strings });
  const note = el('section', { class: 'note', lang: '', translate: 'no' }, text.element, plan.element);
  labels.attribute(note, 'aria-label', 'note');
  const marking = createMarking(note, strings);
  const notices = createNotices(strings, time, {
    show() {
      const first = marking.first();
      first?.setAttribute('tabindex', '-1');
      first?.focus({ preventScroll: true });
      first?.scrollIntoView({ block: 'center' });
    },
    gotIt() {
      kept.revisions.seen();
      if (last !== null) draw(last);
      heading.focus({ preventScroll: true });
    },
  });
  const pointing = createPointing(note, strings, announcer, (place, on) => actions.point(place, on));
  const understood = createUnderstood(strings, announcer, () => actions.confirmUnderstood());
  const end = createEnd(() => actions.reachEnd());
  const tools = createTools(strings, announcer, (size) => {
    kept.size = size;
    if (last !== null) draw(last);
  });
  let toldNoCopy = false;
  const guard = createCopyGuard(note, () => {
    if (toldNoCopy || last === null) return;
    toldNoCopy = true;
    pass(() => strings.t('noCopy'), nowOf(last));
  });
  const ending = el('p');
  const printed = el('p', { class: 'print-only' });
  const element = el(
    'article',
    { class: 'reading' },
    el('header', {}, heading, line.element),
    notices.element,
    el('div', { class: 'sheet' }, note, pointing.layer, end.element),
    el('p', { class: 'print-only no-print' }, labels.text('noPrint')),
    printed,
    el('div', { class: 'reading-end' }, understood.element, pointing.start),
    el('footer', { class: 'quiet small' }, ending, el('p', {}, labels.text('nothingSaved'))),
    tools.element,
  );
  let last: Reading | null = null;
  let shown: Note | null = null;
  let before: readonly unknown[] = [];

  function pass(say: () => string, now: number): void {
    notices.pass(say, now);
    announcer.say(say());
  }

  function drawNote(state: Reading): void {
    const { note: version, room, editing, points } = state;
    const news = kept.revisions.take(version, editing, nowOf(state));
    const { marks } = kept.revisions;
    notices.update({ who: room.who, editing, marks, now: nowOf(state) });
    // The time runs on every second, and a long note is not looked through for that.
    const drawn = [version, points, marks, strings.language];
    if (drawn.every((each, place) => each === before[place])) return;
    before = drawn;
    drawVersion(version, marks);
    marking.update(marks);
    pointing.update(points);
    if (news === 'editing') announcer.say(changingSentence(strings, room.who));
    if (news === 'changed' && marks !== null) announcer.say(changedSentence(strings, marks));
  }

  function drawVersion(version: Note, marks: Marks | null): void {
    text.update(version);
    setAttribute(note, 'dir', text.element.getAttribute('dir'));
    if (shown !== version) end.anew();
    if (shown !== null && shown !== version) pointing.follow(shown, version);
    shown = version;
    setShown(text.element, version.text.trim() !== '' || version.medicines.length === 0);
    plan.element.dir = strings.direction;
    plan.element.lang = strings.language;
    plan.update(version.medicines, marks === null || marks.unfinished ? new Set() : marks.medicines.changed);
  }

  function drawTime({ room }: Reading): void {
    const { day, time: at } = time.until(room.until, room.leftMs);
    const left = strings.t('left', { duration: time.duration(room.leftMs) });
    const until = strings.t(`until.${day}`, { time: at });
    line.update({ left, until, leftMs: room.leftMs, totalMs: room.totalMs });
    setText(ending, strings.t(`disappears.${day}`, { time: at }));
    setText(printed, strings.t(`printed.${day}`, { time: at }));
    const news = kept.timeNews.take(room);
    if (news === 'soon') announcer.say(left);
    if (news === 'more') {
      const more = { day, at: room.until, leftMs: room.leftMs };
      pass(() => strings.t(`moreTime.${more.day}`, { time: time.until(more.at, more.leftMs).time }), nowOf({ room }));
    }
  }

  function draw(state: Reading): void {
    const { room, editing, copy, print, understood: pressed } = state;
    labels.draw();
    element.classList.toggle('unprintable', !print);
    element.classList.toggle('changing', editing);
    setAttribute(note, 'data-size', String(kept.size));
    guard.update(copy);
    drawNote(state);
    setText(heading, strings.t(`noteFrom.${named(room.who)}`, { name: safeName(room.who ?? '') }));
    drawTime(state);
    understood.update({ room, editing, understood: pressed });
    tools.update({ print, editing, size: kept.size });
  }

  return {
    element,
    heading,
    update(state) {
      last = state;
      draw(state);
    },
    leave() {
      last = null;
      shown = null;
      before = [];
      text.clear();
      plan.update([], new Set());
      pointing.leave();
      guard.leave();
      end.leave();
    },
  };
}

/** The local time, in milliseconds, at which the room was looked at last. */
function nowOf({ room }: Pick<Reading, 'room'>): number {
  return room.until - room.leftMs;
}
