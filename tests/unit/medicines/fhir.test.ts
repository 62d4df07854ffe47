import { describe, expect, it } from 'vitest';
import english from '../../../languages/en.json' with { type: 'json' };
import { MEDICINES_MAX } from '../../../src/protocol/note.ts';
import { FHIR_MAX, looksLikeFhir, readFhir } from '../../../web-composer/medicines/import/fhir/read-fhir.ts';
import { readRow } from '../../../web-composer/medicines/reading/read-row.ts';
import type { ComposerKey } from '../../../web-composer/ui/strings.ts';
import { createStrings } from '../../../web-shared/i18n/strings.ts';

const words = createStrings<ComposerKey>('en', 'en', { ...english.shared, ...english.composer });
const NO_PLAN = { morning: '', noon: '', evening: '', night: '' };
const NOW = Date.UTC(2026, 5, 15, 12);

/** A resource of FHIR R4, as it stands in JSON. */
type Resource = Record<string, unknown>;

const readText = (text: string) => {
  const { rows, choices, refused } = readFhir(text, words, NOW);
  return {
    rows,
    medicines: rows.flatMap((row) => readRow(row.cells, row, words)?.medicine ?? []),
    choices: choices.map(({ what, why }) => `${what}:${why}`),
    refused: refused.map(({ what, why }) => `${what}:${why}`),
  };
};
const read = (resource: unknown) => readText(JSON.stringify(resource));

function request(changes: Resource): Resource {
  return {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    subject: { reference: 'Patient/1' },
    medicationCodeableConcept: { text: 'Ibuprofen 400mg' },
    ...changes,
  };
}

function taken(...dosageInstruction: Resource[]) {
  const [medicine] = read(request({ dosageInstruction })).medicines;
  if (medicine === undefined) throw new Error('The prescription was not taken over.');
  return medicine;
}

const daily = (timing: Resource, value = 1): Resource => ({
  timing,
  doseAndRate: [{ doseQuantity: { value, unit: 'Stück', system: 'http://unitsofmeasure.org', code: '1' } }],
});

