import { expect, it } from 'vitest';
import { readLanguages, stringsOf } from '../../web-build/languages.ts';
import { readingLevel } from '../support/reading-level.ts';

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
