import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import english from '../../../languages/en.json' with { type: 'json' };
import { FIELD_MAX, medicineSchema } from '../../../src/protocol/note.ts';
import { decodeNoteMessage, encodeNoteMessage } from '../../../src/protocol/note-message.ts';
import { readLanguages } from '../../../web-build/languages.ts';
import { type Cells, EMPTY_CELLS, FIELDS, NO_PLAN, takenAt } from '../../../web-composer/medicines/fields.ts';
import { readRow } from '../../../web-composer/medicines/reading/read-row.ts';
import type { ImportedSchedule, RowReading } from '../../../web-composer/medicines/reading/row-reading.ts';
import abbreviations from '../../../web-composer/medicines/reading/words/abbreviations.json' with { type: 'json' };
import type { ComposerKey, ComposerStrings } from '../../../web-composer/ui/strings.ts';
import { createStrings } from '../../../web-shared/i18n/strings.ts';
import { dayPlan } from '../../../web-shared/plan/day-plan.ts';
import { runs } from '../../support/fuzz/arbitraries.ts';

const strings = createStrings<ComposerKey>('en', 'en', { ...english.shared, ...english.composer });
const languages = await readLanguages();

const row = (cells: Partial<Cells>): Cells => ({ ...EMPTY_CELLS, name: 'Ramipril', ...cells });

function reading(cells: Partial<Cells>, schedule: ImportedSchedule | null = null, unread: string[] = []): RowReading {
  const read = readRow(row(cells), { schedule, unread }, strings);
  if (read === null) throw new Error('The row is blank.');
  return read;
}

/** Each mark as `reason field: words`, with the cells that its proposal writes. */
function marksOf(cells: Partial<Cells>, words: ComposerStrings = strings): [string, Partial<Cells> | null][] {
  const { marks = [] } = readRow(row(cells), null, words) ?? {};
  return marks.map(({ reason, field, words: said, proposal }) => [`${reason} ${field}: ${said}`, proposal]);
}

describe('a blank row', () => {
  it('is no medicine', () => {
    expect(readRow({ ...EMPTY_CELLS, when: '  ' }, null, strings)).toBeNull();
  });
});

