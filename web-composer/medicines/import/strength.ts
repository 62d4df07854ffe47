/** Strengths such as `1,25 mg`, `100.000 IE`, `5 000 UI` or `500 mg/ml`, and lengths such as `for 7 days`, in a text. */
import { isUnit } from '../reading/dose-amounts.ts';

const DECIMAL = String.raw`\p{Nd}{1,7}(?:[.,]\p{Nd}{1,4})*`;
/** Thousands apart: a space or an apostrophe before exactly three digits. */
const GROUPED = String.raw`\p{Nd}{1,3}(?:[ \u00A0\u2009\u202F'’]\p{Nd}{3}(?!\p{Nd}))+(?:[.,]\p{Nd}{1,3})?`;
const NUMBER = `(?:${GROUPED}|${DECIMAL})`;
const MASS = String.raw`(?:mg|g|kg|µg|μg|ug|mcg|ng|ml|l|%|‰|mmol|mval|meq|mio\.? ?(?:ie|e|ui|iu)|iu|ie|i\.e\.|e|ui|u\.i\.|u|units|мг|мкг|г|мл|мо|од|ملغ|ملجم|مجم|مغ|غ|مل|ميكروغرام)`;
const PER = `(?: ?/ ?(?:${NUMBER} ?)?(?:ml|l|g|h|hour|day|dose|hub|tag|std|мл|год|доза|مل))?`;
const ONE = `(?:${NUMBER}(?: ?${MASS})? ?[/+] ?)*${NUMBER} ?${MASS}${PER}`;

const ANYWHERE = new RegExp(String.raw`(?<![\p{L}\p{N}.,/'’-])${ONE}(?![\p{L}\p{N}]| ?[-‐‑‒–—] ?\p{N})`, 'giu');
const WHOLE = new RegExp(`^${ONE}$`, 'iu');
/** "e" is a unit only as a capital; in Italian and Portuguese it says "and". */
const ENDS_IN_AND = /(?:\p{Nd}| )e$/u;
const MASS_ONLY = new RegExp(`^${MASS}(?:/(?:ml|l|h|мл))?$`, 'iu');

export interface Found {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Every strength of a text, in its order. */
export function strengthsIn(text: string): Found[] {
  return [...text.matchAll(ANYWHERE)]
    .filter(([found]) => !ENDS_IN_AND.test(found))
    .map((match) => ({ text: match[0], start: match.index, end: match.index + match[0].length }));
}

/** Whether a text is a strength and nothing else. */
export function isStrength(text: string): boolean {
  return text.length <= 60 && WHOLE.test(text);
}

/** Whether a text is only a unit, of a mass or of what is taken. */
export function isAnyUnit(text: string): boolean {
  return MASS_ONLY.test(text) || isUnit(text);
}

const DAYS =
  'days?|weeks?|months?|giorn[oi]|settiman[ae]|mes[ei]|tage?n?|wochen?|monate?n?|jours?|semaines?|mois|días?|semanas?|mes(?:es)?|dias?|mês|أيام|ايام|يوم|يوما|أسبوع|أسابيع|شهر|أشهر|день|дні|днів|тиждень|тижні|тижнів|місяць|місяці|місяців';
const FOR = 'for|per|für|über|pendant|durant|durante|por|لمدة|протягом|упродовж';
const LENGTH = new RegExp(String.raw`^(?:(?:${FOR}) )?\p{Nd}{1,3}(?: ?[-–] ?\p{Nd}{1,3})? (?:${DAYS})$`, 'iu');

/** Whether a text is the length of a treatment and nothing else: `7 days`, `für 2 Wochen`. */
export function isLength(text: string): boolean {
  return LENGTH.test(text);
}
