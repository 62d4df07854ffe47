import type { Page } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import type { Medicine } from '../../src/protocol/note.ts';
import { axeFindings } from '../support/browser/axe.ts';
import { openGallery } from '../support/browser/gallery.ts';
import { pasteInto, useMedicinesPage } from '../support/browser/medicines-stage.ts';

let page: Page;

useMedicinesPage((stage) => {
  ({ page } = stage);
});

const cell = (column: string, row: number) => page.getByRole('textbox', { name: `${column} ${row}`, exact: true });
const list = (): Promise<Medicine[]> => page.evaluate('editor.medicines()');
const names = async (): Promise<string[]> => (await list()).map(({ name }) => name);
const marks = () => page.locator('.med-mark > span').allTextContents();
const preview = () => page.getByRole('region', { name: 'The patient sees', exact: true });
const status = () => page.getByRole('status').textContent();
const toCheck = (count: number) =>
  page.getByRole('button', { name: count === 1 ? '1 row to check' : `${count} rows to check`, exact: true });

async function write(row: number, cells: Readonly<Record<string, string>>): Promise<void> {
  for (const [column, text] of Object.entries(cells)) await cell(column, row).fill(text);
}

describe('a row that is no daily plan', () => {
  it('says so under the row, and stands in the preview as it was written', async () => {
    await write(1, { Medicine: 'Methotrexat', Strength: '7,5 mg', When: '1-0-0 mittwochs' });
    expect(await marks()).toEqual(['Not a daily plan: “mittwochs”. The patient reads this row as you wrote it.']);
    await preview().getByRole('region', { name: 'At other times' }).getByText('1-0-0 mittwochs').waitFor();
    expect(await preview().getByRole('region', { name: 'Morning' }).count()).toBe(0);
    const described = await cell('When', 1).getAttribute('aria-describedby');
    const sentence = page.locator(`[id="${described?.split(' ')[0]}"]`);
    expect(await sentence.textContent()).toContain('Not a daily plan');
    await cell('When', 1).fill('1-0-0');
    expect(await marks()).toEqual([]);
    await preview().getByRole('region', { name: 'Morning' }).getByText('Methotrexat').waitFor();
  });

  it('is counted above the list, where a press leads to it, and the count is said once when a cell is left', async () => {
    await write(1, { Medicine: 'Ramipril', When: '1-0-0' });
    await write(2, { Medicine: 'Methotrexat' });
    await cell('When', 2).focus();
    await page.keyboard.type('1-0-0 mittwochs');
    expect(await status()).toBe('');
    await page.keyboard.press('Tab');
    expect(await status()).toBe('1 row to check');
    await toCheck(1).click();
    expect(await page.evaluate('document.activeElement.value')).toBe('1-0-0 mittwochs');
    await cell('When', 2).fill('1-0-0');
    expect(await toCheck(1).count()).toBe(0);
  });
});

describe('a list that comes from another window', () => {
  const NO_PLAN = { morning: '', noon: '', evening: '', night: '' };
  const medicine = { strength: '5 mg', dose: '', plan: NO_PLAN, duration: '', remarks: '' };
  const bring = (...medicines: Medicine[]) => page.evaluate(`editor.set(${JSON.stringify(medicines)})`);

  it('is marked as it was there, and says what it said there', async () => {
    const sent = [
      { ...medicine, name: 'Methotrexat', when: '1-0-0 mittwochs' },
      { ...medicine, name: 'Ramipril', plan: { ...NO_PLAN, morning: '1' }, when: '' },
      { ...medicine, name: 'Not a plan there', when: '1-0-1' },
    ];
    await bring(...sent);
    expect(await list()).toEqual(sent);
    expect((await marks()).join()).toContain('Not a daily plan: “mittwochs”.');
  });
});

describe('a row that has a proposal', () => {
  it('takes it with Alt and Enter, and gives back what was there', async () => {
    await write(1, { Medicine: 'Amoxicillin', Dose: '1 capsule', When: 'b.d.' });
    expect(await marks()).toEqual(['Patients may not know “b.d.”.']);
    await cell('When', 1).focus();
    await page.keyboard.press('Alt+Enter');
    const written = await cell('When', 1).inputValue();
    expect(written).toContain('a day');
    expect(written).not.toContain('b.d.');
    expect(await marks()).toEqual([]);
    expect(await status()).toBe('Row 1 has the proposal.');
    await page.keyboard.press('Control+z');
    expect(await cell('When', 1).inputValue()).toBe('b.d.');
    expect(await marks()).toHaveLength(1);
  });

  it('takes it with a press, and Tab still leads from cell to cell', async () => {
    await write(1, { Medicine: 'Amoxicillin', When: 'b.d.' });
    const proposal = page.getByRole('button', { name: /^Write: When “/ });
    expect(await proposal.getAttribute('tabindex')).toBe('-1');
    await proposal.click();
    expect(await marks()).toEqual([]);
    expect(await page.evaluate("document.activeElement.getAttribute('data-field')")).toBe('when');
    await cell('Remarks', 1).focus();
    await page.keyboard.press('Tab');
    expect(await page.evaluate("document.activeElement.getAttribute('aria-labelledby')")).toMatch(/-name /);
  });
});