describe('a FHIR prescription', () => {
  // Shaped as in HL7 Germany's medication-ig-de-r4, "Schema mit Tageszeiten-Bezug", example 1-0-2-0 for two weeks.
  it('with times of the day in several dosages becomes one plan', () => {
    const bounds = { boundsDuration: { value: 2, unit: 'Wochen', system: 'http://unitsofmeasure.org', code: 'wk' } };
    const repeat = { ...bounds, frequency: 1, period: 1, periodUnit: 'd' };
    expect(
      taken(daily({ repeat: { ...repeat, when: ['MORN'] } }), daily({ repeat: { ...repeat, when: ['EVE'] } }, 2)),
    ).toEqual({
      name: 'Ibuprofen',
      strength: '400mg',
      dose: '',
      plan: { ...NO_PLAN, morning: '1 Stück', evening: '2 Stück' },
      when: '',
      duration: '2 weeks',
      remarks: '',
    });
  });

  // Shaped as in HL7 France's hl7.fhir.fr.medication, prescription 14618: hours of the day, a reference "#…" that is no
  // contained resource but an entry of the bundle.
  it('with hours of the day keeps the hours, and finds a medicine beside it in the bundle', () => {
    const medication: Resource = {
      resourceType: 'Medication',
      id: 'medication-14618',
      code: { coding: [{ system: 'http://snomed.info/sct', code: '1', display: 'paracétamol' }], text: 'PARACETAMOL' },
    };
    const prescription = request({
      medicationReference: { reference: '#medication-14618' },
      dosageInstruction: [
        {
          timing: {
            repeat: {
              boundsPeriod: { start: '2026-07-13T08:48:00Z', end: '2026-07-18T08:47:59Z' },
              timeOfDay: ['07:00:00', '12:00:00', '18:00:00'],
            },
          },
          route: { text: 'Voie orale' },
          doseAndRate: [{ doseQuantity: { value: 1, unit: 'g', code: 'g' } }],
        },
      ],
    });
    delete prescription['medicationCodeableConcept'];
    const bundle: Resource = {
      resourceType: 'Bundle',
      type: 'searchset',
      entry: [{ resource: medication }, { resource: prescription }],
    };
    expect(read(bundle).medicines).toEqual([
      {
        name: 'PARACETAMOL',
        strength: '',
        dose: '1 g',
        plan: NO_PLAN,
        when: 'at 07:00, 12:00, 18:00',
        duration: 'from July 13, 2026 until July 18, 2026',
        remarks: 'Voie orale',
      },
    ]);
  });

  // Shaped as in Synthea's R4 export: a transaction bundle with urn:uuid references and much that is no medicine.
  it('comes out of a whole record, with what is not a medicine named in one line', () => {
    const bundle: Resource = {
      resourceType: 'Bundle',
      type: 'transaction',
      entry: [
        { fullUrl: 'urn:uuid:1', resource: { resourceType: 'Patient', name: [{ family: 'Abbott774' }] } },
        {
          fullUrl: 'urn:uuid:2',
          resource: { resourceType: 'Medication', code: { text: 'lisinopril 10 MG Oral Tablet' } },
        },
        {
          fullUrl: 'urn:uuid:3',
          resource: {
            resourceType: 'MedicationRequest',
            status: 'active',
            intent: 'order',
            subject: { reference: 'urn:uuid:1' },
            medicationReference: { reference: 'urn:uuid:2' },
            dosageInstruction: [
              {
                sequence: 1,
                timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
                asNeededBoolean: false,
                doseAndRate: [{ doseQuantity: { value: 1 } }],
              },
            ],
          },
        },
        { resource: { resourceType: 'Observation', status: 'final', code: { text: 'Weight' } } },
        { resource: { resourceType: 'Observation', status: 'final', code: { text: 'Height' } } },
      ],
    };
    const { medicines, refused } = read(bundle);
    expect(medicines).toMatchObject([
      { name: 'lisinopril 10 MG Oral Tablet', dose: '1', when: 'once a day', plan: NO_PLAN },
    ]);
    expect(refused).toEqual(['Observation × 2:other-kind']);
  });

  // Shaped as in the R4 specification's medicationrequest0302: a contained Medication with the strength of its ingredient.
  it('takes the strength from a contained medicine', () => {
    const prescription = request({
      contained: [
        {
          resourceType: 'Medication',
          id: 'med0320',
          code: {
            coding: [
              { system: 'http://snomed.info/sct', code: '324252006', display: 'Azithromycin capsule (product)' },
            ],
          },
          ingredient: [
            {
              itemCodeableConcept: { text: 'Azithromycin' },
              strength: { numerator: { value: 250, unit: 'mg' }, denominator: { value: 1, code: 'CAP' } },
            },
          ],
        },
      ],
      medicationReference: { reference: '#med0320' },
      dosageInstruction: [
        {
          sequence: 1,
          text: 'Two tablets at once',
          additionalInstruction: [{ coding: [{ code: '311504000', display: 'With or after food' }] }],
          timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
        },
      ],
    });
    delete prescription['medicationCodeableConcept'];
    expect(read(prescription).medicines).toMatchObject([
      {
        name: 'Azithromycin capsule (product)',
        strength: '250 mg',
        when: 'once a day, Two tablets at once, With or after food',
      },
    ]);
  });

  // Shaped as in HL7 Switzerland's CH EMED: a MedicationStatement with a text and a structure in two dosages.
  it('as a statement with text and structure keeps both', () => {
    const statement: Resource = {
      resourceType: 'MedicationStatement',
      status: 'active',
      subject: { reference: 'Patient/1' },
      medicationCodeableConcept: { text: 'Beloc Zok' },
      dosage: [
        { text: 'Morgens und abends je 1 Tablette nehmen' },
        {
          timing: { repeat: { when: ['MORN', 'EVE'] } },
          doseAndRate: [{ doseQuantity: { value: 1, unit: 'Stk', code: '{Piece}' } }],
        },
      ],
    };
    expect(read(statement).medicines).toMatchObject([
      { name: 'Beloc Zok', plan: NO_PLAN, when: 'Morgens und abends je 1 Tablette nehmen; 1 Stk, Morning, Evening' },
    ]);
  });

  it.each<[string, Resource, string]>([
    ['every 8 hours', { timing: { repeat: { frequency: 1, period: 8, periodUnit: 'h' } } }, 'every 8 hours'],
    [
      'a range of times',
      { timing: { repeat: { frequency: 2, frequencyMax: 3, period: 1, periodUnit: 'd' } } },
      '2 to 3 times a day',
    ],
    [
      'days of the week',
      { timing: { repeat: { dayOfWeek: ['mon', 'thu'], when: ['MORN'] } } },
      'on Monday, Thursday, Morning',
    ],
    [
      'one day of each week',
      { timing: { repeat: { frequency: 1, period: 1, periodUnit: 'wk', dayOfWeek: ['mon'] } } },
      'on Monday',
    ],
    [
      'one day of every other week',
      { timing: { repeat: { frequency: 1, period: 2, periodUnit: 'wk', dayOfWeek: ['mon'] } } },
      'on Monday, every 2 weeks',
    ],
    [
      'a range of times on a day of the week',
      { timing: { repeat: { frequency: 1, frequencyMax: 2, period: 1, periodUnit: 'wk', dayOfWeek: ['mon'] } } },
      'on Monday, 1 to 2 times every 1 week',
    ],
    [
      'meals',
      { timing: { repeat: { frequency: 3, period: 1, periodUnit: 'd', when: ['AC'] } } },
      '3 times a day, before meals',
    ],
    [
      'each third morning',
      { timing: { repeat: { frequency: 1, period: 3, periodUnit: 'd', when: ['MORN'] } } },
      'every 3 days, Morning',
    ],
    ['need', { asNeededCodeableConcept: { text: 'headache' } }, 'when needed for: headache'],
    ['need in the morning', { asNeededBoolean: true, timing: { repeat: { when: ['MORN'] } } }, 'Morning, when needed'],
    ['a code', { timing: { code: { coding: [{ code: 'BID' }] } } }, '2 times a day'],
  ])('says %s in words, and puts none of it into the plan of each day', (_what, dosage, when) => {
    expect(taken(dosage)).toMatchObject({ plan: NO_PLAN, when });
  });

  it('says the most that may be taken, and what the patient is told', () => {
    const { when, dose, remarks } = taken({
      patientInstruction: 'With a glass of water.',
      maxDosePerPeriod: { numerator: { value: 4, unit: 'tablets' }, denominator: { value: 1, code: 'd', unit: 'day' } },
      doseAndRate: [{ doseRange: { low: { value: 1, unit: 'tablet' }, high: { value: 2, unit: 'tablet' } } }],
    });
    expect(when).toBe('With a glass of water.');
    expect(remarks).toBe('at most 4 tablets in 1 day');
    expect(dose).toBe('1 to 2 tablet');
  });
});

