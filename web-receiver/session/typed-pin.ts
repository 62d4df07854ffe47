import { pinSchema } from '../../src/protocol/sealed.ts';
import { westernDigits } from '../../web-shared/i18n/digits.ts';

/** What people put between groups of digits. */
const APART = /[\s\-.]/g;

/** A PIN as typed, in any script's digits and with gaps, as plain digits; null when it cannot be one. */
export function readPin(typed: string): string | null {
  const plain = westernDigits(typed).replace(APART, '');
  return pinSchema.safeParse(plain).success ? plain : null;
}
