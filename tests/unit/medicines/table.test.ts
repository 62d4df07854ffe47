import { describe, expect, it } from 'vitest';
import { readHeading } from '../../../web-composer/medicines/import/headings.ts';
import { readPasted } from '../../../web-composer/medicines/import/paste.ts';
import type { Import } from '../../../web-composer/medicines/import/read-import.ts';
import { readHeader } from '../../../web-composer/medicines/import/table/column-headers.ts';

/** The fields of every row side by side. */
function rows(text: string): string[] {
  return said(readPasted(text));
}

function said(read: Import): string[] {
  return read.rows.map(({ cells }) =>
    [cells.name, cells.strength, cells.dose, cells.when, cells.duration, cells.remarks].join('|'),
  );
}

describe('a table with a header', () => {
  it.each([
    ['en', 'Medicine\tStrength\tWhen\nRamipril\t5 mg\t1-0-0'],
    ['it', 'Farmaco\tDosaggio\tQuando\nRamipril\t5 mg\t1-0-0'],
    ['de', 'Medikament\tStärke\tEinnahme\nRamipril\t5 mg\t1-0-0'],
    ['fr', 'Médicament\tDosage\tQuand\nRamipril\t5 mg\t1-0-0'],
    ['es', 'Medicamento\tConcentración\tCuándo\nRamipril\t5 mg\t1-0-0'],
    ['pt', 'Medicamento\tDosagem\tQuando\nRamipril\t5 mg\t1-0-0'],
    ['ar', 'الدواء\tالتركيز\tمتى\nRamipril\t5 mg\t1-0-0'],
    ['uk', 'Ліки\tДозування\tКоли\nRamipril\t5 mg\t1-0-0'],
  ])('in %s goes by its names', (_language, text) => {
    expect(rows(text)).toEqual(['Ramipril|5 mg||1-0-0||']);
  });

  it('has its columns in any order, and what it does not know behind the schedule', () => {
    expect(rows('When;Colour;Medicine\n1-0-0;white;Ramipril')).toEqual(['Ramipril|||1-0-0, Colour: white||']);
  });

  it("is Germany's medication plan, with a column for each time of the day", () => {
    const plan = 'Wirkstoff\tHandelsname\tStärke\tForm\tmorgens\tmittags\tabends\tzur Nacht\tEinheit\tHinweise\tGrund';
    expect(rows(`${plan}\nRamipril\tRamipril-ratio\t5 mg\tTabl\t1\t0\t½\t\tStück\t\tBlutdruck`)).toEqual([
      'Ramipril-ratio (Ramipril)|5 mg|Stück|1-0-½-0||Form: Tabl, Grund: Blutdruck',
    ]);
  });

  it('keeps a unit beside a dose that has its own', () => {
    expect(rows('Drug\tDose\tUnit\tMorning\nRamipril\t5 mg\ttablets\t1')).toEqual(['Ramipril||5 mg|1-0-0-0 tablets||']);
    expect(rows('Drug\tDose\tUnit\tWhen\nRamipril\t5 mg\ttablets\tdaily')).toEqual(['Ramipril||5 mg|daily, tablets||']);
    expect(rows('Drug\tDose\tUnit\tMorning\nRamipril\t5\tmg\t1')).toEqual(['Ramipril||5 mg|1-0-0-0||']);
  });

  it('reads a schedule in the column of the dose as one', () => {
    expect(rows('Drug\tDose\nRamipril 5 mg\t1-0-1')).toEqual(['Ramipril 5 mg|||1-0-1||']);
  });

  it('tells columns of one name apart by keeping the name of the second', () => {
    expect(rows('Drug\tDose\tDose\nRamipril\t5 mg\t10 mg')).toEqual(['Ramipril||5 mg|Dose: 10 mg||']);
    expect(rows('Drug\tMorning\tMorning\nRamipril\t1\t2')).toEqual(['Ramipril|||Morning 1, Morning 2||']);
    expect(rows('Drug\tNotes\tNotes\nRamipril\ta\tb')).toEqual(['Ramipril|||||a, Notes: b']);
  });

  it('keeps unknown times among known ones in the order of the table', () => {
    expect(rows('Препарат\tДень\tУтро\tВечір\nМетформин\t1\t2\t3')).toEqual(['Метформин|||День 1, Утро: 2, Вечір 3||']);
  });

  it('may be markdown, have a line for the separator, and quotation marks that never end', () => {
    expect(rows('sep=;\nDrug;When\nRamipril "5;1-0-0\nB;0-0-1')).toEqual(['Ramipril "5|||1-0-0||', 'B|||0-0-1||']);
    expect(rows('Drug | When\n--- | ---\n**Ramipril** | 1-0-0')).toEqual(['Ramipril|||1-0-0||']);
  });
});

