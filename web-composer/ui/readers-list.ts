/** The live list of readers. Rows stay in place, so that no button moves under the doctor's finger. */

import { createLabels } from '../../web-shared/i18n/strings.ts';
import type { TimeFormat } from '../../web-shared/i18n/time-format.ts';
import type { Announcer } from '../../web-shared/ui/announcer.ts';
import { button, el, setAttribute, setShown, setText } from '../../web-shared/ui/dom.ts';
import { groupCode, spellCode } from '../../web-shared/ui/short-code.ts';
import type { ComposerActions, ReaderRow } from '../session/state.ts';
import { hasUnderstood, receiptsOf } from './reader-facts.ts';
import type { ComposerWords } from './strings.ts';

export interface ReadersList {
  readonly element: HTMLElement;
  /** @param contentRev version in which words last changed */
  update(readers: readonly ReaderRow[], contentRev: number): void;
}

interface Row {
  readonly element: HTMLLIElement;
  update(reader: ReaderRow, contentRev: number): void;
}

/** The list with its heading and a summary. News about a reader is announced once, politely. */
export function createReadersList(
  actions: ComposerActions,
  announcer: Announcer,
  words: ComposerWords,
  time: TimeFormat,
): ReadersList {
  const labels = createLabels(words);
  const heading = el('h2', { id: 'readers-heading', tabindex: '-1' }, labels.text('readersHeading'));
  const summary = el('span', { class: 'hint' });
  const nobody = el('p', { class: 'quiet' }, labels.text('nobodyYet'));
  const list = el('ul', { class: 'readers', 'aria-labelledby': 'readers-heading' });
  const rows = new Map<string, Row>();
  const states = new Map<string, ReaderRow['state']>();
  const understood = new Set<string>();

  const news = (readers: readonly ReaderRow[]): string[] => {
    const changed = readers.filter((reader) => states.get(reader.id) !== reader.state);
    for (const reader of changed) states.set(reader.id, reader.state);
    return changed.map((reader) => words.t(`reader.${reader.state}.news`, { number: reader.number }));
  };
  const newlyUnderstood = (readers: readonly ReaderRow[], contentRev: number): string[] => {
    const before = new Set(understood);
    understood.clear();
    for (const reader of readers) if (hasUnderstood(reader, contentRev)) understood.add(reader.id);
    const now = readers.filter(({ id }) => understood.has(id) && !before.has(id));
    return now.map(({ number }) => words.t('receipt.understood.news', { number }));
  };

  return {
    element: el(
      'section',
      { class: 'readers-box' },
      el('div', { class: 'readers-head' }, heading, summary),
      nobody,
      list,
    ),
    update(readers, contentRev) {
      labels.draw();
      const said = [...news(readers), ...newlyUnderstood(readers, contentRev)];
      if (said.length > 0) announcer.say(said.join(' '));
      const count = (state: ReaderRow['state']): number => readers.filter((reader) => reader.state === state).length;
      const counted = (['waiting', 'reading'] as const).filter((state) => count(state) > 0);
      setText(summary, words.list(counted.map((state) => words.t(`${state}Count`, { count: count(state) }))));
      setShown(nobody, readers.length === 0);
      for (const [id, row] of rows) {
        if (readers.some((reader) => reader.id === id)) continue;
        row.element.remove();
        rows.delete(id);
        states.delete(id);
      }
      readers.forEach((reader, place) => {
        const row = rows.get(reader.id) ?? createRow(reader.id, actions, words, time, heading);
        rows.set(reader.id, row);
        row.update(reader, contentRev);
        const there = list.children[place];
        if (there !== row.element) list.insertBefore(row.element, there ?? null);
      });
    },
  };
}

function createRow(
  id: string,
  actions: ComposerActions,
  words: ComposerWords,
  time: TimeFormat,
  heading: HTMLElement,
): Row {
  const labels = createLabels(words);
  const who = `reader-${id}`;
  const name = el('span', { class: 'label' });
  const dot = el('span', { class: 'dot', 'aria-hidden': 'true' });
  const state = el('span', { class: 'reader-state' });
  const since = el('span', { class: 'hint' });
  const digits = el('span', { class: 'code', dir: 'ltr', 'aria-hidden': 'true' });
  const spelled = el('span', { class: 'unseen', dir: 'ltr' });
  const compare = el('span', { class: 'hint' }, labels.text('compare'));
  const receipts = el('p', { class: 'reader-receipts' });
  const choose = (choice: (readerId: string) => void) => () => {
    setAttribute(admit, 'aria-disabled', 'true');
    setAttribute(refuse, 'aria-disabled', 'true');
    choice(id);
  };
  const admit = button(
    'button-primary',
    [labels.text('admit')],
    choose((reader) => actions.admit(reader)),
  );
  const refuse = button(
    '',
    [labels.text('refuse')],
    choose((reader) => actions.refuse(reader)),
  );
  for (const each of [admit, refuse]) setAttribute(each, 'aria-describedby', who);
  const decide = el('div', { class: 'reader-decide' }, admit, refuse);
  const element = el(
    'li',
    { class: 'reader' },
    el('p', { class: 'reader-who', id: who }, name, el('span', { class: 'reader-is' }, dot, state), since),
    receipts,
    el('p', { class: 'reader-code' }, digits, spelled, compare),
    decide,
  );
  let wasWaiting = false;
  return {
    element,
    update(reader, contentRev) {
      labels.draw();
      const waiting = reader.state === 'waiting';
      if (wasWaiting && !waiting) element.classList.add('settling');
      wasWaiting = waiting;
      if (!waiting && decide.contains(document.activeElement)) heading.focus({ preventScroll: true });
      setAttribute(element, 'data-state', reader.state);
      setText(name, words.t('reader', { number: reader.number }));
      setText(state, words.t(`reader.${reader.state}`));
      setText(since, words.t(`reader.${reader.state}.time`, { time: time.clock(reader.since) }));
      setText(receipts, words.list(receiptsOf(reader, contentRev, words)));
      setShown(receipts, receipts.textContent !== '');
      dot.classList.toggle('pulse', waiting);
      setText(digits, groupCode(reader.shortCode));
      setText(spelled, spellCode(reader.shortCode));
      setShown(compare, waiting);
      setShown(decide, waiting);
      if (!waiting) return;
      setAttribute(admit, 'aria-disabled', null);
      setAttribute(refuse, 'aria-disabled', null);
    },
  };
}
