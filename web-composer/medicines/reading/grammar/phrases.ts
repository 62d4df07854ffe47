/** The words that GLIR knows, from the lists under `words/`, and the longest phrase of them at a place in a text. */
import { DAY_TIMES, type DayTime } from '../../../../src/protocol/note.ts';
import abbreviations from '../words/abbreviations.json' with { type: 'json' };
import daily from '../words/daily.json' with { type: 'json' };
import harmless from '../words/harmless.json' with { type: 'json' };
import joining from '../words/joining-words.json' with { type: 'json' };
import lengths from '../words/lengths.json' with { type: 'json' };
import meals from '../words/meals.json' with { type: 'json' };
import notDaily from '../words/not-daily.json' with { type: 'json' };
import numbers from '../words/numbers.json' with { type: 'json' };
import timesOfDay from '../words/times-of-day.json' with { type: 'json' };
import units from '../words/units.json' with { type: 'json' };
import weekdays from '../words/weekdays.json' with { type: 'json' };
import { type Token, tokensOf } from './tokens.ts';

export type AbbreviationKind = keyof typeof abbreviations.kinds;
export type Period = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

/** What a phrase says. */
export type Meaning =
  | { readonly kind: 'time'; readonly time: DayTime; readonly sure: boolean; readonly stays: boolean }
  | { readonly kind: 'unit'; readonly unit: string; readonly counts: boolean }
  | { readonly kind: 'number'; readonly value: string }
  | { readonly kind: 'daily' }
  /** `twice`; with "a day" behind it, or within an abbreviation such as b.d., how often a day. */
  | { readonly kind: 'count'; readonly count: number; readonly aDay: boolean }
  | { readonly kind: 'times' }
  | { readonly kind: 'harmless'; readonly meal: boolean }
  | { readonly kind: 'mealtime'; readonly time: DayTime }
  | { readonly kind: 'period'; readonly period: Period }
  /** A time before or after a meal. */
  | { readonly kind: 'span' }
  | { readonly kind: 'longTerm' }
  /** `everywhere`: also where the doctor writes freely; otherwise only beside a schedule. */
  | {
      readonly kind: 'notDaily';
      readonly everywhere: boolean;
      readonly isUntil: boolean;
      /** Says that the medicine is not taken now. */
      readonly isNotNow: boolean;
    }
  | { readonly kind: 'glue'; readonly time: boolean; readonly length: boolean }
  | { readonly kind: 'and' }
  | { readonly kind: 'or' }
  /** A time of the day that has no place in the plan. */
  | { readonly kind: 'noPlace' };

export interface Phrase {
  readonly meaning: Meaning;
  readonly abbreviation: AbbreviationKind | null;
  /** Only in capitals or with full stops. */
  readonly capsOnly: boolean;
  /** The token behind the phrase. */
  readonly end: number;
}
type Entry = Omit<Phrase, 'end'>;

interface Node {
  readonly next: Map<string, Node>;
  entry: Entry | null;
}

/** Stands in the lists for a number. */
const ANY_NUMBER = '#';
const root: Node = { next: new Map(), entry: null };
/** What is a unit only where a unit can stand: `IE`, `u`. */
const unitsOnly: Node = { next: new Map(), entry: null };

type Texts = Readonly<Record<string, string>>;

/** The phrases of a list: `before (the|) breakfast` stands for "before the breakfast" and "before breakfast". */
function phrasesOf(texts: Texts): string[] {
  return Object.values(texts).flatMap((text) => text.split(', ').flatMap(variants));
}

function variants(phrase: string): string[] {
  const [whole, choices] = /\(([^)]*)\)/.exec(phrase) ?? [];
  if (whole === undefined || choices === undefined) return [phrase];
  return choices.split('|').flatMap((choice) => variants(phrase.replace(whole, choice)));
}

/** Of two meanings of the same words the first stands: what says "not every day" is added first. */
function add(phrases: readonly string[], meaning: Meaning, options: Partial<Entry> = {}, to = root): void {
  for (const phrase of phrases) {
    let node = to;
    for (const token of tokensOf(phrase)) {
      const key = token.plain;
      const next = node.next.get(key) ?? { next: new Map<string, Node>(), entry: null };
      node.next.set(key, next);
      node = next;
    }
    node.entry ??= { meaning, abbreviation: null, capsOnly: false, ...options };
  }
}

function meaningOf(text: string): Meaning {
  const [kind = '', what = ''] = text.split(' ');
  if (kind === 'count') return { kind: 'count', count: Number(what), aDay: true };
  if (kind === 'unit') return { kind: 'unit', unit: what, counts: what !== 'mcg' };
  if (kind === 'notDaily') return { kind: 'notDaily', everywhere: true, isUntil: false, isNotNow: false };
  if (kind === 'bedtime') return { kind: 'time', time: 'night', sure: true, stays: true };
  const time = DAY_TIMES.find((each) => each === kind);
  return time === undefined
    ? { kind: 'harmless', meal: kind === 'meal' }
    : { kind: 'time', time, sure: true, stays: true };
}

function addAbbreviations(): void {
  for (const kind of Object.keys(abbreviations.kinds).filter(isAbbreviation)) {
    const entry: Texts = abbreviations.kinds[kind];
    const meaning = meaningOf(entry['means'] ?? '');
    const forms = (name: string): string[] => phrasesOf({ all: entry[name] ?? '' }).filter((form) => form !== '');
    add(forms('forms'), meaning, { abbreviation: kind });
    add(forms('capsForms'), meaning, { abbreviation: kind, capsOnly: true });
    add(forms('unitForms'), meaning, { abbreviation: kind }, unitsOnly);
  }
}

