/** Whether a text can name a medicine, or is made of the words of schedules alone. */
import { maybeWeekday, phraseAt, unitAt } from '../reading/grammar/phrases.ts';
import { tokensOf } from '../reading/grammar/tokens.ts';

/** Whether there are only numbers, marks and words that GLIR knows, so that none of them is a medicine. */
export function isUnderstood(text: string): boolean {
  const tokens = tokensOf(text);
  let at = 0;
  while (at < tokens.length) {
    const end = Math.max(phraseAt(tokens, at)?.end ?? 0, unitAt(tokens, at)?.end ?? 0);
    if (end === 0 && tokens[at]?.kind === 'word' && !maybeWeekday(tokens[at])) return false;
    at = Math.max(end, at + 1);
  }
  return tokens.some(({ kind }) => kind === 'word' || kind === 'number');
}
