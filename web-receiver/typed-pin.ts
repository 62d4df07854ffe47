import { pinSchema } from '../src/protocol/sealed.ts';

const DIGIT = /\p{Nd}/gu;
const APART = /[\s\-.]/g;

/** A PIN as typed, in any script's digits and with gaps, as plain digits; null when it cannot be one. */
export function readPin(typed: string): string | null {
  const plain = typed
    .normalize('NFKC')
    .replace(APART, '')
    .replace(DIGIT, (digit) => String(digitValue(digit)));
  return pinSchema.safeParse(plain).success ? plain : null;
}

/** Unicode keeps the ten digits of a script together and in order: the value is the way back to its zero. */
function digitValue(digit: string): number {
  let [value, code] = [0, (digit.codePointAt(0) ?? 0) - 1];
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code))) {
    value += 1;
    code -= 1;
  }
  return value;
}
