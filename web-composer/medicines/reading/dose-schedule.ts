/** Reads what a doctor writes under "When" into amounts for the day, and says back what the patient will see. */
import { AMOUNT_UNSAID, DAY_TIMES, type DayTime, type Medicine } from '../../../src/protocol/note.ts';
import type { ComposerStrings } from '../../ui/strings.ts';
import { amountWith, NO_PLAN, type Plan, takenAt } from '../fields.ts';
import { AND, plainWord, timeNamed } from './day-time-words.ts';
import { isUnit, readAmount, readChain } from './dose-amounts.ts';

/** Amounts for the times (`''` at a time of `times` when no amount is given), and the words that are left. */
export interface When {
  readonly times: readonly DayTime[];
  readonly amounts: Plan;
  /** The doctor's words that are not in `amounts`, as written. */
  readonly rest: string;
}

const ARABIC_AND = 'و';
const LEADING_CHAIN = /^([\p{Nd}½¼¾⅓⅔][\p{Nd}½¼¾⅓⅔.,/ ]*(?:[-‐‑‒–—][\p{Nd}½¼¾⅓⅔.,/ ]+){2,3})(.*)$/u;

/**
 * Reads `1-0-1-0`, `½-0-½`, `10 drops-0-10 drops-0`, `morning, evening`, `1 in the morning, 2 at night`, with words after
 * a chain that hold no further number. Whatever is not wholly understood stays in `rest` word for word: no dose is guessed.
 */
export function readWhen(text: string): When {
  const trimmed = text.trim();
  const unread: When = { times: [], amounts: NO_PLAN, rest: trimmed };
  if (trimmed === '' || trimmed.length > 300) return unread;
  return fromChain(trimmed, '') ?? fromChainAndWords(trimmed) ?? fromNames(trimmed) ?? unread;
}

function fromChain(text: string, rest: string): When | null {
  const chain = readChain(text);
  if (chain === null) return null;
  const amounts = { ...NO_PLAN };
  chain.forEach((amount, place) => {
    const time = DAY_TIMES[place];
    if (time !== undefined) amounts[time] = amount;
  });
  return { times: takenAt(amounts), amounts, rest };
}

function fromChainAndWords(text: string): When | null {
  const [, chain, after] = LEADING_CHAIN.exec(text) ?? [];
  if (chain === undefined || after === undefined) return null;
  const rest = after.replace(/^[\s,;:.]+/, '');
  if (rest === '' || /[\p{N}]/u.test(rest)) return null;
  if (rest.split(/[^\p{L}\p{M}]+/u).some((word) => word !== '' && timeNamed(word) !== null)) return null;
  const read = fromChain(chain, rest);
  if (read === null) return null;
  const [unit = '', ...others] = rest.split(/[\s,;]+/);
  if (!isUnit(unit)) return read;
  const amounts = { ...NO_PLAN };
  for (const time of read.times) amounts[time] = `${read.amounts[time]} ${unit}`;
  return { ...read, amounts, rest: others.length === 0 ? '' : rest.slice(unit.length).replace(/^[\s,;]+/, '') };
}

function fromNames(text: string): When | null {
  const amounts = { ...NO_PLAN };
  const times = new Set<DayTime>();
  let certain = false;
  const parts = text.split(/\s*[,;+\n،]\s*|\s+(?:-|–|—)\s+/u).flatMap(splitAtAnd);
  for (const part of parts) {
    const read = fromName(part);
    if (read === null || times.has(read.time)) return null;
    times.add(read.time);
    amounts[read.time] = read.amount;
    certain ||= read.sure || read.amount !== '';
  }
  if (times.size === 0 || (!certain && times.size < 2)) return null;
  return { times: DAY_TIMES.filter((time) => times.has(time)), amounts, rest: '' };
}

function splitAtAnd(part: string): string[] {
  const pieces: string[][] = [[]];
  for (const word of part.split(/\s+/)) {
    // The Arabic "and" is written together with the word after it.
    const joined = word.startsWith(ARABIC_AND) && timeNamed(word.slice(1)) !== null;
    // In a list it may stand behind a comma as well, with nothing between the two.
    if (joined && pieces.length === 1 && pieces[0]?.length === 0) pieces[0].push(word.slice(1));
    else if (joined) pieces.push([word.slice(1)]);
    else if (AND.includes(word.toLowerCase())) pieces.push([]);
    else pieces.at(-1)?.push(word);
  }
  return pieces.map((words) => words.join(' '));
}

/** `morning`, `1 in the morning`, `1 tablet morgens`, `evening: 2`. */
function fromName(part: string): { time: DayTime; sure: boolean; amount: string } | null {
  const words = part.replaceAll(':', ' ').split(/\s+/).filter(Boolean);
  for (let at = 0; at <= Math.min(3, words.length - 1); at += 1) {
    const amount = at === 0 ? '' : readAmount(words.slice(0, at).join(' '));
    const named = timeNamed(words.slice(at).join(' '));
    if (named !== null && isTaken(amount)) return { ...named, amount };
  }
  for (let at = 1; at < words.length; at += 1) {
    const amount = readAmount(words.slice(at).join(' '));
    const named = timeNamed(words.slice(0, at).join(' '));
    if (named !== null && amount !== '' && isTaken(amount)) return { ...named, amount };
  }
  return null;
}

function isTaken(amount: string | null): amount is string {
  return amount !== null && plainWord(amount) !== '0';
}

/** The plan and the words of a medicine whose columns "When" and "Dose" hold these texts. */
export function planFrom(when: When, dose: string): Pick<Medicine, 'plan' | 'when'> {
  const plan = { ...NO_PLAN };
  for (const time of when.times) plan[time] = amountWith(when.amounts[time], dose.trim());
  return { plan, when: when.rest };
}

/** The text for the column "When" of a medicine that came from elsewhere, short where a chain can say it. */
export function writeWhen({ plan, when, dose }: Medicine, strings: ComposerStrings): string {
  const taken = takenAt(plan);
  if (taken.length === 0) return when;
  const amounts = DAY_TIMES.map((time) => (plan[time] === '' ? '0' : plan[time]));
  const chain = amounts.join('-');
  const read = readWhen(chain);
  const short = DAY_TIMES.every((time) => amountWith(read.amounts[time], dose) === plan[time] || plan[time] === '');
  const text = read.times.length === taken.length && short ? chain : sayPlan(plan, strings);
  return when === '' ? text : `${text} ${when}`;
}

/** `Morning 1, Evening 1`: the plan in words. */
export function sayPlan(plan: Plan, strings: ComposerStrings): string {
  const phrases = takenAt(plan).map((time) => {
    const amount = plan[time] === AMOUNT_UNSAID ? '' : plan[time];
    return `${strings.t(`medicines.${time}`)} ${amount}`.trim();
  });
  return strings.list(phrases);
}
