import { describe, expect, it } from 'vitest';
import english from '../../../languages/en.json' with { type: 'json' };
import { AMOUNT_UNSAID, type Medicine } from '../../../src/protocol/note.ts';
import { EMPTY_CELLS, NO_PLAN } from '../../../web-composer/medicines/fields.ts';
import { writeWhen } from '../../../web-composer/medicines/reading/dose-schedule.ts';
import { readRow } from '../../../web-composer/medicines/reading/read-row.ts';
import type { ComposerKey } from '../../../web-composer/ui/strings.ts';
import { createStrings } from '../../../web-shared/i18n/strings.ts';
import { cpuTimeOf } from '../../support/server/cpu-time.ts';

const words = createStrings<ComposerKey>('en', 'en', { ...english.shared, ...english.composer });

/** What the patient gets of a row with these texts. */
function medicineOf(when: string, dose = ''): Pick<Medicine, 'plan' | 'when'> {
  return (
    readRow({ ...EMPTY_CELLS, name: 'Ramipril', when, dose }, null, words)?.medicine ?? { plan: NO_PLAN, when: '' }
  );
}

/** The amounts from morning to night, with `-` where nothing is taken, then the words that are left. */
function read(text: string, dose = ''): string {
  const { plan, when } = medicineOf(text, dose);
  const amounts = [plan.morning, plan.noon, plan.evening, plan.night].map((amount) => amount || '-').join('|');
  return when === '' ? amounts : `${amounts} + ${when}`;
}

describe('what a doctor writes under "When"', () => {
  it.each([
    ['1-0-1-0', '1|-|1|-'],
    ['1-0-1', '1|-|1|-'],
    ['½-0-½', '½|-|½|-'],
    ['1/2-0-0-1', '1/2|-|-|1'],
    ['0-1 1/2-0', '-|1 1/2|-|-'],
    ['1½ - 0 - 1', '1½|-|1|-'],
    ['1x-0-2x', '1x|-|2x|-'],
    ['1-0-1 – nach dem Essen', '1|-|1|- + nach dem Essen'],
    ['z.N.', `-|-|-|${AMOUNT_UNSAID} + z.N.`],
    ['2× morgens', '2×|-|-|-'],
    ['1-0-1 for 5 days', '1|-|1|- + for 5 days'],
    ['0,5–0–0,5', '0,5|-|0,5|-'],
    ['10 drops-0-10 drops-0', '10 drops|-|10 drops|-'],
    ['20-0-20', '20|-|20|-'],
    ['1-0-2-0 Stück', '1 Stück|-|2 Stück|-'],
    ['1-0-1 tablets after meals', '1 tablets|-|1 tablets|- + after meals'],
    ['1-0-1 after meals', '1|-|1|- + after meals'],
    ['1 in the morning, 2 at night', '1|-|-|2'],
    ['morgens 1, abends 2', '1|-|2|-'],
    ['1 tablet morning', '1 tablet|-|-|-'],
  ])('"%s" is read as %s', (text, amounts) => {
    expect(read(text)).toBe(amounts);
  });

  it.each([
    ['morning, evening'],
    ['mattina e sera'],
    ['morgens und abends'],
    ['Morgen und Abend'],
    ['matin et soir'],
    ['manhã, noitinha'],
    ['صباحا ومساء'],
    ['صباحًا، ومساءً'],
    ['вранці та ввечері'],
  ])('"%s" names two times, with the dose at each', (text) => {
    expect(read(text, '1 tablet')).toBe('1 tablet|-|1 tablet|-');
  });

  it('says no amount when the doctor says none', () => {
    expect(read('evening')).toBe(`-|-|${AMOUNT_UNSAID}|-`);
  });

  it('takes a unit from the column "Dose", but never multiplies a dose', () => {
    expect(read('1-0-½', 'tablet')).toBe('1 tablet|-|½ tablet|-');
    expect(read('1-0-1', '10 drops')).toBe('-|-|-|- + 1-0-1');
  });

  it.each([
    'every 8 hours',
    'when it hurts',
    'bid',
    'tid',
    '1-2',
    '1-2 tablets in the morning',
    'mañana',
    'morgen',
    'tomorrow morning',
    '2026-11-22',
    '22-11-26',
    '06-555-01',
    '0-0-0',
    '1 1/2 - 0 - 1',
    '1.2.3-0-0',
    '1-0-12345678 mg',
    '1-0-1, on Mondays 2-0-2',
    '1-0-1 not in the evening',
    'morning, then every 8 hours',
    'morning, morning',
  ])('"%s" stays word for word: nothing is guessed', (text) => {
    expect(read(text)).toBe(`-|-|-|- + ${text}`);
  });

  it('comes back the same from a list that was read before', () => {
    for (const text of ['1-0-½-0', '10 drops-0-0-2', '1-0-1-0 after meals']) {
      const { plan, when } = medicineOf(text);
      const medicine: Medicine = { name: '', strength: '', dose: '', plan, when, duration: '', remarks: '' };
      expect(writeWhen(medicine, words)).toBe(text);
    }
  });

  it('is written in words where a chain would not be read back', () => {
    const plan = { morning: '1 applicator', noon: '', evening: '', night: AMOUNT_UNSAID };
    const medicine: Medicine = {
      name: '',
      strength: '',
      dose: '',
      plan,
      when: 'after meals',
      duration: '',
      remarks: '',
    };
    expect(writeWhen(medicine, words)).toBe('Morning 1 applicator, Night after meals');
    expect(writeWhen({ ...medicine, plan: { ...plan, morning: '1', night: '' }, dose: 'tablet' }, words)).toBe(
      'Morning 1 after meals',
    );
    expect(writeWhen({ ...medicine, plan: { ...plan, morning: '', night: '' } }, words)).toBe('after meals');
  });

  it('stays quick on a text made to be slow', () => {
    const ms = cpuTimeOf(() => {
      for (const text of [
        '1-'.repeat(140),
        '1 1 '.repeat(70),
        `${'1/'.repeat(100)}x`,
        `1-0-1 ${'a '.repeat(140)}`,
        '½'.repeat(290),
      ])
        medicineOf(text);
    });
    expect(ms).toBeLessThan(2_000);
  });
});
