import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import english from '../../../languages/en.json' with { type: 'json' };
import { type Import, readImport } from '../../../web-composer/medicines/import/read-import.ts';
import type { ComposerKey } from '../../../web-composer/ui/strings.ts';
import { createStrings } from '../../../web-shared/i18n/strings.ts';

const strings = createStrings<ComposerKey>('en', 'en', { ...english.shared, ...english.composer });

const headers = fc.constantFrom(
  ...[
    'Medicine',
    'Wirkstoff',
    'Handelsname',
    'Strength',
    'Strength (mg)',
    'Dose',
    'Dosage',
    'Posologie',
    'Unit',
    'When',
  ],
  ...[
    'Duration',
    'Days',
    'Notes',
    'Morning',
    'Mittags',
    'Sera',
    'Noite',
    'Tarde',
    'العصر',
    '8:00',
    'Bedtime',
    'Status',
  ],
  ...['Active', 'Day', 'PRN', 'Quantity', 'End', 'Start', 'Colour', '', '#', 'Ранок', 'Morning (8:00)'],
);
const words = fc.constantFrom(
  ...['Ramipril', '5 mg', '1,25 mg', '5 000 UI', '1', '½', '1-0-1', '1-2', '12', '2026-02-01', '10 Tropfen', 'stopped'],
  ...['daily', 'mittwochs', '1 if needed', 'через день', 'Stück', 'x', '１', '7', '3.5', 'Total', 'after meals', ''],
);
const numbersOf = (text: string): string[] => text.match(/\p{Nd}+/gu) ?? [];
const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{M}]+/gu) ?? [];

function everythingOf({ rows, choices, refused }: Import): string {
  const cells = [...rows, ...choices.map(({ row }) => row)].flatMap((row) => Object.values(row.cells));
  return [...cells, ...refused.map(({ what }) => what)].join('\n');
}

/** Every number and every word is there as often as it was said, or more often. */
function expectKept(input: readonly string[], read: Import): void {
  const output = everythingOf(read);
  const parts = [...numbersOf(output), ...wordsOf(output)];
  const left = new Map<string, number>();
  for (const part of parts) left.set(part, (left.get(part) ?? 0) + 1);
  for (const part of input.flatMap((text) => [...numbersOf(text), ...wordsOf(text)])) {
    expect(left.get(part) ?? 0, `${part} in ${output}`).toBeGreaterThan(0);
    left.set(part, (left.get(part) ?? 0) - 1);
  }
}

describe('an import', () => {
  const table = fc
    .tuple(
      fc.array(headers, { minLength: 1, maxLength: 7 }),
      fc.array(fc.array(words, { maxLength: 9 }), { maxLength: 4 }),
    )
    .filter(([, rows]) => rows.length > 0);

  it.each(['\t', ';'])('of a table with %j between its cells loses no word and no number', (delimiter) => {
    fc.assert(
      fc.property(table, fc.boolean(), ([header, rows], hasHeader) => {
        const lines = [...(hasHeader ? [['Medicine', ...header]] : []), ...rows.map((row) => ['Xyzal', ...row])];
        const read = readImport(lines.map((cells) => cells.join(delimiter)).join('\n'), strings);
        // A second name that is the first one says nothing new, and "x" in a column of times only ticks it.
        const input = rows.flat().filter((cell) => cell !== 'x');
        expectKept([...rows.map(() => 'Xyzal'), ...input], read);
      }),
      { numRuns: 400 },
    );
  });

  it('of a table with commas between its cells loses no word and no number', () => {
    fc.assert(
      fc.property(table, ([header, rows]) => {
        const lines = [['Medicine', ...header], ...rows.map((row) => ['Xyzal', ...row])];
        const read = readImport(lines.map((cells) => cells.join(',')).join('\n'), strings);
        expectKept(
          rows.flat().filter((cell) => cell !== 'x'),
          read,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('of lines loses no word and no number', () => {
    const line = fc.array(words, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(' '));
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 5 }), (lines) => {
        const numbered = lines.map((each) => `Medicine ${each}`);
        expectKept(numbered, readImport(numbered.join('\n'), strings));
      }),
      { numRuns: 400 },
    );
  });

  it('of the text of a barcode loses no word and no number', () => {
    const name = fc.constantFrom(...['p', 'a', 'fd', 'm', 'd', 'v', 'h', 't', 'dud', 'i', 'r', 'x', 'wo9', 'q']);
    const value = words.map((word) => word.replaceAll('"', ''));
    fc.assert(
      fc.property(fc.array(fc.dictionary(name, value), { minLength: 1, maxLength: 4 }), value, (medicines, heading) => {
        const elements = medicines.map(
          (each) =>
            `<M ${Object.entries(each)
              .map(([key, said]) => `${key}="${said}"`)
              .join(' ')}/>`,
        );
        const read = readImport(`<MP v="027" U="A"><S t="${heading}">${elements.join('')}</S></MP>`, strings);
        expectKept(
          medicines.flatMap((each) => Object.values(each)),
          read,
        );
      }),
      { numRuns: 300 },
    );
  });

  it('throws nothing, whatever the text', () => {
    const pieces = fc.constantFrom(
      ...[
        '\t',
        '\n',
        ';',
        ',',
        '|',
        '"',
        '---',
        ':',
        '-',
        '1',
        '½',
        '<MP v="027">',
        '</MP>',
        '<S>',
        '<M a="1"/>',
        '{',
        '[',
      ],
      ...['Medicine', 'When', 'Status', 'stopped', '5 mg', '1-0-1', '#', '**', '\0', '\uD800', 'ــ', '٣'],
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 200 }),
      fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
      fc.tuple(pieces, pieces).map(([one, two]) => (one + two).repeat(500)),
    );
    fc.assert(
      fc.property(text, (said) => {
        const { rows } = readImport(said, strings);
        expect(rows.every(({ cells }) => Object.values(cells).some((cell) => cell !== ''))).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
