/** The live list of readers. Rows stay in place, so that no button moves under the doctor's finger. */
import type { Announcer } from '../web-shared/announcer.ts';
import { button, el, setAttribute, setShown, setText } from '../web-shared/dom.ts';
import { groupCode, spellCode } from '../web-shared/short-code.ts';
import type { TimeWords } from '../web-shared/time.ts';
import type { ComposerActions, ReaderRow } from './state.ts';
import { words } from './words.ts';

export interface ReadersList {
  readonly element: HTMLElement;
  update(readers: readonly ReaderRow[]): void;
}

interface Row {
  readonly element: HTMLLIElement;
  update(reader: ReaderRow): void;
}

/** The list with its heading and a summary. News about a reader is announced once, politely. */
export function createReadersList(actions: ComposerActions, announcer: Announcer, time: TimeWords): ReadersList {
  const heading = el('h2', { id: 'readers-heading', tabindex: '-1' }, words.readersHeading);
  const summary = el('span', { class: 'hint' });
  const nobody = el('p', { class: 'quiet' }, words.nobodyYet);
  const list = el('ul', { class: 'readers', 'aria-labelledby': 'readers-heading' });
  const rows = new Map<string, Row>();
  const states = new Map<string, ReaderRow['state']>();

  const news = (readers: readonly ReaderRow[]): string[] => {
    const changed = readers.filter((reader) => states.get(reader.id) !== reader.state);
    for (const reader of changed) states.set(reader.id, reader.state);
    return changed.map((reader) => words.readerNews[reader.state](reader.number));
  };

  return {
    element: el(
      'section',
      { class: 'readers-box' },
      el('div', { class: 'readers-head' }, heading, summary),
      nobody,
      list,
    ),
    update(readers) {
      const said = news(readers);
      if (said.length > 0) announcer.say(said.join(' '));
      const count = (state: ReaderRow['state']): number => readers.filter((reader) => reader.state === state).length;
      setText(summary, words.summary(count('waiting'), count('reading')));
      setShown(nobody, readers.length === 0);
      for (const [id, row] of rows) {
        if (readers.some((reader) => reader.id === id)) continue;
        row.element.remove();
        rows.delete(id);
        states.delete(id);
      }
      readers.forEach((reader, place) => {
        const row = rows.get(reader.id) ?? createRow(reader.id, actions, time, heading);
        rows.set(reader.id, row);
        row.update(reader);
        const there = list.children[place];
        if (there !== row.element) list.insertBefore(row.element, there ?? null);
      });
    },
  };
}

function createRow(id: string, actions: ComposerActions, time: TimeWords, heading: HTMLElement): Row {
  const who = `reader-${id}`;
  const name = el('span', { class: 'label' });
  const dot = el('span', { class: 'dot', 'aria-hidden': 'true' });
  const state = el('span', { class: 'reader-state' });
  const since = el('span', { class: 'hint' });
  const digits = el('span', { class: 'code', 'aria-hidden': 'true' });
  const spelled = el('span', { class: 'unseen' });
  const compare = el('span', { class: 'hint' }, words.compare);
  const choose = (choice: (readerId: string) => void) => () => {
    setAttribute(admit, 'aria-disabled', 'true');
    setAttribute(refuse, 'aria-disabled', 'true');
    choice(id);
  };
  const admit = button(
    'button-primary',
    [words.admit],
    choose((reader) => actions.admit(reader)),
  );
  const refuse = button(
    '',
    [words.refuse],
    choose((reader) => actions.refuse(reader)),
  );
  for (const each of [admit, refuse]) setAttribute(each, 'aria-describedby', who);
  const decide = el('div', { class: 'reader-decide' }, admit, refuse);
  const element = el(
    'li',
    { class: 'reader' },
    el('p', { class: 'reader-who', id: who }, name, el('span', { class: 'reader-is' }, dot, state), since),
    el('p', { class: 'reader-code' }, digits, spelled, compare),
    decide,
  );
  let wasWaiting = false;
  return {
    element,
    update(reader) {
      const waiting = reader.state === 'waiting';
      if (wasWaiting && !waiting) element.classList.add('settling');
      wasWaiting = waiting;
      if (!waiting && decide.contains(document.activeElement)) heading.focus({ preventScroll: true });
      setAttribute(element, 'data-state', reader.state);
      setText(name, words.reader(reader.number));
      setText(state, words.readerState[reader.state]);
      setText(since, words.readerSince(reader.state, time.clock(reader.since)));
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
