/** Times of the day as doctors name them. */
import type { DayTime } from '../../../src/protocol/note.ts';
import { read } from './grammar/elements.ts';

export { plainWord } from './grammar/plain-word.ts';

/** A time of the day that a few words name, or null. `sure` is false for a name that may also mean "tomorrow". */
export function timeNamed(text: string): { time: DayTime; sure: boolean } | null {
  const [first, second] = read(text).elements;
  return first?.kind === 'time' && second === undefined ? { time: first.time, sure: first.sure } : null;
}
