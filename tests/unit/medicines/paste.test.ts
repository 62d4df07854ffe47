import { describe, expect, it } from 'vitest';
import english from '../../../languages/en.json' with { type: 'json' };
import { readLine } from '../../../web-composer/medicines/import/paste-line.ts';
import { looksLikePrescription, PASTED_MAX, readImport } from '../../../web-composer/medicines/import/read-import.ts';
import type { ComposerKey } from '../../../web-composer/ui/strings.ts';
import { createStrings } from '../../../web-shared/i18n/strings.ts';
import { cpuTimeOf } from '../../support/server/cpu-time.ts';

const strings = createStrings<ComposerKey>('en', 'en', { ...english.shared, ...english.composer });

describe('a pasted line', () => {
  it.each([
    ['Ibuprofen 400 mg 1-0-1 5 days after meals', 'Ibuprofen|400 mg||1-0-1 5 days after meals||'],
    ['- Ramipril 5 mg in the morning', 'Ramipril|5 mg||in the morning||'],
    ['2. Paracetamol 500 mg every 8 hours', 'Paracetamol|500 mg||every 8 hours||'],
    [
      'Amoxicillin/Clavulanic acid 875/125 mg 1-0-1 for 7 days',
      'Amoxicillin/Clavulanic acid|875/125 mg||1-0-1|for 7 days|',
    ],
    ['L-Thyroxin 75 µg 1-0-0 nüchtern', 'L-Thyroxin|75 µg||1-0-0 nüchtern||'],
    ['Metformin 1000 mg tablets 1-0-1', 'Metformin|1000 mg|tablets|1-0-1||'],
    ['Prednisone 5 mg 1 tablet every 2 days for 10 days', 'Prednisone|5 mg||1 tablet every 2 days for 10 days||'],
    ['Vitamin D 1000 IU 1 tablet', 'Vitamin D|1000 IU|1 tablet|||'],
    ['Heparin 5 000 UI 1-0-1', 'Heparin|5 000 UI||1-0-1||'],
    ['Colecalciferol 100.000 IE einmal im Monat', 'Colecalciferol|100.000 IE||einmal im Monat||'],
    ['Fentanyl 25 µg/h patch q 3 days', 'Fentanyl|25 µg/h||patch q 3 days||'],
    ['Insulin glargin 100 E/ml 0-0-0-12 E', 'Insulin glargin|100 E/ml||0-0-0-12 E||'],
    ['Enalapril 5 e Amlodipina 10 mg', 'Enalapril 5 e Amlodipina 10 mg|||||'],
    ['Ramipril (5 mg) 1-0-0', 'Ramipril|(5 mg)||1-0-0||'],
    ['Ramipril (Beispiel 5 mg) 1-0-0', 'Ramipril (Beispiel 5 mg) 1-0-0|||||'],
    ['Torasemid 10 1/2-0-0', 'Torasemid 10|||1/2-0-0||'],
    ['Prednisolon 5 mg 1 1/2-0-0', 'Prednisolon|5 mg||1 1/2-0-0||'],
    ['Pantoprazole', 'Pantoprazole|||||'],
    ['Ramipril 5 1/2-0-0', 'Ramipril 5 1/2-0-0|||||'],
    ['Take 400 mg of Ibuprofen and 500 mg Paracetamol', 'Take 400 mg of Ibuprofen and 500 mg Paracetamol|||||'],
    ['Take Ibuprofen 400 mg 1-0-1', 'Take Ibuprofen 400 mg 1-0-1|||||'],
    ['Morning: Ramipril 5 mg', 'Morning: Ramipril 5 mg|||||'],
    ['Call 06-555-0100 when you feel worse', 'Call 06-555-0100 when you feel worse|||||'],
    ['Phenprocoumon 1 - 1 - 2 - 1 - 1 - 2 - 1', 'Phenprocoumon 1 - 1 - 2 - 1 - 1 - 2 - 1|||||'],
    ['Ramipril 5 mg 1-0-0 then 2-0-0', 'Ramipril 5 mg 1-0-0 then 2-0-0|||||'],
  ])('"%s" is split only where it is clear', (line, fields) => {
    expect(Object.values(readLine(line)).join('|')).toBe(fields);
  });

  it('loses no word', () => {
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
});

describe('a pasted text', () => {
  it('stays quick when it is made to be slow', () => {
    const ms = cpuTimeOf(() => {
      for (const unit of ['1-', '1 1/', '400 mg ', '1.', 'a 1 ', '½ ', '1 000 ', '- [ ] '])
        readLine(`A ${unit.repeat(60_000 / unit.length)}`);
      const lines = ['1-0-1 for 1 days x\n', 'mg\n', '\n1', 'a\n', 'nur bei\n'].map((each) =>
        each.repeat(60_000 / each.length),
      );
      for (const text of ['"'.repeat(60_000), ...lines, '<MP '.repeat(100_000)]) readImport(text, strings);
      readImport(`${'</MP>'.repeat(50_000)}${'<MP '.repeat(50_000)}`, strings);
      readImport('A\tB\n'.repeat(100_000), strings);
    });
    expect(ms).toBeLessThan(8_000);
  });

  it('that is too large is refused, not cut', () => {
    const read = readImport('Ramipril 5 mg 1-0-0\n'.repeat(PASTED_MAX / 10), strings);
    expect(read).toEqual({ rows: [], choices: [], refused: [{ what: '', why: 'too-large' }] });
  });

  it.each([
    ['{"resourceType":"Bundle"}', true],
    ['<MP v="027" U="A"><S/></MP>', true],
    [']d2<MP v="027" U="A"><S/></MP>', true],
    ['Ramipril 5 mg 1-0-0', false],
    ['[ ] Ramipril 5 mg', false],
    ['<5 mg', false],
  ])('%s is told from a list of medicines', (text, isPrescription) => {
    expect(looksLikePrescription(text)).toBe(isPrescription);
  });
});
