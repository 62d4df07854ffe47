import type { PinPrompt, ReceiverState, RoomFacts } from './state.ts';
import { readPin } from './typed-pin.ts';

/** The PIN that the patient types, until it is right. */
export class PinEntry {
  #pin: string | null = null;
  #isOver = false;
  #prompt: PinPrompt = { problem: null, triesLeft: null };

  /** A PIN that is being checked, in plain digits; null while there is none. */
  get pin(): string | null {
    return this.#pin;
  }

  /** Whether a PIN is asked for, and not known to be right yet. */
  isAskedIn({ admission }: RoomFacts): boolean {
    return admission === 'pin' && !this.#isOver;
  }

  /** The screen before the tap, with what there is to say about the last try. */
  closedIn(room: RoomFacts): ReceiverState {
    return { name: 'closed', room, opening: false, pin: this.isAskedIn(room) ? this.#prompt : null };
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

  /** Forgets what was typed: nobody here knows whether it was counted. */
  drop(): void {
    this.#pin = null;
  }

  /** It was right, or none was needed. */
  end(): void {
    this.#pin = null;
    this.#isOver = true;
  }

  /** This page knows nothing any more. */
  beginAnew(): void {
    this.#pin = null;
    this.#isOver = false;
  }
}
