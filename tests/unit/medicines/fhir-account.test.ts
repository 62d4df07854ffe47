import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import english from '../../../languages/en.json' with { type: 'json' };
import { DAY_TIMES } from '../../../src/protocol/note.ts';
import { readFhir } from '../../../web-composer/medicines/import/fhir/read-fhir.ts';
import { readRow } from '../../../web-composer/medicines/reading/read-row.ts';
import type { ImportedRow } from '../../../web-composer/medicines/reading/row-reading.ts';
import type { ComposerKey } from '../../../web-composer/ui/strings.ts';
import { createStrings } from '../../../web-shared/i18n/strings.ts';
import { runs } from '../../support/fuzz/arbitraries.ts';

/**
 * Every element of a prescription is accounted for: it stands in the row, or the row names it as unread. Each generated
 * element comes with the words that must stand in the row for it, or with the name by which it must be called unread.
 */

const strings = createStrings<ComposerKey>('en', 'en', { ...english.shared, ...english.composer });
const NOW = Date.UTC(2026, 5, 15, 12);

interface Part {
  readonly json: Readonly<Record<string, unknown>>;
  /** Stands in the cells, or in what is named as unread. */
  readonly shown: readonly string[];
  /** Names of elements that must be called unread. */
  readonly unread: readonly string[];
}

const NOTHING: Part = { json: {}, shown: [], unread: [] };

const part = (json: Part['json'], shown: readonly string[], unread: readonly string[] = []): Part => ({
  json,
  shown,
  unread,
});

/** The parts that are there, in one element. */
function merged(parts: readonly Part[]): Part {
  return part(
    Object.assign({}, ...parts.map(({ json }) => json)),
    parts.flatMap(({ shown }) => shown),
    parts.flatMap(({ unread }) => unread),
  );
}

const some = (...parts: fc.Arbitrary<Part>[]): fc.Arbitrary<Part> =>
  fc.tuple(...parts.map((each) => fc.oneof({ weight: 2, arbitrary: fc.constant(NOTHING) }, each))).map(merged);

/** The same parts under a name, alone or in a list. */
const under = (name: string, inside: fc.Arbitrary<Part>, isList = false): fc.Arbitrary<Part> =>
  inside.map(({ json, shown, unread }) =>
    Object.keys(json).length === 0 ? NOTHING : part({ [name]: isList ? [json] : json }, shown, unread),
  );

const number = fc.oneof(
  fc.integer({ min: 2, max: 900 }),
  fc.integer({ min: 11, max: 9999 }).map((each) => each / 8),
);
const whole = fc.integer({ min: 2, max: 900 });
/** Words of five consonants and two vowels, which no language has. */
const word = fc
  .nat(16 ** 5 - 1)
  .map((code) => `${[0, 1, 2, 3, 4].map((place) => 'bcdfghjklmnpqrtv'[(code >> (4 * place)) & 15] ?? '').join('')}uo`);
const sentence = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(' '));
const snomed = fc
  .integer({ min: 100_000_000, max: 999_999_999 })
  .map((code) => ({ system: 'http://snomed.info/sct', code: String(code) }));

const said = (value: number): string => String(value);
const numeric = (name: string, value: fc.Arbitrary<number> = number): fc.Arbitrary<Part> =>
  value.map((each) => part({ [name]: each }, [said(each)]));
const textual = (name: string): fc.Arbitrary<Part> => sentence.map((each) => part({ [name]: each }, [each]));

const quantity = (name: string, isList = false): fc.Arbitrary<Part> =>
  under(
    name,
    fc
      .tuple(
        numeric('value'),
        fc.oneof(
          textual('unit'),
          fc.tuple(sentence, snomed).map(([unit, code]) => part({ unit, ...code }, [unit])),
          snomed.map((code) => part(code, [], ['code'])),
          fc.constantFrom(part({ code: 'mg' }, ['mg']), part({ code: '{tablet}' }, ['tablet(s)']), part({}, [])),
        ),
        some(fc.constantFrom('<', '>', '<=').map((comparator) => part({ comparator }, [comparator]))),
      )
      .map(merged),
    isList,
  );
const withoutValue = (name: string): fc.Arbitrary<Part> =>
  under(
    name,
    sentence.map((unit) => part({ unit }, [unit], ['unit'])),
  );
