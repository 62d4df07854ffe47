import { LIMITS } from '../../src/protocol/constants.ts';
import { pinSchema } from '../../src/protocol/sealed.ts';

const PROPOSED_DIGITS = 6;
/** The largest multiple of ten in a byte: from there on remainders would not be equally likely. */
const UNBIASED_BELOW = 250;

/** Six random digits, each equally likely. */
export function proposePin(): string {
  const digits: number[] = [];
  while (digits.length < PROPOSED_DIGITS) {
    const bytes = crypto.getRandomValues(new Uint8Array(PROPOSED_DIGITS)).filter((byte) => byte < UNBIASED_BELOW);
    digits.push(...[...bytes].map((byte) => byte % 10));
  }
  return digits.slice(0, PROPOSED_DIGITS).join('');
}

/** Whether it can be a room's PIN: 4 to 12 digits. */
export function isPin(text: string): boolean {
  return pinSchema.safeParse(text).success;
}

export type Guess = 'right' | 'wrong' | 'locked';

/**
 * Checks PINs, and counts the wrong ones of all readers together for as long as the room lives. The same wrong PIN is
 * counted once: a patient who insists, and a scanner that fills the same number into every field, do not lock the note.
 */
export class PinGate {
  readonly pin: string;
  readonly #wrong = new Set<string>();

  constructor(pin: string) {
    this.pin = pin;
  }

  get triesLeft(): number {
    return LIMITS.pinTries - this.#wrong.size;
  }

  /** `locked` from the last allowed wrong PIN on, also for the right PIN. A guess is counted before anything else happens. */
  guess(pin: string): Guess {
    if (this.triesLeft === 0) return 'locked';
    if (pin === this.pin) return 'right';
    this.#wrong.add(pin);
    return this.triesLeft === 0 ? 'locked' : 'wrong';
  }
}