describe('what the doctor is told', () => {
  it.each<[Partial<Cells>, string, Partial<Cells> | null]>([
    [{ when: '1-0-0 mittwochs' }, 'not-daily when: mittwochs', null],
    [{ when: '1-0-1 before the gym and after work' }, 'not-understood when: before the gym, after work', null],
    [{ when: '1-0-1', duration: '7 days, while ill' }, 'not-understood duration: while ill', null],
    [{ when: '1-0-1', duration: '1.5.2026 - 7.5.2026' }, 'not-daily duration: 1.5.2026 - 7.5.2026', null],
    [{ when: '1-0-1', remarks: 'ONLY on Mondays' }, 'not-daily remarks: ONLY, Mondays', null],
    [{ when: '1-0-1', dose: '5 mg' }, 'contradiction dose: 5 mg', { strength: '5 mg', dose: '' }],
    [{ when: '1-0-1', dose: '5 mg', strength: '5 mg' }, 'contradiction dose: 5 mg', { dose: '' }],
    [{ when: '1-0-1', dose: '5 mg', strength: '10 mg' }, 'contradiction dose: 5 mg', null],
    [{ when: '1 mg-0-1', dose: '1 mg', strength: '0.5 mg' }, 'two-doses dose: 1 mg', null],
    [{ when: '1-0-1', dose: '5 mg/ml' }, 'contradiction dose: 5 mg/ml', { strength: '5 mg/ml', dose: '' }],
    [{ when: '1-0-1', dose: '5 mg/ml', strength: '5%' }, 'contradiction dose: 5 mg/ml', null],
    [{ when: '2-0-1', dose: '1 tablet' }, 'contradiction dose: 1 tablet', { dose: 'tablet' }],
    [{ when: '2-0-1', dose: '3 tablets' }, 'contradiction dose: 3 tablets', null],
    [{ when: '2-0-1', dose: '3' }, 'contradiction dose: 3', null],
    [{ when: '1 tablet-0-1', dose: '3 drops' }, 'contradiction dose: 3 drops', null],
    [
      { when: '1-0-1 after meals', dose: '10 drops' },
      'contradiction dose: 10 drops',
      { when: '10 drops-0-10 drops-0 after meals', dose: '' },
    ],
    [{ when: '1 in the morning', dose: '10 drops' }, 'contradiction dose: 10 drops', null],
    [{ when: '20 mg in the morning', dose: '10 mg' }, 'two-doses dose: 10 mg', null],
    [{ when: '1-0-1 20 mg' }, 'two-doses when: 20 mg', null],
    [{ when: '1-0-1 2-0-2' }, 'two-doses when: 1-0-1 2-0-2', null],
    [{ when: '1-0-1 7' }, 'not-understood when: 7', null],
    [{ when: '2 1/2-0-1' }, 'not-understood when: 2', { when: '2½-0-1' }],
    [{ when: '0-0-2 ½ daily' }, 'not-understood when: ½', { when: '0-0-2½ daily' }],
    [{ when: '5 1/2-0-0' }, 'not-understood when: 5', null],
    [{ when: '', dose: '1-0-1' }, 'not-understood dose: 1-0-1', { dose: '', when: '1-0-1' }],
    [{ when: '', strength: '1-0-1' }, 'not-understood strength: 1-0-1', { strength: '', when: '1-0-1' }],
    [{ name: '', when: '1-0-1', dose: 'tablet' }, 'no-name name: tablet 1-0-1', null],
    [{ name: 'MS 10 mg', when: '1-0-1' }, 'abbreviation name: MS', null],
    [{ when: '1-0-1', dose: 'IU' }, 'abbreviation dose: IU', { dose: 'units' }],
    [{ when: '10U-0-8U' }, 'abbreviation when: U', { when: '10 units-0-8 units' }],
    [{ when: '1 U-0-0' }, 'abbreviation when: U', { when: '1 unit-0-0' }],
    [{ when: 'q6h' }, 'abbreviation when: q6h', { when: 'every 6 hours' }],
    [{ when: '1 drop OD' }, 'abbreviation when: OD', null],
    [{ when: '1-0-0 OD' }, 'abbreviation when: OD', { when: '1-0-0 once a day' }],
    [{ when: '1-0-0', dose: '1.0 mg' }, 'abbreviation dose: 1.0', { dose: '1 mg' }],
    [{ when: '.5 mg at night' }, 'abbreviation when: .5', { when: '0.5 mg at night' }],
    [{ when: '1-0-0', remarks: 'i.m.' }, 'abbreviation remarks: i.m.', { remarks: 'into the muscle' }],
  ])('of %j is "%s", with the proposal %j', (cells, mark, proposal) => {
    expect(marksOf(cells)).toEqual([[mark, proposal]]);
  });

  it.each<[Partial<Cells>]>([
    [{ when: '1-0-0', remarks: 'im Haus' }],
    [{ when: '1-0-0', name: 'MS Contin' }],
    [{ when: 'every 8 hours' }],
    [{ when: '1-0-1', strength: '100 IE/ml' }],
    [{ when: '1-0-1', strength: '75 µg' }],
    [{ when: 'morgens u. abends' }],
    [{ when: '1.5-0-0' }],
    [{ when: '10-0-10', dose: '10 mg' }],
  ])('of %j is nothing', (cells) => {
    expect(marksOf(cells)).toEqual([]);
  });
});

