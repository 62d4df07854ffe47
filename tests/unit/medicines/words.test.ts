import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLanguages } from '../../../web-build/languages.ts';
import { readWhen } from '../../../web-composer/medicines/reading/dose-schedule.ts';
import { read } from '../../../web-composer/medicines/reading/grammar/elements.ts';
import { phraseAt } from '../../../web-composer/medicines/reading/grammar/phrases.ts';
import { tokensOf } from '../../../web-composer/medicines/reading/grammar/tokens.ts';
import notDaily from '../../../web-composer/medicines/reading/words/not-daily.json' with { type: 'json' };
import weekdays from '../../../web-composer/medicines/reading/words/weekdays.json' with { type: 'json' };
import type { ComposerKey } from '../../../web-composer/ui/strings.ts';
import { createStrings } from '../../../web-shared/i18n/strings.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../web-composer/medicines/reading/words');
const LANGUAGES = ['en', 'de', 'fr', 'it', 'es', 'pt', 'ar', 'uk'];

/** What a list says, with a number for `#` and one of the words in brackets. */
function phrasesOf(text: string): string[] {
  return text.split(', ').map((phrase) => phrase.replace(/\(([^|)]*)[^)]*\)/g, '$1').replaceAll('#', '3'));
}

describe('the lists of words', () => {
  it.each(globSync('*.json', { cwd: FOLDER }))('%s says where its words come from', (file) => {
    const list: unknown = JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8'));
    expect(list).toHaveProperty('source', expect.stringMatching(/\p{L}{3}/u));
  });

  it.each(Object.entries(notDaily.always))(
    '%s has words in all languages, and each of them forbids a daily plan',
    (_, texts) => {
      expect(Object.keys(texts)).toEqual(expect.arrayContaining(LANGUAGES));
      for (const phrase of Object.values(texts).flatMap(phrasesOf)) {
        const { elements } = read(`1-0-1 ${phrase}`);
        expect(
          elements.some((element) => element.kind === 'notDaily' && element.everywhere),
          phrase,
        ).toBe(true);
      }
    },
  );

  it('know the weekdays of all languages', () => {
    for (const phrase of Object.values(weekdays.full).flatMap(phrasesOf)) {
      expect(phraseAt(tokensOf(phrase), 0)?.meaning.kind, phrase).toBe('notDaily');
    }
  });

  it('take two short names of weekdays for weekdays, and one for any word', () => {
    expect(read('x Mo-Fr').elements.map(({ kind }) => kind)).toEqual(['unknown', 'notDaily']);
    expect(read('x so, y').elements.map(({ kind }) => kind)).toEqual(['unknown', 'unknown', 'separator', 'separator']);
    expect(read('x so y').elements.map(({ kind }) => kind)).toEqual(['unknown', 'unknown', 'separator']);
  });

  it('know a time and a unit behind the Arabic "and", which is written together with them', () => {
    const { text, elements } = read('حبة صباحا وحبة مساء ومساء');
    expect(elements.map(({ kind, start, end }) => [kind, text.slice(start, end)])).toEqual([
      ['loneUnit', 'حبة'],
      ['time', 'صباحا'],
      ['separator', 'و'],
      ['loneUnit', 'حبة'],
      ['time', 'مساء'],
      ['separator', 'و'],
      ['time', 'مساء'],
    ]);
  });

  it('take the longest phrase: a meal in the morning is no time of the day', () => {
    expect(read('antes do café da manhã').elements.map(({ kind }) => kind)).toEqual(['mealtime']);
    expect(read('for external use only').elements.map(({ kind }) => kind)).toEqual(['harmless']);
    expect(read('meia-noite').elements.map(({ kind }) => kind)).toEqual(['noPlace']);
  });
});

describe.each((await readLanguages()).map((language) => [language.code, language] as const))(
  'what GLIR itself writes in %s',
  (code, language) => {
    const strings = createStrings<ComposerKey>(code, code, { ...language.shared, ...language.composer });

    it('for how often a day, for meals and for the times of the plan is understood', () => {
      for (const count of [1, 2, 3, 4]) {
        const said = strings.t('medicines.fhir.timesADay', { count });
        expect(read(said).elements, said).toMatchObject([{ kind: 'aDay', count }]);
      }
      const isMeal = (key: string): boolean => /^medicines\.at\.(?!AFT)/.test(key);
      for (const said of Object.keys(language.composer)
        .filter(isMeal)
        .map((key) => String(language.composer[key]))) {
        expect(read(said).elements.length, said).toBe(1);
        expect(['harmless', 'mealtime', 'time'], said).toContain(read(said).elements[0]?.kind);
      }
      for (const time of ['morning', 'noon', 'evening', 'night'] as const) {
        expect(read(strings.t(`medicines.${time}`)).elements).toMatchObject([{ kind: 'time', time }]);
      }
    });

    it('for when needed, intervals, weekdays and limits is never taken for a daily plan', () => {
      const said = [
        strings.t('medicines.fhir.asNeeded'),
        strings.t('medicines.fhir.every', { period: '3 d' }),
        strings.t('medicines.fhir.on', { days: '?' }),
        strings.t('medicines.fhir.until', { date: '2026-03-01' }),
        strings.t('medicines.fhir.from', { date: '2026-03-01' }),
        strings.t('medicines.fhir.atMost', { dose: '3' }),
        strings.t('medicines.at.AFT'),
      ];
      for (const words of said) expect(readWhen(`1-0-1 ${words}`).times, words).toEqual([]);
    });
  },
);
