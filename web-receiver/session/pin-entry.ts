import { pinSchema } from '../../src/protocol/sealed.ts';
import { westernDigits } from '../../web-shared/i18n/digits.ts';
import type { PinPrompt, ReceiverState, RoomFacts } from './state.ts';

const SEPARATORS = /[\s\-.]/g;

/** A PIN as typed, in any script's digits and with gaps, as plain digits; null when it cannot be one. */
export function readPin(typed: string): string | null {
  const plain = westernDigits(typed).replace(SEPARATORS, '');
  return pinSchema.safeParse(plain).success ? plain : null;
}

/** The PIN that the patient types, until it is right. */
export class PinEntry {
  #pin: string | null = null;
  #isDone = false;
  #prompt: PinPrompt = { problem: null, triesLeft: null };

  /** A PIN that is being checked, in plain digits; null while there is none. */
  get pin(): string | null {
    return this.#pin;
  }

  /** Whether the room wants a PIN that is not known to be right yet. */
  isNeededIn({ admission }: RoomFacts): boolean {
    return admission === 'pin' && !this.#isDone;
  }

  /** The screen before the tap, with what there is to say about the last try. */
  closedScreen(room: RoomFacts): ReceiverState {
    return { name: 'closed', room, opening: false, pin: this.isNeededIn(room) ? this.#prompt : null };
  }

  /** False when what was typed cannot be a PIN: then nothing is sent. */
  take(typed: string): boolean {
    this.#pin = readPin(typed);
    if (this.#pin === null) this.#prompt = { ...this.#prompt, problem: 'missing' };
    return this.#pin !== null;
  }

  onWrong(triesLeft: number): void {
    this.#pin = null;
    this.#prompt = { problem: 'wrong', triesLeft };
  }

  /** Forgets what was typed, when nobody here knows whether it was counted. */
  drop(): void {
    this.#pin = null;
  }

  /** It was right, or none was needed. */
  finish(): void {
    this.#pin = null;
    this.#isDone = true;
  }

  reset(): void {
    this.#pin = null;
    this.#isDone = false;
  }
}
