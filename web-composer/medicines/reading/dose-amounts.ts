/** Amounts as doctors write them: a number, or a number with a unit. They are kept as written and never computed with. */

const NUMBER = String.raw`(?:\p{Nd}{1,4}(?:[.,]\p{Nd}{1,3})?(?: ?[½¼¾⅓⅔]| \p{Nd}\/\p{Nd}{1,2})?|\p{Nd}{1,2}\/\p{Nd}{1,2}|[½¼¾⅓⅔])`;
const UNIT = String.raw`(?:[\p{L}µ%{(][\p{L}\p{M}µ%.()}’']{0,24})`;
const AMOUNT = `${NUMBER}(?: ?[x×])?(?: ?${UNIT}(?: ${UNIT})?)?`;

const NUMBER_ONLY = new RegExp(`^${NUMBER}$`, 'u');
const WITH_UNIT = new RegExp(`^(${NUMBER})(?: ?[x×])?(?: ?(${UNIT}(?: ${UNIT})?))?$`, 'u');
const DASH = ' ?[-‐‑‒–—] ?';

/** Three or four amounts in a chain, and only that: morning, noon, evening and night. */
const CHAIN = new RegExp(`^(${AMOUNT})${DASH}(${AMOUNT})${DASH}(${AMOUNT})(?:${DASH}(${AMOUNT}))?$`, 'u');
/** Units of what is taken, which may stand once after a chain: `1-0-1 tablets`. */
const UNITS = new Set(
  (
    'tablet tablets tab tabs tbl tabl capsule capsules cap caps drop drops gtt puff puffs spray sprays ml mg g mcg µg unit units iu u sachet sachets patch patches ' +
    'compressa compresse cpr cp capsula cps goccia gocce bustina bustine spruzzo spruzzi puff ui fiala fiale cucchiaio cucchiai cucchiaino cucchiaini ' +
    'tablette tabletten kapsel kapseln tropfen trpf stück stk hub hübe sprühstoß sprühstöße ie i.e. beutel pflaster ' +
    'comprimé comprimés cpr. gélule gélules goutte gouttes sachets bouffée bouffées ' +
    'comprimido comprimidos cápsula cápsulas gota gotas sobre sobres inhalación inhalaciones saqueta saquetas jato jatos ' +
    'حبة حبات قرص أقراص كبسولة كبسولات قطرة قطرات مل ملغ بخة بخات ' +
    'таблетка таблетки таблеток табл капсула капсули капсул крапля краплі крапель мл мг вдих вдихи вдихів'
  )
    .split(/\s+/)
    .map((unit) => unit.replace(/\.$/, '')),
);

/** Whether a text is nothing but a number, such as `1`, `½`, `1/2` or `0,5`. */
function isNumber(text: string): boolean {
  return NUMBER_ONLY.test(text);
}

export function isUnit(text: string): boolean {
  return UNITS.has(text.toLowerCase().replace(/\.$/, ''));
}

/** A number with or without a known unit; null for anything else. A `×` after the number is left out. */
export function readAmount(text: string): string | null {
  const [, number, unit] = WITH_UNIT.exec(text) ?? [];
  if (number === undefined || hasIdleZeros(number)) return null;
  if (unit === undefined) return number;
  return isUnit(unit) ? text.replace(/ ?[x×](?= |$)/, '') : null;
}

function isNone(amount: string): boolean {
  return /^[0٠۰०](?:[.,][0٠۰०])?(?![\p{N}.,/½¼¾⅓⅔])/u.test(amount);
}

/**
 * The three or four amounts of a chain such as `1-0-½` or `10 drops-0-10 drops-0`, with '' for none; null when it is
 * not one: a date, a range, a telephone number.
 */
export function readChain(text: string): string[] | null {
  const found = CHAIN.exec(text.replace(/\s+/g, ' ').trim());
  if (found === null) return null;
  const parts = found.slice(1).filter((part): part is string => part !== undefined);
  const amounts = parts.map((part) => readAmount(part.trim()));
  if (!amounts.every((amount) => amount !== null)) return null;
  // Dates have no zero in them, and amounts above nine are told apart from a date by one.
  const large = amounts.some((amount) => /^\p{Nd}{2}/u.test(amount) && isNumber(amount));
  if (large && !amounts.some(isNone)) return null;
  if (amounts.every(isNone)) return null;
  const unit = unitForAll(amounts);
  return amounts.map((amount) => (isNone(amount) ? '' : isNumber(amount) ? `${amount}${unit}` : amount));
}

/** A unit after the last amount alone is meant for all of them: `1-0-1 tablets`. */
function unitForAll(amounts: readonly string[]): string {
  const last = amounts.at(-1) ?? '';
  if (isNumber(last) || !amounts.slice(0, -1).every(isNumber)) return '';
  const unit = WITH_UNIT.exec(last)?.[2] ?? '';
  return unit === '' ? '' : ` ${unit}`;
}

function hasIdleZeros(number: string): boolean {
  return /^0\p{Nd}/u.test(number) || /^\p{Nd}{4}/u.test(number);
}
