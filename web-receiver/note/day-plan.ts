/** The patient's day: what to take in the morning, at noon, in the evening and at night, then everything else. */
import { AMOUNT_UNSAID, DAY_TIMES, type DayTime, type Medicine } from '../../src/protocol/note.ts';
import { el } from '../../web-shared/ui/dom.ts';
import type { ReceiverKey, ReceiverStrings } from '../ui/strings.ts';
import { type Drawn, keep } from './keyed-children.ts';

export interface DayPlan {
  readonly element: HTMLElement;
  /** Draws the medicines; what did not change stays as it is. `changed`: places in the list that the doctor changed. */
  update(medicines: readonly Medicine[], changed: ReadonlySet<number>): void;
}

type Part = DayTime | 'otherTimes' | 'noTime' | 'more';
const PARTS: readonly Part[] = [...DAY_TIMES, 'otherTimes', 'noTime', 'more'];

/**
 * A section for each time that is used. Whatever belongs to one medicine carries `data-medicine` with its place in the
 * list. What the doctor wrote is isolated from the sentence around it, for right-to-left pages.
 */
export function createDayPlan({ strings }: { strings: ReceiverStrings }): DayPlan {
  const element = el('div', { class: 'plan' });
  return {
    element,
    update(medicines, changed) {
      const drawn =
        medicines.length === 0
          ? []
          : [titleOf(strings), ...PARTS.flatMap((part) => section(part, medicines, changed, strings))];
      keep(element, drawn);
    },
  };
}

function titleOf(strings: ReceiverStrings): Drawn {
  const title = strings.t('plan.title');
  return { key: 'title', says: title, make: () => el('h2', { class: 'plan-title' }, title) };
}

function section(
  part: Part,
  medicines: readonly Medicine[],
  changed: ReadonlySet<number>,
  strings: ReceiverStrings,
): Drawn[] {
  const items = medicines.flatMap((medicine, place) =>
    belongs(medicine, part) ? [item(part, medicine, place, changed.has(place), strings)] : [],
  );
  if (items.length === 0) return [];
  const title = strings.t(`plan.${part}`);
  const make = (): HTMLElement => {
    const heading = el('h3', {}, title);
    // Without the role, a list without bullets is no list to some screen readers.
    return el('section', { class: `plan-part plan-${part}`, 'aria-label': title }, heading, el('ul', { role: 'list' }));
  };
  const inside = (made: Element): void => keep(made.lastElementChild ?? made, items);
  return [{ key: part, says: title, make, inside }];
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

function item(part: Part, medicine: Medicine, place: number, changed: boolean, strings: ReceiverStrings): Drawn {
  const lines = part === 'more' ? moreLines(medicine, strings) : doseLines(part, medicine, strings);
  const mark = changed ? strings.t('plan.changed') : '';
  const { name, strength } = medicine;
  const make = (): HTMLElement => {
    const named = el('p', { class: 'plan-name' }, said('strong', name), ' ', said('bdi', strength));
    if (changed) named.append(' ', el('span', { class: 'plan-mark' }, mark));
    const facts = lines.map(([label, text, strong]) =>
      el(
        'p',
        { class: strong ? 'plan-amount' : 'plan-fact' },
        ...(label === '' ? [] : [`${label}: `]),
        said('bdi', text),
      ),
    );
    return el(
      'li',
      { class: changed ? 'plan-item changed' : 'plan-item', 'data-medicine': String(place) },
      named,
      ...facts,
    );
  };
  return { key: String(place), says: JSON.stringify([place, name, strength, mark, lines]), make };
}

/** A label, what the doctor wrote, and whether it is the amount to take. */
type Line = readonly [label: string, text: string, strong: boolean];

function doseLines(part: Exclude<Part, 'more'>, medicine: Medicine, strings: ReceiverStrings): Line[] {
  const { plan, dose, when } = medicine;
  const timed = part !== 'otherTimes' && part !== 'noTime';
  const amount = timed ? plan[part] : dose;
  const lines: Line[] = amount === '' || amount === AMOUNT_UNSAID ? [] : [['', amount, true]];
  // An amount may be a number of doses: then both stand there as the doctor wrote them.
  if (timed && dose !== '' && !amount.includes(dose)) lines.push([strings.t('plan.dose'), dose, false]);
  if (when !== '') lines.push(['', when, false]);
  return lines;
}

function moreLines({ duration, remarks }: Medicine, strings: ReceiverStrings): Line[] {
  const line = (key: ReceiverKey, text: string): Line[] => (text === '' ? [] : [[strings.t(key), text, false]]);
  return [...line('plan.duration', duration), ...line('plan.remarks', remarks)];
}

/** The doctor's words: in their own direction and language, and not for a browser's translation, which sends them away. */
function said(tag: 'bdi' | 'strong', text: string): HTMLElement {
  return el(tag, { dir: 'auto', lang: '', translate: 'no' }, text);
}
