/** Whether a medicine is taken now, as tables and headings say it in the eight languages of GLIR. */
import { plainWord } from '../reading/grammar/plain-word.ts';
import words from './words/status-words.json' with { type: 'json' };

export type Status = keyof (typeof words)['statuses'];

const statuses: ReadonlyMap<string, Status> = new Map(
  Object.entries(words.statuses).flatMap(([status, languages]) =>
    Object.values(languages)
      .flat()
      .map((phrase) => [plainWord(phrase), status as Status] as const),
  ),
);
const LONGEST = Math.max(...[...statuses.keys()].map((phrase) => phrase.split(' ').length));
const yes: ReadonlySet<string> = new Set(words.yes.map(plainWord));
const no: ReadonlySet<string> = new Set(words.no.map(plainWord));

/** The status that the whole text names; null for any other text. */
export function readStatus(text: string): Status | null {
  return statuses.get(plainWord(text.trim())) ?? null;
}

/** A status that is named somewhere in the text, one that says "not now" before any other. */
export function statusIn(text: string): Status | null {
  const all = plainWord(text)
    .split(/[^\p{L}\p{M}'’/-]+/u)
    .filter((word) => word !== '');
  let found: Status | null = null;
  for (let length = 1; length <= LONGEST; length += 1) {
    for (let at = 0; at + length <= all.length; at += 1) {
      const status = statuses.get(all.slice(at, at + length).join(' '));
      if (status !== undefined && (found === null || found === 'active')) found = status;
    }
  }
  return found;
}

export function saysYes(text: string): boolean {
  return yes.has(plainWord(text));
}

export function saysNo(text: string): boolean {
  return no.has(plainWord(text));
}
