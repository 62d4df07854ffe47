/** The reading screen. The note's text is in one place of the page only, and leaves it before the screen does. */
import type { Note } from '../../src/protocol/note.ts';
import { safeName } from '../../web-shared/i18n/safe-name.ts';
import { createLabels, named } from '../../web-shared/i18n/strings.ts';
import type { TimeFormat } from '../../web-shared/i18n/time-format.ts';
import { NO_CHANGES } from '../../web-shared/plan/plan-changes.ts';
import { createPlanView } from '../../web-shared/plan/plan-view.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { Screen } from '../../web-shared/ui/screens.ts';
import { createTimeBar } from '../../web-shared/ui/time-bar.ts';
import { createChangeMarks } from '../note/change-marks.ts';
import { createCopyGuard } from '../note/copy-guard.ts';
import { createLazyQuestions } from '../note/lazy-questions.ts';
import { ChangeTracker, type Marks } from '../note/note-changes.ts';
import { changedSentence, changingSentence, createNoteMessages } from '../note/note-messages.ts';
import { createNoteText } from '../note/note-text.ts';
import { createReadingTools } from '../note/reading-tools.ts';
import { TimeWarnings } from '../note/time-warnings.ts';
import { createUnderstoodButton } from '../note/understood-button.ts';
import type { FilesPlace } from '../session/files-loader.ts';
import type { Reading, ReadingActions } from '../session/state.ts';
import type { ReceiverStrings } from './strings.ts';

/** What is still known when the screen comes back after an interruption. */
export class ReadingMemory {
  readonly changes = new ChangeTracker();
  readonly timeWarnings = new TimeWarnings();
  /** Step of the text size. */
  textSize = 0;

  /** The note is over: nothing of its text stays. */
  forget(): void {
    this.changes.forget();
    this.timeWarnings.reset();
  }
}

interface NoteScreenOptions {
  announcer: Announcer;
  strings: ReceiverStrings;
  time: TimeFormat;
  actions: ReadingActions;
  memory: ReadingMemory;
  /** Undefined where there are none to come. */
  files: FilesPlace | undefined;
}

/**
 * The region "Note" holds the note and nothing else; `translate` is off because a browser's
 * translation would send the text away, and the empty `lang` says that its language is not the page's.
 */
