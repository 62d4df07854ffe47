import { expect, it } from 'vitest';
import { readLanguages, stringsOf } from '../../web-build/languages.ts';

/** How hard an English text is to read, by the formula of Flesch and Kincaid. */

interface ReadingLevel {
  /** School years in the United States that the text asks for. */
  grade: number;
  /** The sentence with the most words. */
  longest: { words: number; sentence: string };
}

/** Looks at the texts' sentences; a text without a full stop, as on a button, is one as well. */
function readingLevel(texts: readonly string[]): ReadingLevel {
  const sentences = texts.flatMap((text) => text.split(/(?<=[.?!…])\s+/u)).filter((text) => wordsIn(text).length > 0);
  const words = sentences.flatMap(wordsIn);
  const syllables = words.reduce((sum, word) => sum + syllablesOf(word), 0);
  const counted = sentences.map((sentence) => ({ words: wordsIn(sentence).length, sentence }));
  const longest = counted.reduce((most, one) => (one.words > most.words ? one : most), { words: 0, sentence: '' });
  const grade = 0.39 * (words.length / sentences.length) + 11.8 * (syllables / words.length) - 15.59;
  return { grade, longest };
}

function wordsIn(sentence: string): string[] {
  return sentence.match(/[\p{L}\p{N}][\p{L}\p{N}'’:]*/gu) ?? [];
}

/** Groups of vowels, without those that are written and not spoken; a number counts as one. */
function syllablesOf(word: string): number {
  const spoken = word
    .toLowerCase()
    .replace(/['’:].*$/, '')
    .replace(/(?<=[aeiouy].*[^aeiouyl])e$|(?<=[aeiouy].*[^aeioutdy])e[sd]$|(?<=[aeiou]l)e$/, '');
  return Math.max(1, spoken.match(/[aeiouy]+/g)?.length ?? 0);
}

/** What a page puts in place of a `{placeholder}`. */
const SAMPLES: Readonly<Record<string, string>> = {
  name: 'Dr Rossi',
  time: '15:40',
  duration: '20 minutes',
  count: '3',
  number: '2',
};

async function patientsSentences(): Promise<string[]> {
  const english = (await readLanguages()).find(({ code }) => code === 'en');
  if (english === undefined) throw new Error('There is no English.');
  const templates = Object.values(stringsOf(english, 'receiver')).flatMap((sentence) =>
    typeof sentence === 'string' ? [sentence] : Object.values(sentence),
  );
  return templates.map((template) => template.replace(/\{(\w+)\}/g, (_all, name: string) => SAMPLES[name] ?? 'it'));
}

it('knows easy English from hard English', () => {
  expect(readingLevel(['The doctor closed the page. Call us.']).grade).toBeLessThan(3);
  expect(readingLevel(['The administrator unilaterally terminated your authenticated session.']).grade).toBeGreaterThan(
    15,
  );
  expect(readingLevel(['One two three.', 'One two. One two three four']).longest).toEqual({
    words: 4,
    sentence: 'One two three four',
  });
});

it('patients read English of the sixth grade at most, in sentences of 15 words at most', async () => {
  // Whole sentences alone: the words on buttons would make the text look easier than it is.
  const sentences = (await patientsSentences()).filter((text) => /[.?!]$/.test(text));
  const { grade, longest } = readingLevel(sentences);
  expect(grade).toBeLessThanOrEqual(6);
  expect(longest.words, longest.sentence).toBeLessThanOrEqual(15);
});