describe('a header', () => {
  it.each([
    [['Ramipril', '5 mg'], false],
    [['Name'], false],
    [['Morning', 'Evening'], false],
    [['', 'Morning', 'Evening'], true],
    [['Drug_Name', 'FREQUENCY:'], true],
    [['Name', 'Weight'], false],
  ])('%j is told from a row', (row, isHeader) => {
    expect(readHeader(row) !== null).toBe(isHeader);
  });

  it('with a unit in brackets gives it to bare numbers only', () => {
    expect(rows('Drug\tStrength (mg)\tMorning\nA\t5\t1\nB\t5 g\t1')).toEqual(['A|5 mg||1-0-0-0||', 'B|5 g||1-0-0-0||']);
  });

  it('with other words in brackets is not the same column', () => {
    expect(rows('Drug\tStrength\tDose (max)\nA\t5 mg\t2')).toEqual(['A|5 mg||Dose (max): 2||']);
  });
});

describe('a table without a header', () => {
  it.each([
    ['Ramipril\t5 mg\t1\t0\t1\t0', 'Ramipril|5 mg||1-0-1-0||'],
    ['Ramipril 5 mg\t1\t0\t1', 'Ramipril 5 mg|||1-0-1||'],
    ['Ramipril\t1\t0\t1', 'Ramipril|||1 | 0 | 1||'],
    ['Ramipril\t5\t1\t0\t1', 'Ramipril|||5 | 1 | 0 | 1||'],
    ['Ramipril\t5 mg\t1\t1\t1', 'Ramipril|5 mg||1 | 1 | 1||'],
    ['Ramipril\t5 mg\t1\t0', 'Ramipril|5 mg||1 | 0||'],
    ['Ramipril\t5 mg\t1\t0\t1\t0\t30', 'Ramipril|5 mg||1 | 0 | 1 | 0 | 30||'],
    ['Ramipril\t5 mg\t1\t0\t1\twith water', 'Ramipril|5 mg||1-0-1, with water||'],
    ['Ramipril\t5 mg\t1-0-0\twith water', 'Ramipril|5 mg||1-0-0, with water||'],
    ['Ramipril\t5 mg\t1 tablet\tmorning\t30 days', 'Ramipril|5 mg||1 tablet | morning | 30 days||'],
    ['1\tRamipril\t5 mg', '|||1 | Ramipril | 5 mg||'],
    ['Ramipril\t"5 ""mg"""\t"1\ntablet"', 'Ramipril|||5 "mg" | 1 tablet||'],
  ])('%j is not guessed', (text, row) => {
    expect(rows(text)).toEqual([row]);
  });

  it('is one for all its rows', () => {
    expect(rows('A\t5 mg\t1\t0\t1\nB\t5 mg\t1\t0\t')).toEqual(['A|5 mg||1 | 0 | 1||', 'B|5 mg||1 | 0||']);
    expect(rows('A;5 mg;1-0-0\nB;2 mg;0-0-1')).toEqual(['A|5 mg||1-0-0||', 'B|2 mg||0-0-1||']);
  });

  it('is told from sentences with commas', () => {
    expect(rows('Ramipril, 5 mg, 1-0-0\nDrink much, rest, sleep')).toEqual([
      'Ramipril|5 mg||1-0-0||',
      'Drink much, rest, sleep|||||',
    ]);
  });
});

describe('a row without a name', () => {
  it('is never a plan, whatever is known of its columns', () => {
    expect(rows('Medicine\tWhen\n5 mg\t1-0-0')).toEqual(['|||Medicine: 5 mg | When: 1-0-0||']);
    const { rows: read } = readPasted('Medicine\tMorning\tEvening\nA\t1\t0\n\t\t8');
    expect(read[1]?.schedule).toEqual({
      plan: { morning: '', noon: '', evening: '', night: '' },
      when: 'Evening: 8',
    });
  });
});

describe('a heading', () => {
  it.each([
    ['Bei Bedarf:', 'words'],
    ['Herz:', 'words'],
    ['# Blood pressure', 'words'],
    ['Bedarfsmedikation', 'words'],
    ['Bei Bedarf (Schmerzen)', 'words'],
    ['Week 1', 'words'],
    ['Ab 01.02.2026:', 'words'],
    ['Only in the first two weeks of the treatment:', 'words'],
    ['Please take the following medicines:', 'harmless'],
    ['Paused', 'status'],
    ['**Stopped medications**', 'status'],
    ['Abgesetzte Medikamente', 'status'],
    ['Aktuelle Medikation', 'harmless'],
    ['Medications:', 'harmless'],
  ])('%s is one', (text, kind) => {
    expect(readHeading(text)?.kind).toBe(kind);
  });

  it.each(['Ramipril', 'Dear Mrs Miller:', 'Ramipril 5 mg:', 'I stopped it', 'Take one, then rest', ''])(
    '"%s" is none',
    (text) => {
      expect(readHeading(text)).toBeNull();
    },
  );
});
