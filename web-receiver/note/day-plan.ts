/** The medicines by time of day: morning, noon, evening, night, then everything else. */
import { AMOUNT_UNSAID, DAY_TIMES, type DayTime, type Medicine } from '../../src/protocol/note.ts';
import { el } from '../../web-shared/ui/dom.ts';
import type { ReceiverKey, ReceiverStrings } from '../ui/strings.ts';

export interface DayPlan {
  readonly element: HTMLElement;
  /** `changed`: indexes of the medicines that the doctor changed. */
  update(medicines: readonly Medicine[], changed: ReadonlySet<number>): void;
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

type Part = DayTime | 'otherTimes' | 'noTime' | 'more';
const PARTS: readonly Part[] = [...DAY_TIMES, 'otherTimes', 'noTime', 'more'];

/**
 * A section for each time that is used. Whatever belongs to one medicine carries `data-medicine` with its index in the
 * list. What the doctor wrote is isolated from the sentence around it, for right-to-left pages.
 */
export function createDayPlan(strings: ReceiverStrings): DayPlan {
  const element = el('div', { class: 'plan' });
  return {
    element,
    update(medicines, changed) {
      const parts = PARTS.flatMap((part) => section(part, medicines, changed, strings));
      setChildren(element, parts.length === 0 ? [] : [title(strings), ...parts]);
    },
  };
}

function title(strings: ReceiverStrings): Child {
  const text = strings.t('plan.title');
  return { key: 'title', content: text, make: () => el('h2', { class: 'plan-title' }, text) };
}

function section(
  part: Part,
  medicines: readonly Medicine[],
  changed: ReadonlySet<number>,
  strings: ReceiverStrings,
): Child[] {
  const items = medicines.flatMap((medicine, index) =>
    belongs(medicine, part) ? [item(part, medicine, index, changed.has(index), strings)] : [],
  );
  if (items.length === 0) return [];
  const title = strings.t(`plan.${part}`);
  const make = (): HTMLElement => {
    const heading = el('h3', {}, title);
    // Without the role, a list without bullets is no list to some screen readers.
    return el('section', { class: `plan-part plan-${part}`, 'aria-label': title }, heading, el('ul', { role: 'list' }));
  };
  const drawInside = (element: Element): void => setChildren(element.lastElementChild ?? element, items);
  return [{ key: part, content: title, make, drawInside }];
}

function isPlanned({ plan }: Medicine): boolean {
  return DAY_TIMES.some((time) => plan[time] !== '');
}

function belongs(medicine: Medicine, part: Part): boolean {
  switch (part) {
    case 'otherTimes':
      return !isPlanned(medicine) && medicine.when !== '';
    case 'noTime':
      return !isPlanned(medicine) && medicine.when === '';
    case 'more':
      return medicine.duration !== '' || medicine.remarks !== '';
    default:
      return medicine.plan[part] !== '';
  }
}

function item(part: Part, medicine: Medicine, index: number, changed: boolean, strings: ReceiverStrings): Child {
  const lines = part === 'more' ? moreLines(medicine, strings) : doseLines(part, medicine, strings);
  const mark = changed ? strings.t('plan.changed') : '';
  const { name, strength } = medicine;
  const make = (): HTMLElement => {
    const named = el('p', { class: 'plan-name' }, asWritten('strong', name), ' ', asWritten('bdi', strength));
    if (changed) named.append(' ', el('span', { class: 'plan-mark' }, mark));
    const facts = lines.map(([label, text, strong]) =>
      el(
        'p',
        { class: strong ? 'plan-amount' : 'plan-fact' },
        ...(label === '' ? [] : [`${label}: `]),
        asWritten('bdi', text),
      ),
    );
    return el(
      'li',
      { class: changed ? 'plan-item changed' : 'plan-item', 'data-medicine': String(index) },
      named,
      ...facts,
    );
  };
  return { key: String(index), content: JSON.stringify([index, name, strength, mark, lines]), make };
}

/** A label, what the doctor wrote, and whether it is the amount to take. */
type Line = readonly [label: string, text: string, strong: boolean];

function doseLines(part: Exclude<Part, 'more'>, medicine: Medicine, strings: ReceiverStrings): Line[] {
  const { plan, dose, when } = medicine;
  const timed = part !== 'otherTimes' && part !== 'noTime';
  const amount = timed ? plan[part] : dose;
  const lines: Line[] = amount === '' || amount === AMOUNT_UNSAID ? [] : [['', amount, true]];
  // An amount may be a number of doses: then both are shown as the doctor wrote them.
  if (timed && dose !== '' && !amount.includes(dose)) lines.push([strings.t('plan.dose'), dose, false]);
  if (when !== '') lines.push(['', when, false]);
  return lines;
}

function moreLines({ duration, remarks }: Medicine, strings: ReceiverStrings): Line[] {
  const line = (key: ReceiverKey, text: string): Line[] => (text === '' ? [] : [[strings.t(key), text, false]]);
  return [...line('plan.duration', duration), ...line('plan.remarks', remarks)];
}

/** What the doctor wrote: in its own direction and language, and not for a browser's translation, which sends it away. */
function asWritten(tag: 'bdi' | 'strong', text: string): HTMLElement {
  return el(tag, { dir: 'auto', lang: '', translate: 'no' }, text);
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
