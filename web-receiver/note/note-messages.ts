/** What is the matter with the note, above it and in sight: it is being changed, it was changed, and news that pass. */

import { safeName } from '../../web-shared/i18n/safe-name.ts';
import { createLabels, named } from '../../web-shared/i18n/strings.ts';
import type { TimeFormat } from '../../web-shared/i18n/time-format.ts';
import { button, el, setShown, setText } from '../../web-shared/ui/dom.ts';
import type { ReceiverStrings } from '../ui/strings.ts';
import type { Changes, Marks } from './revisions.ts';

/** How long news that pass stay, in milliseconds. */
const PASSING_MS = 20_000;

export interface Notices {
  readonly element: HTMLElement;
  /** `now`: local time in milliseconds. */
  update(state: { who: string | null; editing: boolean; marks: Marks | null; now: number }): void;
  /** Shows a sentence for a moment; `say` gives it in the language of the page. */
  pass(say: () => string, now: number): void;
}

export function createNotices(
  strings: ReceiverStrings,
  time: TimeFormat,
  actions: { show(): void; gotIt(): void },
): Notices {
  const labels = createLabels(strings);
  const changing = el('p', { class: 'notice notice-changing' });
  const what = el('p');
  const show = button('button-quiet', [labels.text('change.show')], actions.show);
  const gotIt = button('button-quiet', [labels.text('change.gotIt')], actions.gotIt);
  const changed = el('div', { class: 'notice notice-changed' }, what, el('div', { class: 'row' }, show, gotIt));
  const passing = el('p', { class: 'notice notice-passing' });
  const element = el('div', { class: 'notices' }, passing, changing, changed);
  let news: { say(): string; until: number } | null = null;
  const drawNews = (now: number): void => {
    if (news !== null && (now >= news.until || now < news.until - 2 * PASSING_MS)) news = null;
    setText(passing, news?.say() ?? '');
    setShown(passing, news !== null);
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
      setShown(show, settled !== null && settled.text.changed.size + settled.medicines.changed.size > 0);
      drawNews(now);
    },
    pass(say, now) {
      news = { say, until: now + PASSING_MS };
      drawNews(now);
    },
  };
}

/** "Dr Rossi is changing the note. Wait a moment." */
export function changingSentence(strings: ReceiverStrings, who: string | null): string {
  return strings.t(`changing.${named(who)}`, { name: safeName(who ?? '') });
}

/** "The doctor changed the note. 2 lines changed." */
export function changedSentence(strings: ReceiverStrings, changes: Changes): string {
  const { text, medicines } = changes;
  return [
    strings.t('change.said'),
    ...(text.changed.size === 0 ? [] : [strings.t('change.lines', { count: text.changed.size })]),
    ...(medicines.changed.size === 0 ? [] : [strings.t('change.medicines', { count: medicines.changed.size })]),
    ...removedSentences(strings, changes),
  ].join(' ');
}

function removedSentences(strings: ReceiverStrings, { text, medicines }: Changes): string[] {
  return [
    ...(text.removed === 0 ? [] : [strings.t('change.removed', { count: text.removed })]),
    ...(medicines.removed === 0 ? [] : [strings.t('change.medicinesRemoved', { count: medicines.removed })]),
  ];
}
