/** The live list of readers. Rows stay in place, so that no button moves under the doctor's finger. */

import { safeName } from '../../../web-shared/i18n/safe-name.ts';
import { createLabels } from '../../../web-shared/i18n/strings.ts';
import type { TimeFormat } from '../../../web-shared/i18n/time-format.ts';
import type { Announcer } from '../../../web-shared/ui/announcer.ts';
import { button, el, setAttribute, setShown, setText } from '../../../web-shared/ui/dom.ts';
import { groupCode, spellCode } from '../../../web-shared/ui/short-code.ts';
import type { ComposerActions, ReaderRow } from '../../session/state.ts';
import type { ComposerStrings } from '../strings.ts';
import { createReaderName } from './reader-name.ts';

export interface ReaderRows {
  readonly element: HTMLElement;
  /** @param contentRev the revision in which the content last changed */
  update(readers: readonly ReaderRow[], contentRev: number): void;
}

interface Row {
  readonly element: HTMLLIElement;
  update(reader: ReaderRow, contentRev: number): void;
}

/** The list with its heading and a summary. What is new about a reader is announced once. */
export function createReaderRows(
  actions: ComposerActions,
  announcer: Announcer,
  strings: ComposerStrings,
  time: TimeFormat,
): ReaderRows {
  const labels = createLabels(strings);
  const heading = el('h2', { id: 'readers-heading', tabindex: '-1' }, labels.text('readersHeading'));
  const summary = el('span', { class: 'hint' });
  const nobody = el('p', { class: 'quiet' }, labels.text('nobodyYet'));
  const list = el('ul', { class: 'readers', 'aria-labelledby': 'readers-heading' });
  const rows = new Map<string, Row>();
  const states = new Map<string, ReaderRow['state']>();
  const understood = new Set<string>();

  const newStates = (readers: readonly ReaderRow[]): string[] => {
    const changed = readers.filter((reader) => states.get(reader.id) !== reader.state);
    for (const reader of changed) states.set(reader.id, reader.state);
    return changed.map((reader) => strings.t(`reader.${reader.state}.announced`, { number: reader.number }));
  };
  const newlyUnderstood = (readers: readonly ReaderRow[], contentRev: number): string[] => {
    const before = new Set(understood);
    understood.clear();
    for (const reader of readers) if (saysUnderstood(reader, contentRev)) understood.add(reader.id);
    const now = readers.filter(({ id }) => understood.has(id) && !before.has(id));
    return now.map(({ number }) => strings.t('receipt.understood.announced', { number }));
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
      const announcements = [...newStates(readers), ...newlyUnderstood(readers, contentRev)];
      if (announcements.length > 0) announcer.say(announcements.join(' '));
      const count = (state: ReaderRow['state']): number => readers.filter((reader) => reader.state === state).length;
      const counted = (['waiting', 'reading'] as const).filter((state) => count(state) > 0);
      setText(summary, strings.list(counted.map((state) => strings.t(`${state}Count`, { count: count(state) }))));
      setShown(nobody, readers.length === 0);
      for (const [id, row] of rows) {
        if (readers.some((reader) => reader.id === id)) continue;
        row.element.remove();
        rows.delete(id);
        states.delete(id);
      }
      readers.forEach((reader, index) => {
        const row = rows.get(reader.id) ?? createRow(reader.id, actions, strings, time, heading);
        rows.set(reader.id, row);
        row.update(reader, contentRev);
        const present = list.children[index];
        if (present !== row.element) list.insertBefore(row.element, present ?? null);
      });
    },
  };
}

