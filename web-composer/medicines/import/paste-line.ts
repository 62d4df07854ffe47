/** One line of text about one medicine, such as "Ibuprofen 400 mg 1-0-1 5 days after meals", as cells. */

import { type Cells, EMPTY_CELLS, join } from '../fields.ts';
import { BARE_CHAIN, isUnit, readAmount, readChain } from '../reading/dose-amounts.ts';
import { readWhen } from '../reading/dose-schedule.ts';

const BULLET = /^\s*(?:[-–—•·*▪◦‣]|\p{Nd}{1,2}[.)])\s+/u;
const EDGES = /^[\s,;:–—-]+|[\s,;:–—-]+$/gu;

const DECIMAL = String.raw`\p{Nd}{1,6}(?:[.,]\p{Nd}{1,3})*`;
const MASS = String.raw`(?:mg|g|kg|µg|μg|ug|mcg|ng|ml|l|%|mmol|mval|meq|iu|ie|i\.e\.|ui|u\.i\.|u|units|мг|мкг|г|мл|мо|ملغ|ملجم|مجم|مغ|غ|مل)`;
const STRENGTH = new RegExp(
  `(?<![\\p{L}\\p{N}.,/-])${DECIMAL}(?: ?${MASS})?(?: ?[/+] ?${DECIMAL}(?: ?${MASS})?)* ?${MASS}(?: ?/ ?(?:${DECIMAL} ?)?(?:ml|l|g|h|day|dose|tag|мл|مل))?(?![\\p{L}\\p{N}])`,
  'giu',
);

const DAYS =
  'days?|weeks?|months?|d|giorn[oi]|gg|settiman[ae]|mes[ei]|tage?n?|wochen?|monate?n?|jours?|j|semaines?|mois|días?|semanas?|mes(?:es)?|dias?|mês|أيام|ايام|يوم|يوما|أسبوع|أسابيع|شهر|أشهر|день|дні|днів|тиждень|тижні|тижнів|місяць|місяці|місяців';
const FOR = 'for|per|für|über|pendant|durant|durante|por|x|لمدة|протягом|упродовж|на';
const DURATION = new RegExp(
  `(?<![\\p{L}\\p{N}/.-])(?:(?:${FOR}) )?\\p{Nd}{1,3}(?: ?[-–] ?\\p{Nd}{1,3})? (?:${DAYS})(?![\\p{L}\\p{N}])`,
  'giu',
);
/** Before a number of days these make an interval of it, not a length: "every 2 days". */
const EVERY = /(?:every|each|alle|jede[nr]?|ogni|tous les|toutes les|chaque|cada|a cada|كل|кожн[іу]|що)\s*$/iu;

const NAME_WORDS_MAX = 7;

/**
 * Splits a line where it is clear what is what; otherwise the whole line is the medicine's name. No word is lost or
 * changed, only marks at the edges of the parts.
 */
export function readLine(line: string): Cells {
  const text = line.replace(BULLET, '').trim();
  return split(text) ?? { ...EMPTY_CELLS, name: text };
}

function split(text: string): Cells | null {
  if (text.length > 300) return null;
  const chains = [...text.matchAll(BARE_CHAIN)].filter(([found]) => readChain(found) !== null);
  const [chain] = chains;
  if (chains.length > 1) return null;
  const head = chain === undefined ? text : text.slice(0, chain.index);
  const tail = chain === undefined ? '' : text.slice(chain.index + chain[0].length);
  const strengths = [...head.matchAll(STRENGTH)];
  const [strength] = strengths;
  if (strengths.length > 1 || [...tail.matchAll(STRENGTH)].length > 0) return null;
  if (strength === undefined && chain === undefined) return null;

  const name = trim(strength === undefined ? head : head.slice(0, strength.index));
  if (!/^\p{L}/u.test(name) || name.split(/\s+/).length > NAME_WORDS_MAX || /[.!?]\s/.test(name)) return null;
  const middle = strength === undefined ? '' : trim(head.slice(strength.index + strength[0].length));
  const cells = { ...EMPTY_CELLS, name, strength: strength?.[0].trim() ?? '' };
  return chain === undefined ? withoutChain(cells, middle) : withChain(cells, middle, chain[0].trim(), tail);
}

function withChain(cells: Cells, middle: string, chain: string, tail: string): Cells | null {
  const { duration, others } = takeDuration(tail);
  if (/\p{N}/u.test(others)) return null;
  const [first = '', ...more] = others.split(/\s+/);
  const unit = isUnit(first) ? first : '';
  const remarks = unit === '' ? others : more.join(' ');
  const isDose = middle === '' || readAmount(middle) !== null || isUnit(middle);
  return {
    ...cells,
    dose: isDose ? middle : '',
    when: join([chain, unit], ' '),
    duration,
    remarks: join([isDose ? '' : middle, trim(remarks)], ', '),
  };
}

function withoutChain(cells: Cells, middle: string): Cells | null {
  const { duration, others } = takeDuration(middle);
  if (others !== '' && readAmount(others) !== null) return { ...cells, dose: others, duration };
  const when = readWhen(others);
  if (when.times.length === 0 && duration !== '' && /\p{N}/u.test(others)) return { ...cells, when: middle };
  return { ...cells, when: others, duration };
}

/** The length of the treatment, when the text says exactly one. */
function takeDuration(text: string): { duration: string; others: string } {
  const all = [...text.matchAll(DURATION)].filter(({ index }) => !EVERY.test(text.slice(0, index)));
  const [found] = all;
  if (found === undefined || all.length > 1) return { duration: '', others: trim(text) };
  const before = trim(text.slice(0, found.index));
  const after = trim(text.slice(found.index + found[0].length));
  return { duration: found[0].trim(), others: join([before, after], before === '' || after === '' ? '' : ', ') };
}

function trim(text: string): string {
  return text.replace(EDGES, '');
}
