/** Messages above the note: it is being changed, it was changed, and sentences that stay for a moment. */

import { safeName } from '../../web-shared/i18n/safe-name.ts';
import { createLabels, named } from '../../web-shared/i18n/strings.ts';
import type { TimeFormat } from '../../web-shared/i18n/time-format.ts';
import type { ListChanges } from '../../web-shared/plan/plan-changes.ts';
import { button, el, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ReceiverStrings } from '../ui/strings.ts';
import type { Marks, NoteChanges } from './note-changes.ts';

const BRIEF_MS = 20_000;

export interface NoteMessages {
  readonly element: HTMLElement;
  /** `now`: local time in milliseconds. */
  update(state: { who: string | null; editing: boolean; marks: Marks | null; now: number }): void;
  /** Shows a sentence for a moment; `sentence` gives it in the language of the page. */
  showBriefly(sentence: () => string, now: number): void;
}

export function createNoteMessages(
  strings: ReceiverStrings,
  time: TimeFormat,
  actions: { showChange(): void; markSeen(): void },
): NoteMessages {
  const labels = createLabels(strings);
  const changing = el('p', { class: 'note-message note-message-changing' });
  const what = el('p');
  const show = button('button-quiet', [labels.text('change.show')], actions.showChange);
  const gotIt = button('button-quiet', [labels.text('change.gotIt')], actions.markSeen);
  const changed = el(
    'div',
    { class: 'note-message note-message-changed' },
    what,
    el('div', { class: 'row' }, show, gotIt),
  );
  const brief = el('p', { class: 'note-message note-message-brief' });
  const element = el('div', { class: 'note-messages' }, brief, changing, changed);
  let current: { sentence(): string; until: number } | null = null;
  const drawBrief = (now: number): void => {
    if (current !== null && (now >= current.until || now < current.until - 2 * BRIEF_MS)) current = null;
    setText(brief, current?.sentence() ?? '');
    setShown(brief, current !== null);
  };
  return {
    element,
    update({ who, editing, marks, now }) {
      labels.draw();
      setText(changing, changingSentence(strings, who));
      setShown(changing, editing);
      const settled = marks === null || marks.unfinished ? null : marks;
      if (settled !== null) {
        const at = strings.t('change.at', { time: time.clock(settled.at) });
        setText(what, [at, ...removedSentences(strings, settled)].join(' '));
      }
      setShown(changed, settled !== null);
      setShown(show, settled !== null && (settled.text.changed.size > 0 || hasChanges(settled.medicines)));
      drawBrief(now);
    },
    showBriefly(sentence, now) {
      current = { sentence, until: now + BRIEF_MS };
      drawBrief(now);
    },
  };
}

/** "Dr Rossi is changing the note. Wait a moment." */
export function changingSentence(strings: ReceiverStrings, who: string | null): string {
  return strings.t(`changing.${named(who)}`, { name: safeName(who ?? '') });
}

/** "The doctor changed the note. 2 lines changed." */
export function changedSentence(strings: ReceiverStrings, changes: NoteChanges): string {
  const { text, medicines } = changes;
  return [
    strings.t('change.said'),
    ...(text.changed.size === 0 ? [] : [strings.t('change.lines', { count: text.changed.size })]),
    ...(medicines.changed.size === 0 ? [] : [strings.t('change.medicines', { count: medicines.changed.size })]),
    ...removedSentences(strings, changes),
  ].join(' ');
}

function removedSentences(strings: ReceiverStrings, { text, medicines }: NoteChanges): string[] {
  return [
    ...(text.removed === 0 ? [] : [strings.t('change.removed', { count: text.removed })]),
    ...(medicines.removed.length === 0
      ? []
      : [strings.t('change.medicinesRemoved', { count: medicines.removed.length })]),
  ];
}

function hasChanges({ changed, removed }: ListChanges): boolean {
  return changed.size + removed.length > 0;
}
