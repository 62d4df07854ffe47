import { describe, expect, it } from 'vitest';
import english from '../../../languages/en.json' with { type: 'json' };
import { looksLikeBmp, readBmp } from '../../../web-composer/medicines/import/read-bmp.ts';
import type { ComposerKey } from '../../../web-composer/ui/strings.ts';
import { createStrings } from '../../../web-shared/i18n/strings.ts';

const strings = createStrings<ComposerKey>('en', 'en', { ...english.shared, ...english.composer });
const PATIENT = '<P g="Erika" f="Beispiel" b="19400101" egk="X123"/>';
const DOCTOR = '<A lanr="123456789" n="Praxis Dr. Muster" s="Testweg 1" z="10555" c="Berlin" p="030 5550100"/>';

function plan(sections: string, attributes = 'v="027" U="AA" l="de-DE"'): string {
  return `<MP ${attributes}>${PATIENT}${DOCTOR}${sections}</MP>`;
}

/** The fields of the only row of a plan side by side, and what was not read of it. */
function row(medicine: string): string[] {
  const { rows } = readBmp(plan(`<S>${medicine}</S>`), strings);
  return rows.map(({ cells, unread }) =>
    [cells.name, cells.strength, cells.dose, cells.when, cells.remarks, ...unread].join('|'),
  );
}

describe('a medicine of a medication plan', () => {
  it.each([
    ['<M a="A" m="1" du="1"/>', 'A||Stück|1-0-0-0|'],
    ['<M a="A" m="½" d="1/2" v="0,5" h="¼" du="7"/>', 'A||Teelöffel|½-1/2-0,5-¼|'],
    ['<M a="A" m="1-2" v="1" du="1"/>', 'A||Stück|morgens 1-2, abends 1|'],
    ['<M a="A" m="1" du="m"/>', 'A||Mio IE|1-0-0-0|'],
    ['<M a="A" m="1" dud="Globuli"/>', 'A||Globuli|1-0-0-0|'],
    ['<M a="A" t="nach Plan" du="p"/>', 'A|||nach Plan (IE)|'],
    ['<M a="A" t="nach Plan" m="1"/>', 'A|||1-0-0-0 nach Plan|'],
    ['<M a="A" m="1" wo="1"/>', 'A|||montags 1-0-0-0|'],
    ['<M a="A" m="1" wo="8"/>', 'A|||wo: 8 1-0-0-0|'],
    ['<M a="A" du="1" zz="3"/>', 'A||Stück|zz: 3|'],
    ['<M a="A" m="1" du="1" t="alle 2 Tage"/>', 'A|||1-0-0-0 Stück alle 2 Tage|'],
    ['<M a="A" i="mit~Wasser" r="Husten" x="Vorsicht"/>', 'A||||mit Wasser, Vorsicht, Grund: Husten'],
    ['<M a="A" fd="Kaps. weich"/>', 'A||||Form: Kaps. weich'],
    ['<M a="A" f="XYZ" m="1"/>', 'A|||1-0-0-0|Form: XYZ'],
    ['<M a="A" m="1" du="Q"/>', 'A|||1-0-0-0||Einheit: Q'],
    ['<M p="230272" m="1"/>', 'PZN 230272|||1-0-0-0||Medicine'],
    ['<M p="230272" a="A"/>', 'A||||PZN: 230272'],
    ['<M a="Ramipril 5mg"><W w="Ramipril" s="5 mg"/></M>', 'Ramipril 5mg||||'],
    ['<M a="Ramipril 15mg"><W w="Ramipril" s="5 mg"/></M>', 'Ramipril 15mg|5 mg|||'],
    ['<M><W w="A" s="1 mg"/><W w="B"/></M>', 'A 1 mg + B||||'],
    ['<M a="A" m="1"><Q z="7"/></M>', 'A|||1-0-0-0, Q z: 7|'],
    ['<M m="1"/>', '|||1-0-0-0||Medicine'],
  ])('%s is read', (medicine, fields) => {
    expect(row(medicine)).toEqual([fields]);
  });
});

describe('a medication plan', () => {
  it('names nobody', () => {
    const read = JSON.stringify(readBmp(plan('<S><M a="A" m="1"/></S>'), strings));
    for (const word of ['Erika', 'Beispiel', '19400101', 'X123', 'Muster', '123456789', 'Testweg', 'Berlin', '030'])
      expect(read).not.toContain(word);
  });

  it.each([
    ['MC<MP v="027" U="A"></MP>', true],
    ['<?xml version="1.0" encoding="ISO-8859-1"?><!DOCTYPE MP><MP v="025"></MP>', true],
    ['<MPlan></MPlan>', false],
    ['Ramipril <MP>', true],
    ['Ramipril 5 mg 1-0-0, see <MP>', false],
  ])('%s is known by its beginning', (text, isPlan) => {
    expect(looksLikeBmp(text)).toBe(isPlan);
  });

  it.each([
    ['<MP v="027"><S><M a="A"></S></MP>'],
    ['<MP v="027"><S><M a="A&unknown;"/></S></MP>'],
    ['<MP v="027"><S>'],
    ['<MP v="027"></MP><MP v="027"><S>'],
  ])('%s, which is no XML, is refused whole', (text) => {
    expect(readBmp(text, strings)).toEqual({ rows: [], choices: [], refused: [{ what: '', why: 'broken' }] });
  });

  it('tells what it cannot place', () => {
    const read = readBmp(plan('<Z a="1">x</Z><S><Y b="2"/></S><S c="499"><M a="A" m="1"/></S>'), strings);
    expect(read.refused).toEqual([
      { what: 'Z a: 1 x', why: 'broken' },
      { what: 'Y b: 2', why: 'broken' },
    ]);
    expect(read.rows[0]?.cells.when).toBe('1-0-0-0, Zwischenüberschrift: 499');
  });

  it('pasted twice is read once', () => {
    const text = plan('<S><M a="A" m="1"/></S>');
    expect(readBmp(text + text, strings).rows).toHaveLength(1);
  });

  it('of two dates is refused', () => {
    const later = plan('<S><M a="A" m="2"/></S>', 'v="027" U="BB"');
    expect(readBmp(plan('<S><M a="A" m="1"/></S>') + later, strings)).toEqual({
      rows: [],
      choices: [],
      refused: [{ what: '', why: 'two-plans' }],
    });
  });

  it.each([
    ['413', 'Intramuskuläre Anwendung'],
    ['418', 'Selbstmedikation'],
  ])('with the heading %s has it among the remarks', (code, heading) => {
    const { rows } = readBmp(plan(`<S c="${code}"><M a="A" m="1"/></S>`), strings);
    expect(rows[0]?.cells).toMatchObject({ when: '1-0-0-0', remarks: heading });
  });

  it.each([
    ['c="414"', 'Besondere Anwendung'],
    ['c="423"', 'zu besonderen Zeiten anzuwendende Medikamente'],
    ['t="nur im Winter"', 'nur im Winter'],
    ['c="412" t="nur im Winter"', 'Dauermedikation, nur im Winter'],
  ])('with the heading %s has it beside the schedule', (attribute, heading) => {
    const { rows } = readBmp(plan(`<S ${attribute}><M a="A" m="1"/></S>`), strings);
    expect(rows[0]?.cells.when).toBe(`1-0-0-0, ${heading}`);
  });
});