describe('a FHIR prescription that is not for the patient to follow', () => {
  it.each(['stopped', 'cancelled', 'on-hold', 'completed', 'draft'] as const)(
    'is taken over only by choice when it is %s',
    (status) => {
      const dosageInstruction = [daily({ repeat: { when: ['MORN'] } })];
      expect(read(request({ status, dosageInstruction }))).toEqual({
        rows: [],
        medicines: [],
        choices: [`Ibuprofen:${status}`],
        refused: [],
      });
      const [choice] = readFhir(JSON.stringify(request({ status, dosageInstruction })), words, NOW).choices;
      expect(choice?.row).toMatchObject({ schedule: { plan: { morning: '1 Stück' } }, unread: [] });
    },
  );

  it('is refused when it was entered in error, says "do not give", or an extension may change its meaning', () => {
    expect(read(request({ status: 'entered-in-error' })).refused).toEqual(['Ibuprofen:entered-in-error']);
    expect(read(request({ doNotPerform: true })).refused).toEqual(['Ibuprofen:do-not-perform']);
    const modifierExtension = [{ url: 'http://example.org/not', valueBoolean: true }];
    expect(read(request({ modifierExtension })).refused).toEqual(['Ibuprofen:modifier']);
  });

  it('comes without a dose that was only half understood, which is named', () => {
    const { medicines, rows } = read(
      request({
        dosageInstruction: [
          { ...daily({ repeat: { when: ['MORN'] } }), modifierExtension: [{ url: 'http://example.org/x' }] },
        ],
      }),
    );
    expect(medicines).toMatchObject([{ dose: '', plan: NO_PLAN, when: '' }]);
    expect(rows[0]?.unread).toEqual([
      'no dosage',
      'MedicationRequest.dosageInstruction.timing: repeat when MORN',
      'MedicationRequest.dosageInstruction.doseAndRate: doseQuantity value 1, unit Stück, system http://unitsofmeasure.org, code 1',
      'MedicationRequest.dosageInstruction.modifierExtension x',
    ]);
  });

  it('names what has no words here, such as an offset without an event', () => {
    const { medicines, rows } = read(request({ dosageInstruction: [{ timing: { repeat: { offset: 30 } } }] }));
    expect(medicines).toHaveLength(1);
    expect(rows[0]?.unread).toEqual(['no dosage', 'MedicationRequest.dosageInstruction.timing.repeat.offset: 30']);
  });

  it('is a choice once its time is over, by the clock it is given', () => {
    const until = (end: string) => daily({ repeat: { when: ['MORN'], boundsPeriod: { end } } });
    const choices = (dosageInstruction: Resource[]) => read(request({ dosageInstruction })).choices;
    expect(choices([until('2026-06-13')])).toEqual(['Ibuprofen:ended']);
    expect(choices([until('2026-05')])).toEqual(['Ibuprofen:ended']);
    expect(choices([until('2026-06-16')])).toEqual([]);
    expect(choices([until('2026-06')])).toEqual([]);
    expect(choices([until('2026-06-13'), until('2026-07-01')])).toEqual([]);
  });
});