const range = (name: string): fc.Arbitrary<Part> => under(name, some(quantity('low'), quantity('high')));
const ratio = (name: string, isList = false): fc.Arbitrary<Part> =>
  under(name, fc.tuple(quantity('numerator'), length('denominator')).map(merged), isList);
const length = (name: string): fc.Arbitrary<Part> =>
  under(
    name,
    fc
      .tuple(whole, fc.constantFrom(['h', 'hours'], ['d', 'days'], ['wk', 'weeks']))
      .map(([value, [code = '', unit = '']]) => part({ value, code, unit: code }, [`${said(value)} ${unit}`])),
  );
const concept = (name: string, isList = false): fc.Arbitrary<Part> =>
  under(
    name,
    fc.oneof(
      textual('text'),
      fc.tuple(sentence, snomed).map(([display, code]) => part({ coding: [{ ...code, display }] }, [display])),
      fc.tuple(sentence, snomed).map(([text, code]) => part({ text, coding: [code] }, [text])),
      snomed.map((code) => part({ coding: [code] }, [], ['coding'])),
      word.map((code) => part({ coding: [{ code }] }, [code], ['coding'])),
    ),
    isList,
  );

/** What no release of FHIR has, or what only another system understands. */
const stranger = fc.oneof(
  fc
    .tuple(word, fc.oneof(sentence, number, fc.constant(true)))
    .map(([name, value]) => part({ [name]: value }, [String(value)], [name])),
  fc
    .tuple(word, sentence)
    .map(([name, valueString]) =>
      part({ extension: [{ url: `http://example.org/${name}`, valueString }] }, [valueString], [`extension ${name}`]),
    ),
  fc
    .tuple(fc.constantFrom('_text', '_value', '_frequency'), word)
    .map(([name, valueString]) =>
      part({ [name]: { extension: [{ url: 'http://example.org/a', valueString }] } }, [valueString], [name]),
    ),
);

const EVENTS = [
  'AFT',
  'AC',
  'C',
  'PC',
  'ACM',
  'CM',
  'PCM',
  'ACD',
  'CD',
  'PCD',
  'ACV',
  'CV',
  'PCV',
  'HS',
  'WAKE',
] as const;
const DAYS = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};
const UNITS = { s: 'seconds', min: 'minutes', h: 'hours', d: 'days', wk: 'weeks', mo: 'months', a: 'years' };
const TIMES = { MORN: 'Morning', NOON: 'Noon', EVE: 'Evening', NIGHT: 'Night' };

/** Some of the keys, with what is shown for them. */
const listed = (name: string, words: Readonly<Record<string, string>>): fc.Arbitrary<Part> =>
  fc.uniqueArray(fc.constantFrom(...Object.keys(words)), { minLength: 1, maxLength: 3 }).map((codes) =>
    part(
      { [name]: codes },
      codes.map((code) => words[code] ?? code),
    ),
  );

const unitOf = (name: string): fc.Arbitrary<Part> =>
  fc.constantFrom(...Object.entries(UNITS)).map(([code, words]) => part({ [name]: code }, [words]));

const repeat = some(
  fc.oneof(
    length('boundsDuration'),
    range('boundsRange'),
    fc.constant(
      part({ boundsPeriod: { start: '2026-02-03', end: '2027-04-05' } }, ['February 3, 2026', 'April 5, 2027']),
    ),
  ),
  numeric('count', whole),
  numeric('countMax', whole),
  fc.tuple(numeric('duration'), some(numeric('durationMax')), unitOf('durationUnit')).map(merged),
  fc.oneof(
    // Without a period it may be said by that many times of the day.
    numeric('frequency', fc.integer({ min: 11, max: 900 })),
    fc
      .tuple(
        some(numeric('frequency', whole), numeric('frequencyMax', whole)),
        numeric('period'),
        some(numeric('periodMax')),
        unitOf('periodUnit'),
      )
      .map(merged),
  ),
  listed('dayOfWeek', DAYS),
  fc.constantFrom('07:15:00', '23:45:00').map((time) => part({ timeOfDay: [time] }, [time.slice(0, 5)])),
  fc.oneof(
    listed('when', TIMES),
    listed('when', Object.fromEntries(EVENTS.map((code) => [code, strings.t(`medicines.at.${code}`)]))),
    word.map((code) => part({ when: [code] }, [code], ['when'])),
  ),
  numeric('offset', whole),
  stranger,
);