describe('a row from an import', () => {
  const schedule = { plan: { ...NO_PLAN, morning: '1 applicator', evening: '2 applicators' }, when: 'after meals' };

  it('has the plan of the import, with the words beside it', () => {
    const { medicine, marks } = reading({ when: 'Morning 1, Evening 2 after meals' }, schedule);
    expect(medicine).toMatchObject({ plan: schedule.plan, when: 'after meals' });
    expect(marks).toEqual([]);
  });

  it.each<[string, Partial<Cells>, ImportedSchedule, string[], string[]]>([
    ['a part that is not in the row', {}, schedule, ['count: 10'], ['not-in-row']],
    ['an unknown word beside the plan', {}, { ...schedule, when: 'before the gym' }, [], ['not-understood']],
    ['words for "not every day" beside the plan', {}, { ...schedule, when: 'weekly' }, [], ['not-daily']],
    ['an amount beside the plan', {}, { ...schedule, when: 'with 200 ml' }, [], ['not-understood']],
    ['another amount at a time beside the plan', {}, { ...schedule, when: '2 at night' }, [], ['not-understood']],
    ['another time beside the plan', {}, { ...schedule, when: 'at bedtime' }, [], ['contradiction']],
    ['words for "not every day" in the cell', { when: 'Morning 1, on Mondays' }, schedule, [], ['not-daily']],
    ['words for "not now" in the remarks', { remarks: 'paused' }, schedule, [], ['not-daily']],
    ['another dose', { dose: '3 tablets' }, schedule, [], ['contradiction']],
  ])('has no plan with %s', (_, cells, imported, unread, reasons) => {
    const { medicine, marks } = reading({ when: 'Morning 1, Evening 2', ...cells }, imported, unread);
    expect(marks.map(({ reason }) => reason)).toEqual(reasons);
    expect(medicine).toMatchObject({ plan: NO_PLAN, when: cells.when ?? 'Morning 1, Evening 2' });
  });

  it('keeps a word for a time that the plan has', () => {
    const night = { plan: { ...NO_PLAN, night: '1' }, when: 'at bedtime' };
    expect(reading({ when: '0-0-0-1 at bedtime' }, night).medicine).toMatchObject(night);
  });

  it('joins a unit of the dose, and fills the times that have no amount', () => {
    const numbers = { plan: { ...NO_PLAN, morning: '1', night: '2' }, when: '' };
    expect(reading({ dose: 'tablet' }, numbers).medicine.plan).toMatchObject({
      morning: '1 tablet',
      night: '2 tablet',
    });
    const unsaid = { plan: { ...NO_PLAN, morning: '•' }, when: '' };
    expect(reading({ dose: '1 tablet' }, unsaid).medicine.plan).toMatchObject({ morning: '1 tablet' });
  });

  it('says its plan in words when it may not stand as one and the cell is empty', () => {
    const { medicine } = reading({}, schedule, ['count: 10']);
    expect(medicine.when).toBe('Morning 1 applicator, Evening 2 applicators after meals');
    expect(reading({}, { plan: NO_PLAN, when: 'at sunset' }).medicine.when).toBe('at sunset');
  });
});