function createRow(
  id: string,
  actions: ComposerActions,
  strings: ComposerStrings,
  time: TimeFormat,
  heading: HTMLElement,
): Row {
  const labels = createLabels(strings);
  const nameId = `reader-${id}`;
  const name = el('span', { class: 'label' });
  const dot = el('span', { class: 'dot', 'aria-hidden': 'true' });
  const state = el('span', { class: 'reader-state' });
  const since = el('span', { class: 'hint' });
  const digits = el('span', { class: 'code', dir: 'ltr', 'aria-hidden': 'true' });
  const spelled = el('span', { class: 'unseen', dir: 'ltr' });
  const compare = el('span', { class: 'hint' }, labels.text('compare'));
  const receipts = el('p', { class: 'reader-receipts' });
  const naming = createReaderName(strings, (chosen) => actions.nameReader(id, chosen));
  const decideOnce = (decision: (readerId: string) => void) => () => {
    setAttribute(admit, 'aria-disabled', 'true');
    setAttribute(refuse, 'aria-disabled', 'true');
    decision(id);
  };
  const admit = button(
    'button-primary',
    [labels.text('admit')],
    decideOnce((reader) => actions.admit(reader)),
  );
  const refuse = button(
    '',
    [labels.text('refuse')],
    decideOnce((reader) => actions.refuse(reader)),
  );
  const remove = button('reader-remove', [labels.text('reader.remove')], () => {
    heading.focus({ preventScroll: true });
    actions.refuse(id);
  });
  for (const each of [admit, refuse, remove]) setAttribute(each, 'aria-describedby', nameId);
  const buttons = el('div', { class: 'reader-decide' }, admit, refuse);
  const element = el(
    'li',
    { class: 'reader' },
    el('p', { class: 'reader-who', id: nameId }, name, el('span', { class: 'reader-is' }, dot, state), since),
    receipts,
    el('p', { class: 'reader-code' }, digits, spelled, compare),
    buttons,
    el('div', { class: 'reader-more' }, naming.element, remove),
  );
  let wasWaiting = false;
  return {
    element,
    update(reader, contentRev) {
      labels.draw();
      const waiting = reader.state === 'waiting';
      if (wasWaiting && !waiting) element.classList.add('settling');
      wasWaiting = waiting;
      if (!waiting && buttons.contains(document.activeElement)) heading.focus({ preventScroll: true });
      setAttribute(element, 'data-state', reader.state);
      setText(name, readerName(reader, strings));
      naming.update(reader);
      setText(state, strings.t(`reader.${reader.state}`));
      setText(since, strings.t(`reader.${reader.state}.time`, { time: time.clock(reader.since) }));
      setText(receipts, strings.list(receiptsOf(reader, contentRev, strings, time)));
      setShown(receipts, receipts.textContent !== '');
      dot.classList.toggle('pulse', waiting);
      setText(digits, groupCode(reader.shortCode));
      setText(spelled, spellCode(reader.shortCode));
      setShown(compare, waiting);
      setShown(buttons, waiting);
      setShown(remove, reader.state === 'reading' || reader.state === 'pin');
      if (!waiting) return;
      setAttribute(admit, 'aria-disabled', null);
      setAttribute(refuse, 'aria-disabled', null);
    },
  };
}

/** "Reader 1", or what the doctor calls the reader with the number behind it. */
function readerName({ name, number }: Pick<ReaderRow, 'name' | 'number'>, strings: ComposerStrings): string {
  return name === '' ? strings.t('reader', { number }) : strings.t('reader.named', { name: safeName(name), number });
}

/** What the reader's page has reported about the note: short phrases, the most important one first. */
function receiptsOf(reader: ReaderRow, contentRev: number, strings: ComposerStrings, time: TimeFormat): string[] {
  const { state, wrongPins, points, reloadedAt } = reader;
  // Whoever still asks has not understood, whatever was pressed before or after.
  const asks = points.length > 0 ? [strings.t('receipt.asks', { count: points.length })] : [];
  const said = [...asks, ...understoodIn(reader, contentRev, strings)];
  const reloaded = reloadedAt === null ? [] : [strings.t('receipt.reloaded', { time: time.clock(reloadedAt) })];
  switch (state) {
    case 'pin':
      return [...(wrongPins === 0 ? [] : [strings.t('receipt.wrongPins', { count: wrongPins })]), ...reloaded];
    case 'waiting':
      return reloaded;
    case 'reading':
      return [
        ...said,
        ...(reader.visible ? [] : [strings.t('receipt.hidden')]),
        ...(reader.shownRev < contentRev ? [strings.t('receipt.behind')] : []),
        ...reloaded,
      ];
    default:
      return said;
  }
}

/** Whether the reader understood the note as it stands, and asks nothing more about it. */
function saysUnderstood({ understoodRev, points }: ReaderRow, contentRev: number): boolean {
  return understoodRev > 0 && understoodRev >= contentRev && points.length === 0;
}

function understoodIn(reader: ReaderRow, contentRev: number, strings: ComposerStrings): string[] {
  if (saysUnderstood(reader, contentRev)) return [strings.t('receipt.understood')];
  const end = reader.endRev > 0 && reader.endRev >= contentRev ? [strings.t('receipt.end')] : [];
  const isOlder = reader.understoodRev > 0 && reader.understoodRev < contentRev;
  return isOlder ? [strings.t('receipt.understoodBefore'), ...end] : end;
}