export function createNoteScreen(options: NoteScreenOptions): Screen<Reading> {
  const { announcer, strings, time, actions, memory, files } = options;
  const labels = createLabels(strings);
  const heading = el('h1', { tabindex: '-1' });
  const timeBar = createTimeBar();
  const text = createNoteText();
  const plan = createPlanView(strings);
  const note = el('section', { class: 'note', lang: '', translate: 'no' }, text.element, plan.element);
  labels.attribute(note, 'aria-label', 'note');
  const changeMarks = createChangeMarks(note, strings);
  const messages = createNoteMessages(strings, time, {
    showChange() {
      const first = changeMarks.first();
      first?.setAttribute('tabindex', '-1');
      first?.focus({ preventScroll: true });
      first?.scrollIntoView({ block: 'center' });
    },
    markSeen() {
      memory.changes.markSeen();
      if (last !== null) draw(last);
      heading.focus({ preventScroll: true });
    },
  });
  const questions = createLazyQuestions(note, strings, announcer, (place, on) => actions.point(place, on));
  const understood = createUnderstoodButton(strings, announcer, () => actions.confirmUnderstood());
  const end = createEndOfNote(note, () => actions.reachEnd());
  const tools = createReadingTools(strings, announcer, (size) => {
    memory.textSize = size;
    if (last !== null) draw(last);
  });
  let saidNoCopy = false;
  const guard = createCopyGuard(note, () => {
    if (saidNoCopy || last === null) return;
    saidNoCopy = true;
    sayBriefly(() => strings.t('noCopy'), nowOf(last));
  });
  const ending = el('p');
  const issued = el('p');
  const paperHead = el(
    'div',
    { class: 'print-only paper-head' },
    issued,
    el(
      'p',
      { class: 'paper-patient' },
      el('span', {}, labels.text('printed.patient')),
      el('span', { class: 'paper-line' }),
    ),
  );
  const printedUntil = el('p', { class: 'print-only' });
  const element = el(
    'article',
    { class: 'reading' },
    el('header', {}, heading, timeBar.element, tools.sizes, paperHead),
    messages.element,
    el('div', { class: 'sheet' }, note, questions.layer, end.element),
    el('p', { class: 'print-only no-print' }, labels.text('noPrint')),
    printedUntil,
    files?.element ?? '',
    el('div', { class: 'reading-end' }, understood.element, questions.start),
    el('footer', { class: 'quiet small' }, ending, el('p', {}, labels.text('nothingSaved'))),
    tools.printing,
  );
  let last: Reading | null = null;
  let shown: Note | null = null;
  let drawnFrom: readonly unknown[] = [];

  function sayBriefly(sentence: () => string, now: number): void {
    messages.showBriefly(sentence, now);
    announcer.say(sentence());
  }

  function drawNote(state: Reading): void {
    const { note: version, room, editing, points } = state;
    const change = memory.changes.take(version, editing, nowOf(state));
    const { marks } = memory.changes;
    messages.update({ who: room.who, editing, marks, now: nowOf(state) });
    // The time changes every second; a long note must not be drawn again for that.
    const drawing = [version, points, marks, strings.language];
    if (drawing.every((each, at) => each === drawnFrom[at])) return;
    drawnFrom = drawing;
    drawVersion(version, marks);
    changeMarks.update(marks);
    questions.update(points);
    if (change === 'editing') announcer.say(changingSentence(strings, room.who));
    if (change === 'changed' && marks !== null) announcer.say(changedSentence(strings, marks));
  }

  function drawVersion(version: Note, marks: Marks | null): void {
    text.update(version);
    setAttribute(note, 'dir', text.element.getAttribute('dir'));
    if (shown !== version) end.lookAgain();
    if (shown !== null && shown !== version) questions.follow(shown, version);
    shown = version;
    setShown(text.element, version.text.trim() !== '' || version.medicines.length === 0);
    plan.element.dir = strings.direction;
    plan.element.lang = strings.language;
    plan.update(version.medicines, marks === null || marks.unfinished ? NO_CHANGES : marks.medicines);
  }

  function drawTime({ room }: Reading): void {
    const { day, time: at } = time.until(room.until, room.leftMs);
    const left = strings.t('left', { duration: time.duration(room.leftMs) });
    const until = strings.t(`until.${day}`, { time: at });
    timeBar.update({ left, until, leftMs: room.leftMs, totalMs: room.totalMs });
    setText(ending, strings.t(`disappears.${day}`, { time: at }));
    setText(printedUntil, strings.t(`printed.${day}`, { time: at }));
    const now = nowOf({ room });
    setText(issued, strings.t('printed.issued', { date: time.date(now), time: time.clock(now) }));
    const warning = memory.timeWarnings.take(room);
    if (warning === 'soon') announcer.say(left);
    if (warning === 'more') {
      const more = { day, at: room.until, leftMs: room.leftMs };
      sayBriefly(
        () => strings.t(`moreTime.${more.day}`, { time: time.until(more.at, more.leftMs).time }),
        nowOf({ room }),
      );
    }
  }

  function draw(state: Reading): void {
    const { room, editing, copy, print, understood: isUnderstood } = state;
    labels.draw();
    element.classList.toggle('unprintable', !print);
    element.classList.toggle('changing', editing);
    setAttribute(note, 'data-size', String(memory.textSize));
    guard.update(copy);
    files?.update(copy);
    drawNote(state);
    setText(heading, strings.t(`noteFrom.${named(room.who)}`, { name: safeName(room.who ?? '') }));
    drawTime(state);
    understood.update({ room, editing, understood: isUnderstood });
    tools.update({ print, editing, size: memory.textSize });
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
      drawnFrom = [];
      files?.leave();
      text.clear();
      plan.update([]);
      questions.leave();
      guard.leave();
      end.leave();
    },
  };
}

/** How long the end has to be in sight to count as read: somebody who scrolls past has not read it. */
const END_MS = { least: 2_000, most: 8_000, perCharacter: 8 };

/**
 * The edge below the note: calls `reached` when it was in sight, in a page that is, for as long as reading what is above it
 * takes at the very least; anew after each `lookAgain`.
 */
function createEndOfNote(
  note: HTMLElement,
  reached: () => void,
): { element: HTMLElement; lookAgain(): void; leave(): void } {
  const element = el('div', { class: 'note-end', 'aria-hidden': 'true' });
  let inSight = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const wait = (): void => {
    clearTimeout(timer);
    if (!inSight || document.hidden) return;
    const ms = (note.textContent ?? '').length * END_MS.perCharacter;
    timer = setTimeout(reached, Math.min(END_MS.most, Math.max(END_MS.least, ms)));
  };
  const observer = new IntersectionObserver((entries) => {
    inSight = entries.at(-1)?.isIntersecting ?? false;
    wait();
  });
  document.addEventListener('visibilitychange', wait);
  observer.observe(element);
  return {
    element,
    lookAgain() {
      observer.unobserve(element);
      observer.observe(element);
    },
    leave() {
      observer.disconnect();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', wait);
    },
  };
}

/** The local time, in milliseconds, at which `room` was measured. */
function nowOf({ room }: Pick<Reading, 'room'>): number {
  return room.until - room.leftMs;
}
