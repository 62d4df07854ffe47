import type { PinPrompt } from './state.ts';
import { readPin } from './typed-pin.ts';

/** The PIN that the patient types, until it is right. */
export class PinEntry {
  #pin: string | null = null;
  #prompt: PinPrompt = { problem: null, triesLeft: null };

  /** A PIN that is being checked, in plain digits; null while there is none. */
  get pin(): string | null {
    return this.#pin;
  }

  /** What to say about the last try. */
  get prompt(): PinPrompt {
    return this.#prompt;
  }

  /** False when what was typed cannot be a PIN: then nothing is sent. */
  take(typed: string): boolean {
    this.#pin = readPin(typed);
    if (this.#pin === null) this.#prompt = { ...this.#prompt, problem: 'missing' };
    return this.#pin !== null;
  }

  wrong(triesLeft: number): void {
    this.#pin = null;
    this.#prompt = { problem: 'wrong', triesLeft };
  }

  /** Forgets what was typed: it was right, or nobody here knows whether it was counted. */
  drop(): void {
    this.#pin = null;
  }
}
