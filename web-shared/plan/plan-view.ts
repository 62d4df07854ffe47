/** The plan of the day on a page: the same for the doctor who writes it and the patient who reads it. */
import type en from '../../languages/en.json';
import type { Medicine } from '../../src/protocol/note.ts';
import type { Strings } from '../i18n/strings.ts';
import { el } from '../ui/dom.ts';
import { dayPlan, type PlanEntry, type PlanPart, type PlanSection } from './day-plan.ts';
import { splitAtNumbers } from './number-with-unit.ts';
import { type FormerEntry, formerEntry, type ListChanges, NO_CHANGES } from './plan-changes.ts';

type PlanStrings = Strings<keyof (typeof en)['shared']>;

export interface PlanView {
  readonly element: HTMLElement;
  /** Draws `medicines`; what `changes` names is marked, with what it was before. */
  update(medicines: readonly Medicine[], changes?: ListChanges): void;
}

/** A child element, described before it is made. */
interface Child {
  readonly key: string;
  /** Everything that the element says; it is made again when this differs. */
  readonly content: string;
  make(): HTMLElement;
  drawInside?(element: Element): void;
}

const children = new WeakMap<Element, Child>();

/**
 * A section for each time that is used. Whatever belongs to one medicine carries `data-medicine` with its index in the
 * list. What the doctor wrote is isolated from the sentence around it, for right-to-left pages.
 */
export function createPlanView(strings: PlanStrings): PlanView {
  const element = el('div', { class: 'plan' });
  return {
    element,
    update(medicines, changes = NO_CHANGES) {
      const parts = dayPlan(medicines).map((section) => sectionOf(section, medicines, changes, strings));
      const gone = changes.removed.length === 0 ? [] : [goneList(changes.removed, strings)];
      const shown = [...gone, ...parts];
      setChildren(element, shown.length === 0 ? [] : [title(strings), ...shown]);
    },
  };
}

function title(strings: PlanStrings): Child {
  const text = strings.t('plan.title');
  return { key: 'title', content: text, make: () => el('h2', { class: 'plan-title' }, text) };
}

function goneList(removed: readonly Medicine[], strings: PlanStrings): Child {
  const sentences = removed.map(({ name, strength }) =>
    strings.t('plan.gone', { name: isolate(`${name} ${strength}`.trim()) }),
  );
  const make = (): HTMLElement =>
    el('ul', { class: 'plan-gone', role: 'list' }, ...sentences.map((text) => el('li', {}, ...unbroken(text))));
  return { key: 'gone', content: sentences.join('\n'), make };
}

function sectionOf(
  { part, entries }: PlanSection,
  medicines: readonly Medicine[],
  { changed }: ListChanges,
  strings: PlanStrings,
): Child {
  const items = entries.map((entry) => {
    const [was, now] = [changed.get(entry.index), medicines[entry.index]];
    const former = was == null || now === undefined ? null : formerEntry(was, now, part);
    return item(part, entry, changed.has(entry.index), former, strings);
  });
  const heading = strings.t(`plan.${part}`);
  // Without the role, a list without bullets is no list to some screen readers.
  const make = (): HTMLElement =>
    el(
      'section',
      { class: `plan-part plan-${part}`, 'aria-label': heading },
      el('h3', {}, heading),
      el('ul', { role: 'list' }),
    );
  const drawInside = (element: Element): void => setChildren(element.lastElementChild ?? element, items);
  return { key: part, content: heading, make, drawInside };
}

/** A line of an entry: a label, what the doctor wrote, and what stood there before. */
interface Line {
  readonly className: 'plan-amount' | 'plan-fact';
  readonly label: string;
  readonly text: string;
  readonly was: string;
}

function item(
  part: PlanPart,
  entry: PlanEntry,
  changed: boolean,
  former: FormerEntry | null,
  strings: PlanStrings,
): Child {
  const lines = linesOf(entry, former, strings);
  const mark = changed ? strings.t('plan.changed') : '';
  const { index, name, strength } = entry;
  const before = (text = '', space = ' '): (Node | string)[] => (text === '' ? [] : [space, formerly(text, strings)]);
  const make = (): HTMLElement => {
    const named = el('p', { class: 'plan-name' }, asWritten('strong', name), ...before(former?.name));
    named.append(' ', asWritten('bdi', strength), ...before(former?.strength));
    if (changed) named.append(' ', el('span', { class: 'plan-mark' }, mark));
    const facts = lines.map(({ className, label, text, was }) => {
      const line = el('p', { class: className }, label === '' ? '' : `${label}: `);
      if (text !== '') line.append(asWritten('bdi', text));
      line.append(...before(was, text === '' ? '' : ' '));
      return line;
    });
    return el(
      'li',
      { class: changed ? 'plan-item changed' : 'plan-item', 'data-medicine': String(index) },
      named,
      ...facts,
    );
  };
  const content = JSON.stringify([part, index, name, strength, mark, lines, former]);
  return { key: String(index), content, make };
}

function linesOf(entry: PlanEntry, former: FormerEntry | null, strings: PlanStrings): Line[] {
  const times = (former?.times ?? []).map(({ part, amount }) => `${strings.t(`plan.${part}`)} ${amount}`.trim());
  const fact = (label: string, text: string, was = ''): Line => ({ className: 'plan-fact', label, text, was });
  const lines: Line[] = [
    { className: 'plan-amount', label: '', text: entry.amount, was: former?.amount ?? '' },
    // Where the amount was the dose, it says already what that was.
    fact(strings.t('plan.dose'), entry.dose, former?.amount.includes(former.dose) ? '' : former?.dose),
    fact('', '', strings.list(times)),
    fact('', entry.when, former?.when),
    fact(strings.t('plan.duration'), entry.duration, former?.duration),
    fact(strings.t('plan.remarks'), entry.remarks, former?.remarks),
  ];
  return lines.filter(({ text, was }) => text !== '' || was !== '');
}

/** `was 5 mg`. */
function formerly(text: string, strings: PlanStrings): HTMLElement {
  const sentence = strings.t('plan.was', { text: isolate(text) });
  return el('span', { class: 'plan-was', translate: 'no' }, ...unbroken(sentence));
}

/** U+2068 and U+2069: a text of any direction, inside of a sentence of ours. */
function isolate(text: string): string {
  return `\u2068${text}\u2069`;
}

/** What the doctor wrote: in its own direction and language, and not for a browser's translation, which sends it away. */
function asWritten(tag: 'bdi' | 'strong', text: string): HTMLElement {
  return el(tag, { dir: 'auto', lang: '', translate: 'no' }, ...unbroken(text));
}

/** The text as nodes in which a number and its unit stay on one line. */
function unbroken(text: string): (Node | string)[] {
  return splitAtNumbers(text).map((piece) =>
    piece.together ? el('span', { class: 'together' }, piece.text) : piece.text,
  );
}

/** Makes `wanted` the children of `parent`. Elements that say the same stay, so that a correction moves nobody's focus. */
function setChildren(parent: Element, wanted: readonly Child[]): void {
  const current = new Map([...parent.children].map((child) => [children.get(child)?.key, child]));
  const elements = wanted.map((each) => {
    const old = current.get(each.key);
    const stays = old !== undefined && children.get(old)?.content === each.content;
    const element = stays ? old : each.make();
    children.set(element, each);
    each.drawInside?.(element);
    return element;
  });
  const staying = new Set<Element>(elements);
  for (const child of [...parent.children]) if (!staying.has(child)) child.remove();
  for (const [index, element] of elements.entries()) {
    const child = parent.children[index];
    if (child !== element) parent.insertBefore(element, child ?? null);
  }
}