const timing = some(
  under('repeat', repeat),
  fc.oneof(
    concept('code'),
    fc.constant(
      part(
        { code: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-GTSAbbreviation', code: 'Q6H' }] } },
        ['every 6 hours'],
      ),
    ),
  ),
  fc.constant(part({ event: ['2026-03-04'] }, ['March 4, 2026'])),
  stranger,
);

const dose = fc.oneof(
  quantity('doseQuantity'),
  withoutValue('doseQuantity'),
  range('doseRange'),
  some(
    quantity('doseQuantity'),
    under('rateRatio', fc.tuple(quantity('numerator'), quantity('denominator')).map(merged)),
    stranger,
  ),
  some(range('rateRange')),
  some(quantity('doseQuantity'), quantity('rateQuantity'), concept('type')),
);

const dosage = some(
  textual('text'),
  textual('patientInstruction'),
  concept('additionalInstruction', true),
  under('timing', timing),
  fc.oneof(
    fc.constantFrom('asNeededBoolean', 'asNeeded').map((name) => part({ [name]: true }, ['when needed'])),
    concept('asNeededCodeableConcept'),
    concept('asNeededFor', true),
  ),
  concept('site'),
  concept('route'),
  concept('method'),
  under('doseAndRate', dose, true),
  fc.oneof(ratio('maxDosePerPeriod'), ratio('maxDosePerPeriod', true)),
  quantity('maxDosePerAdministration'),
  quantity('maxDosePerLifetime'),
  stranger,
);

const prescription = fc
  .tuple(
    fc.array(dosage, { minLength: 1, maxLength: 3 }),
    some(
      concept('reasonCode', true),
      textual('renderedDosageInstruction'),
      sentence.map((text) => part({ note: [{ text }] }, [text])),
      fc.constant(part({ effectivePeriod: { start: '2026-01-02' } }, ['January 2, 2026'])),
      fc.constantFrom('urgent', 'stat').map((priority) => part({ priority }, [priority], ['priority'])),
      stranger,
    ),
    fc.constantFrom('MedicationRequest', 'MedicationStatement'),
  )
  .map(([dosages, others, resourceType]) => {
    const name = resourceType === 'MedicationRequest' ? 'dosageInstruction' : 'dosage';
    const all = [
      part(
        { [name]: dosages.map(({ json }) => json) },
        dosages.flatMap(({ shown }) => shown),
        dosages.flatMap(({ unread }) => unread),
      ),
      others,
    ];
    const { json, ...account } = merged(all);
    return {
      ...account,
      json: { ...json, resourceType, status: 'active', medicationCodeableConcept: { text: 'Zaa' } },
    };
  });

function onlyRow(resource: unknown): ImportedRow {
  const { rows, choices, refused } = readFhir(JSON.stringify(resource), strings, NOW);
  const [row] = rows;
  if (row === undefined || choices.length + refused.length > 0) throw new Error('It was not taken over.');
  return row;
}

const bare = (text: string): string => text.replace(/[\u202f\u00a0]/g, ' ');

describe('a generated FHIR prescription', () => {
  it('is in the row, element by element, or is named as unread; no code of SNOMED is shown, and nothing throws', () => {
    fc.assert(
      fc.property(prescription, ({ json, shown, unread }) => {
        const row = onlyRow(json);
        const cells = bare(Object.values(row.cells).join(' | '));
        const all = `${cells} | ${bare(row.unread.join(' | '))}`;
        // One comparison for all of it: ten thousand times thirty take their time.
        expect({
          missing: shown.filter((words) => !all.includes(words)),
          unnamed: unread.filter((name) => !row.unread.some((each) => each.includes(name))),
          codes: /\d{9}/.exec(all)?.[0],
        }).toEqual({ missing: [], unnamed: [], codes: undefined });
        const medicine = readRow(row.cells, row, strings)?.medicine;
        const isPlanned = DAY_TIMES.some((time) => medicine?.plan[time] !== '');
        if (row.unread.length > 0) expect(isPlanned).toBe(false);
      }),
      runs(2_000),
    );
  }, 240_000);
});