describe('a text that is no prescription', () => {
  it.each([
    ['cut off', '{"resourceType": "Bundle", "entry": [', ':not-json'],
    ['no FHIR', '{"hello": 1}', ':not-fhir'],
    ['a number', '42', ':not-fhir'],
    ['empty', '', ':not-json'],
    ['XML that is cut off', '<Bundle xmlns="http://hl7.org/fhir"><entry>', ':not-xml'],
    ['XML of another kind', '<html xmlns="http://www.w3.org/1999/xhtml"></html>', ':not-xml'],
    ['XML with entities', '<!DOCTYPE B [<!ENTITY a "b">]><Bundle xmlns="http://hl7.org/fhir">&a;</Bundle>', ':not-xml'],
    ['deep XML', `<Bundle xmlns="http://hl7.org/fhir">${'<a>'.repeat(50_000)}`, ':not-xml'],
    ['an empty bundle in XML', '<Bundle xmlns="http://hl7.org/fhir"></Bundle>', ':no-medicines'],
    ['too large', ' '.repeat(FHIR_MAX + 1), ':too-large'],
    ['deep', '['.repeat(100_000), ':not-json'],
    [
      'deep inside',
      `{"resourceType": "MedicationRequest", "x": ${'['.repeat(5_000)}${']'.repeat(5_000)}}`,
      ':not-json',
    ],
    ['an empty bundle', '{"resourceType": "Bundle"}', ':no-medicines'],
  ])('gives a clear result when it is %s, and throws nothing', (_what, text, reason) => {
    expect(readText(text)).toEqual({ rows: [], medicines: [], choices: [], refused: [reason] });
  });

  it('names a resource of the right kind and the wrong form, and reads the others', () => {
    const broken = {
      resourceType: 'MedicationRequest',
      medicationCodeableConcept: { text: 'Bad' },
      subject: { reference: 'Patient/1' },
      dosageInstruction: 'daily',
    };
    const { medicines, refused } = read([broken, request({})]);
    expect(medicines).toHaveLength(1);
    expect(refused).toEqual(['Bad:broken']);
  });

  it('stops at the longest list there may be', () => {
    const { medicines, refused } = read(Array.from({ length: MEDICINES_MAX + 2 }, () => request({})));
    expect(medicines).toHaveLength(MEDICINES_MAX);
    expect(refused).toEqual(['Ibuprofen:too-many', 'Ibuprofen:too-many']);
  });

  it('leaves a text that is too long for a note as it is', () => {
    const { rows } = read(request({ dosageInstruction: [{ text: 'x'.repeat(600) }] }));
    expect(rows[0]?.cells.when).toHaveLength(600);
  });

  it('survives bundles in bundles, also one inside the other a hundred times', () => {
    let nested: unknown = request({});
    for (let depth = 0; depth < 3; depth += 1)
      nested = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: nested }] };
    expect(read(nested).medicines).toHaveLength(1);
    for (let depth = 0; depth < 100; depth += 1)
      nested = { resourceType: 'Bundle', type: 'collection', entry: [{ resource: nested }] };
    expect(read(nested).refused).toContain(':too-many');
  });

  it('is told from lines by its beginning; one resource a line is read as well, without a line that is cut off', () => {
    expect(looksLikeFhir(JSON.stringify(request({}), null, 2))).toBe(true);
    expect(looksLikeFhir('<f:Bundle xmlns:f="http://hl7.org/fhir"></f:Bundle>')).toBe(true);
    expect(looksLikeFhir('{"a": 1}')).toBe(false);
    expect(looksLikeFhir('<MP v="026"></MP>')).toBe(false);
    expect(looksLikeFhir('Ibuprofen 400 mg 1-0-1')).toBe(false);
    const line = JSON.stringify(request({}));
    expect(readText(`${line}\n${line}\n`).medicines).toHaveLength(2);
    expect(readText(`${line}\n${line.slice(0, 40)}\n${line}`)).toMatchObject({
      medicines: [{ name: 'Ibuprofen' }, { name: 'Ibuprofen' }],
      refused: ['NDJSON 2:broken'],
    });
  });
});