describe('a text that is too long', () => {
  const words = 'Ask the practice before any scan with contrast. '.repeat(12).trim();

  it('is cut between two words, and the doctor is told the words that do not fit', () => {
    const { medicine, marks } = reading({ when: '1-0-1', remarks: words });
    expect(medicine.remarks.length).toBeLessThanOrEqual(FIELD_MAX);
    expect(medicine.remarks).toMatch(/\w …$/);
    expect(marks).toEqual([{ reason: 'too-long', field: 'remarks', words: expect.any(String), proposal: null }]);
    expect(`${medicine.remarks.replace(/ …$/, '')} ${marks[0]?.words}`).toBe(words);
    expect(takenAt(medicine.plan)).toEqual(['morning', 'evening']);
  });

  it.each(['dose', 'when', 'duration'] as const)('has no plan beside it in "%s"', (field) => {
    const cells = { when: '1-0-1', [field]: `${field === 'when' ? '1-0-1 ' : ''}${'please '.repeat(80)}` };
    const { medicine, marks } = reading(cells);
    expect(takenAt(medicine.plan)).toEqual([]);
    expect(marks.map(({ reason }) => reason)).toContain('too-long');
  });

  it.each([['a'.repeat(FIELD_MAX + 1)], ['😀'.repeat(FIELD_MAX)], [`${'b'.repeat(499)} c`], [`a${'😀'.repeat(400)}`]])(
    'is cut to what a note can hold, and between two characters',
    (remarks) => {
      const { medicine, marks } = reading({ remarks });
      expect(medicine.remarks.length).toBeLessThanOrEqual(FIELD_MAX);
      expect(medicine.remarks.isWellFormed()).toBe(true);
      expect(`${medicine.remarks.replace(/ …$/, '')}${marks[0]?.words}`.replace(' ', '')).toBe(
        remarks.replace(' ', ''),
      );
    },
  );

  it('is not read at all when it is many times too long, and forbids a plan', () => {
    const { medicine, marks } = reading({ when: '1-0-1', remarks: 'with food '.repeat(500) });
    expect(takenAt(medicine.plan)).toEqual([]);
    expect(marks.map(({ reason }) => reason)).toEqual(['not-daily', 'too-long']);
  });

  it('of exactly the limit is whole', () => {
    const remarks = 'a'.repeat(FIELD_MAX);
    expect(reading({ remarks })).toMatchObject({ medicine: { remarks }, marks: [] });
  });

  it('makes a note that opens', () => {
    const { medicine } = reading({ name: words, when: words, remarks: words, dose: words });
    const note = { text: '', format: 'plain' as const, medicines: [medicine] };
    const message = { kind: 'note' as const, rev: 1, nD: 'a', token: 'a', leftMs: 1, editing: false, copy: true };
    const sent = { ...message, print: true, note };
    expect(decodeNoteMessage(encodeNoteMessage(sent))).toMatchObject({ note: { medicines: [medicine] } });
  });
});

describe.each(languages.map((language) => [language.code, language] as const))('proposals in %s', (code, language) => {
  const said = createStrings<ComposerKey>(code, code, { ...language.shared, ...language.composer });

  it.each(Object.entries(abbreviations.kinds))('for %s are understood as the abbreviation is', (_, kind: object) => {
    const entries = new Map(Object.entries(kind));
    const [form = ''] = String(entries.get('forms') ?? entries.get('capsForms') ?? entries.get('unitForms')).split(
      ', ',
    );
    const isUnit = entries.has('unitForms');
    const chain = form.startsWith('q') || isUnit ? '1-0-0' : chainFor(String(entries.get('means')));
    const when = isUnit ? `2 ${form.toUpperCase()}-0-0` : `${chain} ${form.toUpperCase().replace('#', '6')}`;
    const before = readRow(row({ when }), null, said);
    const proposal = before?.marks.find(({ reason }) => reason === 'abbreviation')?.proposal ?? {};
    expect(Object.keys(proposal)).toEqual(['when']);
    const after = readRow(row({ when, ...proposal }), null, said);
    expect(after?.marks.filter(({ reason }) => reason === 'abbreviation')).toEqual([]);
    expect(takenAt(after?.medicine.plan ?? NO_PLAN), JSON.stringify(proposal)).toEqual(
      takenAt(before?.medicine.plan ?? NO_PLAN),
    );
    expect(after?.marks.map(({ reason }) => reason)).toEqual(
      before?.marks.map(({ reason }) => reason).filter((reason) => reason !== 'abbreviation'),
    );
  });
});

function chainFor(means: string): string {
  const chains: Readonly<Record<string, string>> = {
    'count 2': '1-0-1',
    'count 3': '1-1-1',
    'count 4': '1-1-1-1',
    bedtime: '0-0-0-1',
    night: '0-0-0-1',
    evening: '0-0-1',
  };
  return chains[means] ?? '1-0-0';
}

/** All that the patient reads of a row. */
function seen({ medicine }: RowReading): string {
  return dayPlan([medicine])
    .flatMap(({ entries }) => entries.flatMap((entry) => Object.values(entry).map(String)))
    .join(' ');
}