describe('a text that is longer than a field', () => {
  it('stays in its cell whole, is marked, and what the patient gets fits into a note', async () => {
    const long = 'Ask the practice before any scan with contrast. '.repeat(14).trim();
    await write(1, { Medicine: 'Metformin', When: '1-0-1', Remarks: long });
    expect(await cell('Remarks', 1).inputValue()).toBe(long);
    expect((await marks()).join()).toMatch(/^These words do not fit: “.*scan with contrast\.”\.$/);
    const [sent] = await list();
    expect(sent?.remarks.length).toBeLessThanOrEqual(500);
    expect(sent?.plan.morning).toBe('1');
  });
});

describe('what an import does not take over', () => {
  const TABLE =
    'Medicine\tStrength\tMorning\tEvening\tStatus\nApixaban\t5 mg\t1\t1\tstopped\nBisoprolol\t5 mg\t1\t0\tactive\n';

  it('is offered by its name and the reason, and comes into the list with a press', async () => {
    await cell('Medicine', 1).focus();
    await pasteInto(page, TABLE);
    expect(await names()).toEqual(['Bisoprolol']);
    const choice = page.locator('.med-choices').getByRole('listitem').filter({ hasText: 'Apixaban' });
    expect(await choice.textContent()).toContain('is stopped');
    expect(await status()).toContain('Apixaban: is stopped');
    await choice.getByRole('button', { name: 'Take over' }).click();
    expect(await names()).toEqual(['Bisoprolol', 'Apixaban']);
    expect(await choice.count()).toBe(0);
    expect(await status()).toContain('Apixaban is taken over. Please check it.');
    await page.getByRole('button', { name: 'Undo', exact: true }).click();
    expect(await names()).toEqual([]);
  });
});

describe('what an import left out of a row', () => {
  const PRESCRIPTION = {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    medicationCodeableConcept: { text: 'Doxycycline 100 mg' },
    dosageInstruction: [
      {
        timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd', when: ['MORN'] } },
        doseAndRate: [{ doseQuantity: { value: 1, unit: 'capsule' } }],
        modifierExtension: [{ url: 'http://example.org/not-known', valueString: 'titrate' }],
      },
    ],
  };

  it('is marked until the doctor has checked it, with the button or with Alt and Enter', async () => {
    await cell('Medicine', 1).focus();
    await pasteInto(page, JSON.stringify(PRESCRIPTION));
    const left = (await marks()).length;
    expect((await marks()).join()).toContain('Not taken over from the file: ');
    expect((await list())[0]?.plan.morning).toBe('');
    await cell('When', 1).focus();
    await page.keyboard.press('Alt+Enter');
    expect((await marks()).join()).not.toContain('Not taken over from the file');
    await page.keyboard.press('Control+z');
    expect(await marks()).toHaveLength(left);
    await page.getByRole('button', { name: 'Checked', exact: true }).first().click();
    expect((await marks()).join()).not.toContain('Not taken over from the file');
  });

  it('leaves the plan of the prescription until "Dose" is corrected, which is read anew', async () => {
    await cell('Medicine', 1).focus();
    const { modifierExtension: _, ...dosage } = PRESCRIPTION.dosageInstruction[0] ?? {};
    await pasteInto(page, JSON.stringify({ ...PRESCRIPTION, dosageInstruction: [dosage] }));
    expect((await list())[0]?.plan.morning).toBe('1 capsule');
    await cell('Remarks', 1).fill('with water');
    expect((await list())[0]?.plan.morning).toBe('1 capsule');
    await cell('When', 1).fill('morning');
    await cell('Dose', 1).fill('2 capsules');
    await preview().getByText('2 capsules').waitFor();
    expect((await list())[0]?.plan.morning).toBe('2 capsules');
  });
});

describe('axe', () => {
  it('finds nothing on a list with marked rows and its preview on a wide screen', async () => {
    const gallery = await openGallery({ bypassCSP: true, viewport: { width: 1280, height: 1600 } });
    await gallery.show({ page: 'composer', name: 'marked', state: 'writing-list-marked' });
    expect(await gallery.page.locator('.med-mark').count()).toBeGreaterThan(2);
    expect(await gallery.page.locator('.med-preview .plan-item').count()).toBeGreaterThan(4);
    expect(await axeFindings(gallery.page)).toEqual([]);
    await gallery.close();
  });
});
