import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import english from '../../../languages/en.json' with { type: 'json' };
import { EMPTY_CELLS } from '../../../web-composer/medicines/fields.ts';
import { type Import, readImport } from '../../../web-composer/medicines/import/read-import.ts';
import { readRow } from '../../../web-composer/medicines/reading/read-row.ts';
import type { ImportedRow } from '../../../web-composer/medicines/reading/row-reading.ts';
import type { ComposerKey } from '../../../web-composer/ui/strings.ts';
import { browserClock } from '../../../web-shared/clock.ts';
import { createStrings } from '../../../web-shared/i18n/strings.ts';
import { dayPlan, PLAN_PARTS } from '../../../web-shared/plan/day-plan.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../cases/medicines');
const strings = createStrings<ComposerKey>('en', 'en', { ...english.shared, ...english.composer });

/** 15 June 2026: what ended before is over. */
const clock = { ...browserClock, now: () => Date.UTC(2026, 5, 15, 12) };

const texts = z.array(z.string());
const caseSchema = z.strictObject({
  id: z.string(),
  kind: z.string(),
  language: z.string(),
  /** Typed into the cells, or text that is pasted or dropped: lines, a table, FHIR (an object stands for its JSON), … */
  from: z.enum(['typed', 'text']),
  input: z.union([z.string(), z.record(z.string(), z.unknown())]),
  source: z.optional(z.string()),
  doctor: z.prefault(
    z.strictObject({
      /** Reasons of all marks, in the rows' order. */
      marks: z.prefault(texts, []),
      /** `name: reason` of what is taken over only by choice, and of what is refused. */
      choices: z.prefault(texts, []),
      refused: z.prefault(texts, []),
    }),
    {},
  ),
  /** Every entry of every part of the plan, whole: name and strength, amount, dose, when, how long, remarks. */
  patient: z.partialRecord(z.enum(PLAN_PARTS), texts),
});
type Case = z.infer<typeof caseSchema>;

function imported({ from, input }: Case): Import {
  if (from === 'text') return readImport(typeof input === 'string' ? input : JSON.stringify(input), strings, clock);
  const cells = { ...EMPTY_CELLS, ...z.record(z.string(), z.string()).parse(input) };
  return { rows: [{ cells, schedule: null, unread: [] }], choices: [], refused: [] };
}

function patientSees(rows: readonly ImportedRow[]): Case['patient'] {
  const medicines = rows.flatMap((row) => readRow(row.cells, row, strings)?.medicine ?? []);
  const sections = dayPlan(medicines).map(({ part, entries }) => [
    part,
    entries.map(({ name, strength, amount, dose, when, duration, remarks }) =>
      [
        `${name} ${strength}`.trim(),
        amount,
        dose && `Dose: ${dose}`,
        when,
        duration && `How long: ${duration}`,
        remarks && `Remarks: ${remarks}`,
      ]
        .filter((text) => text !== '')
        .join(' · '),
    ),
  ]);
  return Object.fromEntries(sections);
}

for (const file of readdirSync(FOLDER)) {
  describe(`medicines: ${file}`, () => {
    const cases = z.array(caseSchema).parse(JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8')));
    it.each(cases.map((each) => [each.id, each] as const))('%s', (_, each) => {
      const { rows, choices, refused } = imported(each);
      const marks = rows.flatMap((row) => readRow(row.cells, row, strings)?.marks ?? []);
      expect({
        doctor: {
          marks: marks.map(({ reason }) => reason),
          choices: choices.map(({ what, why }) => `${what}: ${why}`),
          refused: refused.map(({ what, why }) => `${what}: ${why}`),
        },
        patient: patientSees(rows),
      }).toEqual({ doctor: each.doctor, patient: each.patient });
    });
  });
}