function isAbbreviation(kind: string): kind is AbbreviationKind {
  return kind in abbreviations.kinds;
}

function addNotDaily(): void {
  const everywhere = { kind: 'notDaily', everywhere: true, isUntil: false } as const;
  for (const [group, texts] of Object.entries(notDaily.always)) {
    add(phrasesOf(texts), { ...everywhere, isNotNow: group === 'notNow' });
  }
  add(phrasesOf(weekdays.full), { ...everywhere, isNotNow: false });
}

function addNotDailyBesideTimes(): void {
  for (const [group, texts] of Object.entries(notDaily.besideTimes)) {
    add(phrasesOf(texts), { kind: 'notDaily', everywhere: false, isUntil: group === 'until', isNotNow: false });
  }
}

function addTimes(): void {
  for (const time of DAY_TIMES) {
    add(phrasesOf(timesOfDay[time]), { kind: 'time', time, sure: true, stays: false });
  }
  add(phrasesOf(timesOfDay.bedtime), { kind: 'time', time: 'night', sure: true, stays: true });
  add(phrasesOf(timesOfDay.tomorrowToo), { kind: 'time', time: 'morning', sure: false, stays: false });
  add(phrasesOf(timesOfDay.noPlace), { kind: 'noPlace' });
}

function addAmounts(): void {
  for (const [unit, texts] of Object.entries(units.count)) add(phrasesOf(texts), { kind: 'unit', unit, counts: true });
  for (const [unit, texts] of Object.entries(units.measure)) {
    add(phrasesOf(texts), { kind: 'unit', unit, counts: false });
  }
  for (const [value, texts] of Object.entries(numbers)) {
    if (typeof texts !== 'string') add(phrasesOf(texts), { kind: 'number', value });
  }
}

function addDailyAndLengths(): void {
  add(phrasesOf(daily.daily), { kind: 'daily' });
  for (const [count, texts] of Object.entries(daily.count)) {
    add(phrasesOf(texts), { kind: 'count', count: Number(count), aDay: false });
  }
  add(phrasesOf(daily.times), { kind: 'times' });
  for (const period of ['minute', 'hour', 'day', 'week', 'month', 'year'] as const) {
    add(phrasesOf(lengths[period]), { kind: 'period', period });
  }
  add(phrasesOf(lengths.halfHour), { kind: 'span' });
  add(phrasesOf(lengths.longTerm), { kind: 'longTerm' });
}

function addMealsAndHarmless(): void {
  for (const time of ['morning', 'noon', 'evening'] as const) add(phrasesOf(meals[time]), { kind: 'mealtime', time });
  add(phrasesOf(meals.anyMeal), { kind: 'harmless', meal: true });
  for (const texts of Object.values(harmless)) {
    if (typeof texts !== 'string') add(phrasesOf(texts), { kind: 'harmless', meal: false });
  }
}

function addJoiningWords(): void {
  const forTimes = new Set(phrasesOf(joining.beforeTime));
  const forLengths = new Set(phrasesOf(joining.beforeLength));
  add(phrasesOf(joining.and), { kind: 'and' });
  add(phrasesOf(joining.or), { kind: 'or' });
  for (const word of new Set([...forTimes, ...forLengths])) {
    add([word], { kind: 'glue', time: forTimes.has(word), length: forLengths.has(word) });
  }
}

addNotDaily();
addTimes();
addAmounts();
addDailyAndLengths();
addMealsAndHarmless();
addJoiningWords();
addAbbreviations();
addNotDailyBesideTimes();

/** The longest phrase of known words that begins at `at`, or null. */
export function phraseAt(tokens: readonly Token[], at: number): Phrase | null {
  return longest(root, tokens, at);
}

/** The unit at `at`, also one that is a unit only where a unit can stand, or null. */
export function unitAt(tokens: readonly Token[], at: number): Phrase | null {
  const phrase = longest(unitsOnly, tokens, at) ?? longest(root, tokens, at);
  return phrase?.meaning.kind === 'unit' ? phrase : null;
}

function longest(from: Node, tokens: readonly Token[], at: number): Phrase | null {
  let best: Phrase | null = null;
  let node = from;
  for (let place = at; place < tokens.length; place += 1) {
    const token = tokens[place];
    const next = token && nextNode(node, token);
    if (next === undefined) {
      // "jeden 2. Tag", "b. Bed.": a full stop within a phrase says nothing.
      if (token?.text === '.' && place > at) continue;
      break;
    }
    node = next;
    if (node.entry !== null) best = { ...node.entry, end: place + 1 };
  }
  return best;
}

function nextNode(node: Node, token: Token): Node | undefined {
  const exact = node.next.get(token.plain);
  if (exact !== undefined) return exact;
  const isNumber = token.kind === 'number' || root.next.get(token.plain)?.entry?.meaning.kind === 'number';
  return isNumber ? node.next.get(ANY_NUMBER) : undefined;
}

const shortWeekdays = new Set(phrasesOf(weekdays.short).flatMap((day) => tokensOf(day).map(({ plain }) => plain)));

/** Whether a word may be a weekday's short name, such as "Mo": only beside another one it surely is. */
export function maybeWeekday(token: Token | undefined): boolean {
  return token !== undefined && shortWeekdays.has(token.plain);
}
