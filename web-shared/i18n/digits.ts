/** Digits as people type them: in the script of their keyboard, with gaps between groups. */

const DIGIT = /\p{Nd}/gu;

/** A text with the digits of every script written as 0 to 9; the rest of it stays. */
export function westernDigits(typed: string): string {
  // Unicode has five sets of digits for formulas side by side; their compatibility form is 0 to 9 already.
  return typed.normalize('NFKC').replace(DIGIT, (digit) => String(valueOfDigit(digit)));
}

/** The digits of a text, whatever their script, as 0 to 9; everything else is left out. */
export function plainDigits(typed: string): string {
  return westernDigits(typed).replace(/\D/g, '');
}

/** Unicode keeps the ten digits of a script together and in order, so the digits before one in its script are its value. */
function valueOfDigit(digit: string): number {
  const code = digit.codePointAt(0) ?? 0;
  let zero = code;
  while (code - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
  return code - zero;
}
