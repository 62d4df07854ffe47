import { describe, expect, it } from 'vitest';
import { parsePasted, rowsFrom } from '../../../web-composer/medicines/import/paste.ts';
import { readLine } from '../../../web-composer/medicines/import/paste-line.ts';

/** The fields of every pasted row that are not empty, side by side. */
function rows(text: string): string[] {
  const pasted = parsePasted(text);
  const all = pasted.kind === 'rows' ? pasted.rows : pasted.kind === 'cells' ? rowsFrom(pasted.cells) : [];
  return all.map(({ name = '', strength = '', dose = '', when = '', duration = '', remarks = '' }) =>
    [name, strength, dose, when, duration, remarks].join('|'),
  );
}

describe('pasted lines', () => {
  it.each([
    ['Ibuprofen 400 mg 1-0-1 5 days after meals', 'Ibuprofen|400 mg||1-0-1|5 days|after meals'],
    ['- Ramipril 5 mg in the morning', 'Ramipril|5 mg||in the morning||'],
    ['2. Paracetamol 500 mg every 8 hours', 'Paracetamol|500 mg||every 8 hours||'],
    [
      'Amoxicillin/Clavulanic acid 875/125 mg 1-0-1 for 7 days',
      'Amoxicillin/Clavulanic acid|875/125 mg||1-0-1|for 7 days|',
    ],
    ['L-Thyroxin 75 µg 1-0-0 nüchtern', 'L-Thyroxin|75 µg||1-0-0||nüchtern'],
    ['Metformin 1000 mg tablets 1-0-1', 'Metformin|1000 mg|tablets|1-0-1||'],
    ['Prednisone 5 mg 1 tablet every 2 days for 10 days', 'Prednisone|5 mg||1 tablet every 2 days for 10 days||'],
    ['Vitamin D 1000 IU 1 tablet', 'Vitamin D|1000 IU|1 tablet|||'],
    ['Pantoprazole', 'Pantoprazole|||||'],
    ['Take 400 mg of Ibuprofen and 500 mg Paracetamol', 'Take 400 mg of Ibuprofen and 500 mg Paracetamol|||||'],
    ['Call 06-555-0100 when you feel worse', 'Call 06-555-0100 when you feel worse|||||'],
  ])('"%s" is split only where it is clear', (line, fields) => {
    expect(Object.values(readLine(line)).join('|')).toBe(fields);
  });

  it('lose no word', () => {
    const lines = [
      'Ibuprofen 400 mg 1-0-1 5 days after meals',
      'Novalgin Tropfen 500 mg/ml 20-0-20-20 bei Bedarf',
      'Simvastatin 20 mg 0-0-1 (at night!)',
    ];
    for (const line of lines) {
      const kept = Object.values(readLine(line)).join(' ').split(/\s+/).filter(Boolean).sort();
      expect(kept).toEqual(line.split(/\s+/).sort());
    }
  });

  it('stay quick on a line made to be slow', () => {
    const begin = performance.now();
    for (const unit of ['1-', '1 1/', '400 mg ', '1.', 'a 1 ', '½ '])
      readLine(`A ${unit.repeat(60_000 / unit.length)}`);
    parsePasted('"'.repeat(60_000));
    parsePasted('1-0-1 for 1 days x\n'.repeat(3_000));
    expect(performance.now() - begin).toBeLessThan(5_000);
  });
});

describe('pasted spreadsheets', () => {
  it.each([
    ['en', 'Medicine\tStrength\tWhen\nRamipril\t5 mg\t1-0-0'],
    ['it', 'Farmaco\tDosaggio\tQuando\nRamipril\t5 mg\t1-0-0'],
    ['de', 'Medikament\tStärke\tEinnahme\nRamipril\t5 mg\t1-0-0'],
    ['fr', 'Médicament\tDosage\tQuand\nRamipril\t5 mg\t1-0-0'],
    ['es', 'Medicamento\tConcentración\tCuándo\nRamipril\t5 mg\t1-0-0'],
    ['pt', 'Medicamento\tDosagem\tQuando\nRamipril\t5 mg\t1-0-0'],
    ['ar', 'الدواء\tالتركيز\tمتى\nRamipril\t5 mg\t1-0-0'],
    ['uk', 'Ліки\tДозування\tКоли\nRamipril\t5 mg\t1-0-0'],
  ])('with a header in %s go by its names', (_language, text) => {
    expect(rows(text)).toEqual(['Ramipril|5 mg||1-0-0||']);
  });

  it('keep their columns in any order, and what has no column among the remarks', () => {
    expect(rows('When;Colour;Medicine\n1-0-0;white;Ramipril')).toEqual(['Ramipril|||1-0-0||Colour: white']);
  });

  it("read Germany's medication plan, with a column for each time of the day", () => {
    const plan = 'Wirkstoff\tHandelsname\tStärke\tForm\tmorgens\tmittags\tabends\tzur Nacht\tEinheit\tHinweise\tGrund';
    expect(rows(`${plan}\nRamipril\tRamipril-ratio\t5 mg\tTabl\t1\t0\t½\t\tStück\t\tBlutdruck`)).toEqual([
      'Ramipril-ratio (Ramipril)|5 mg|Stück|1-0-½-0||Form: Tabl, Grund: Blutdruck',
    ]);
  });

  it('without a header go by the order of the columns', () => {
    expect(rows('Ramipril\t5 mg\t1 tablet\tmorning\t30 days\tin water\tand more')).toEqual([
      'Ramipril|5 mg|1 tablet|morning|30 days|in water, and more',
    ]);
    expect(rows('Ramipril\t5 mg\t1-0-0\nBisoprolol\t2 mg\t0-0-1')).toEqual([
      'Ramipril|5 mg||1-0-0||',
      'Bisoprolol|2 mg||0-0-1||',
    ]);
  });

  it('may have quotation marks, line breaks in a cell, and a quotation mark that never ends', () => {
    expect(rows('Ramipril\t"5 ""mg"""\t"1\ntablet"')).toEqual(['Ramipril|5 "mg"|1 tablet|||']);
    expect(rows('A\t"x\nB\ty')).toEqual(['A|"x||||', 'B|y||||']);
  });

  it('are told from sentences with commas', () => {
    expect(rows('Ramipril, 5 mg, 1-0-0\nDrink much, rest, sleep')).toEqual([
      'Ramipril|5 mg||1-0-0||',
      'Drink much, rest, sleep|||||',
    ]);
  });

  it('leave a single text to the cell', () => {
    expect(parsePasted('after meals')).toEqual({ kind: 'text' });
    expect(parsePasted('after meals\n')).toEqual({ kind: 'text' });
  });
});