const piece = fc.constantFrom(
  ...['1', '0', '½', '1/2', '2,5', '10', '-', ' - ', ',', ' ', '1-0-1', '1-0-0', '10 mg', '1 tablet', 'Tropfen', 'IE'],
  ...['morgens', 'abends', 'in the morning', 'at night', 'le matin', 'mañana', 'مساء', 'ввечері', 'zur Nacht', 'u.'],
  ...['after meals', 'nüchtern', 'for 5 days', '7 Tage', 'twice daily', 'b.d.', 'x', 'täglich', '(', ')', 'and', 'or'],
);
const text = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(' '));
const cells = fc.record({
  name: fc.constantFrom('Ramipril', ''),
  strength: fc.constantFrom('', '5 mg', '2,5 mg'),
  dose: fc.oneof(fc.constantFrom('', 'tablet', '1 tablet', '10 mg'), text),
  when: text,
  duration: fc.oneof(fc.constantFrom('', '7 days'), text),
  remarks: fc.oneof(fc.constantFrom('', 'with food'), text),
});
const wordsOf = (said: string): string[] => said.match(/[\p{L}\p{M}]+|[\p{N}]+/gu) ?? [];

describe('any row', () => {
  it('has no plan while an unknown word stands in its dose, its times or its length', () => {
    const unknown = fc.constantFrom('gzorp', 'Wombat', 'бубон', 'zzyzx', 'qux', '?');
    const field = fc.constantFrom('dose', 'when', 'duration');
    fc.assert(
      fc.property(cells, unknown, field, fc.nat(), (said, word, where, at) => {
        const parts = said[where as 'dose'].split(' ');
        const withWord = { ...said, [where]: parts.toSpliced(at % (parts.length + 1), 0, word).join(' ') };
        expect(takenAt(reading(withWord).medicine.plan)).toEqual([]);
      }),
      runs(1_000),
    );
  });

  it('loses no word and no number but the zeros and the names of the times of a plan', () => {
    fc.assert(
      fc.property(cells, (said) => {
        const read = readRow(said, null, strings);
        if (read === null) return;
        const shown = new Set(wordsOf(seen(read)));
        const isPlan = takenAt(read.medicine.plan).length > 0;
        const missing = FIELDS.flatMap((field) => wordsOf(said[field])).filter((word) => !shown.has(word));
        const isTime = (word: string): boolean =>
          /^(?:0|morgens|abends|in|the|morning|at|night|le|matin|mañana|مساء|ввечері|u|and)$/u.test(word);
        expect(isPlan ? missing.filter((word) => !isTime(word)) : missing).toEqual([]);
      }),
      runs(2_000),
    );
  });

  it('is read into a medicine that a note can hold, and never fails', () => {
    const any = fc.string({ unit: 'binary', maxLength: 700 });
    fc.assert(
      fc.property(
        fc.record({ name: any, strength: any, dose: any, when: any, duration: any, remarks: any }),
        (said) => {
          const read = readRow(said, null, strings);
          expect(medicineSchema.safeParse(read?.medicine ?? reading({}).medicine).success).toBe(true);
        },
      ),
      runs(200),
    );
  });

  it.each([
    '1-',
    '1 1 ',
    '1/',
    '½',
    '1-0-1 ',
    'a ',
    'before the ',
    'every 3 ',
    '1 1/2-',
    '5 000 ',
    'jeden 2. ',
    '1. Mai ',
    '((',
    'b.',
    "d'",
    'Mo, ',
    'و',
    '\u0301',
  ])('is read at once when it is 500 characters of "%s"', (part) => {
    const long = part.repeat(500).slice(0, 500);
    const all = { name: long, strength: long, dose: long, when: long, duration: long, remarks: long };
    const times = Array.from({ length: 5 }, () => {
      const begin = performance.now();
      readRow(all, null, strings);
      return performance.now() - begin;
    });
    // Six cells of at most 50 ms each. The quickest of some runs says how long it takes on a busy machine.
    expect(Math.min(...times)).toBeLessThan(300);
  });
});
