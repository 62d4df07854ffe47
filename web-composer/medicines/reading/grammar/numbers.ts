/** Numbers as doctors write them: `1`, `0,5`, `½`, `1/2`, `1½`, `٢`. They are compared, and never computed with. */
import { DIGIT, VULGAR } from './tokens.ts';

const WRITTEN = new RegExp(
  `^(?:${DIGIT}{1,6}(?:[.,٫]${DIGIT}{1,3})?${VULGAR}?|${VULGAR}|${DIGIT}{1,2}[/⁄]${DIGIT}{1,2}|[.,]${DIGIT}{1,3})$`,
  'u',
);
const FRACTION = new RegExp(`^(?:${VULGAR}|${DIGIT}{1,2}[/⁄]${DIGIT}{1,2})$`, 'u');

/** The digits of each of the scripts that are read. */
const SCRIPTS = ['０１２３４５６７８９', '٠١٢٣٤٥٦٧٨٩', '۰۱۲۳۴۵۶۷۸۹', '०१२३४५६७८९'];
const ASCII = new Map([
  ...SCRIPTS.flatMap((digits) => [...digits].map((digit, value): [string, string] => [digit, String(value)])),
  [',', '.'],
  ['٫', '.'],
  ['⁄', '/'],
]);

/** The same number in ASCII, with a point. */
function inAscii(number: string): string {
  return [...number].map((character) => ASCII.get(character) ?? character).join('');
}

/** Whether a text is a number that can be an amount: no date, no telephone number, no `000`. */
export function isAmountNumber(text: string): boolean {
  if (!WRITTEN.test(text)) return false;
  const ascii = inAscii(text);
  return !/^0\d/.test(ascii) && !/\/0/.test(ascii);
}

export function isFraction(text: string): boolean {
  return FRACTION.test(text);
}

/** Whether a text is digits alone, such as `12`. */
export function isWhole(text: string): boolean {
  return /^\d+$/.test(inAscii(text));
}

const PARTS_OF_VULGAR: Readonly<Record<string, number>> = {
  '¼': 1 / 4,
  '½': 1 / 2,
  '¾': 3 / 4,
  '⅓': 1 / 3,
  '⅔': 2 / 3,
  '⅛': 1 / 8,
  '⅜': 3 / 8,
  '⅝': 5 / 8,
  '⅞': 7 / 8,
  '⅕': 1 / 5,
};

/**
 * What two ways of writing the same number share: `½`, `1/2` and `0,5` are alike. A number that may have its thousands
 * set off (`1.000`) is like nothing but itself.
 */
export function valueOfNumber(number: string): string {
  const vulgar = Object.keys(PARTS_OF_VULGAR).find((sign) => number.endsWith(sign));
  if (vulgar !== undefined) return String(Number(inAscii(number.slice(0, -1))) + (PARTS_OF_VULGAR[vulgar] ?? 0));
  const ascii = inAscii(number);
  if (/^[1-9]\d*\.\d{3}$/.test(ascii)) return number;
  const [whole = '', below] = ascii.split('/');
  return String(below === undefined ? Number(whole) : Number(whole) / Number(below));
}
