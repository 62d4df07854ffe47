/** How hard an English text is to read, by the formula of Flesch and Kincaid. */

export interface ReadingLevel {
  /** School years in the United States that the text asks for. */
  grade: number;
  /** The sentence with the most words. */
  longest: { words: number; sentence: string };
}

/** Looks at the texts' sentences; a text without a full stop, as on a button, is one as well. */
export function readingLevel(texts: readonly string[]): ReadingLevel {
  const sentences = texts.flatMap((text) => text.split(/(?<=[.?!…])\s+/u)).filter((text) => wordsOf(text).length > 0);
  const words = sentences.flatMap(wordsOf);
  const syllables = words.reduce((sum, word) => sum + syllablesOf(word), 0);
  const counted = sentences.map((sentence) => ({ words: wordsOf(sentence).length, sentence }));
  const longest = counted.reduce((most, one) => (one.words > most.words ? one : most), { words: 0, sentence: '' });
  const grade = 0.39 * (words.length / sentences.length) + 11.8 * (syllables / words.length) - 15.59;
  return { grade, longest };
}

function wordsOf(sentence: string): string[] {
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
