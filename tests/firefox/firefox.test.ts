import { inflateSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import type { Doctor, Patient } from '../support/browser/people.ts';
import { cuttable } from '../support/network/cuttable.ts';

/**
 * What can be read of a page on paper, by its own style sheets. For browsers whose remote control cannot choose the medium;
 * the page stays as it is on paper.
 */
async function wordsOnPaper(page: Page): Promise<string> {
  await page.evaluate(() => {
    const rulesOf = (list: CSSRuleList): CSSMediaRule[] =>
      [...list].flatMap((rule) =>
        rule instanceof CSSMediaRule
          ? [rule, ...rulesOf(rule.cssRules)]
          : rule instanceof CSSGroupingRule
            ? rulesOf(rule.cssRules)
            : [],
      );
    for (const { media } of [...document.styleSheets].flatMap((sheet) => rulesOf(sheet.cssRules))) {
      if (/\bprint\b/.test(media.mediaText)) media.mediaText = media.mediaText.replace(/\bprint\b/, 'all');
      else if (/\bscreen\b/.test(media.mediaText)) media.mediaText = 'not all';
    }
  });
  return (await page.locator('body').allInnerTexts()).join('\n');
}

/** How many sheets of A4 a page takes. */
async function pagesOfPaper(page: Page): Promise<number> {
  // Playwright 1.65 hands inches to Firefox, which takes them for centimetres: A4 is said in the wrong unit.
  const pdf = await page.pdf({ width: '21in', height: '29.7in' });
  const counts = [pdf.toString('latin1'), ...streamsOf(pdf)].flatMap((text) =>
    [...text.matchAll(/\/Type\s*\/Pages\b[^>]*?\/Count\s+(\d+)|\/Count\s+(\d+)[^>]*?\/Type\s*\/Pages\b/g)].map(
      ([, after, before]) => Number(after ?? before),
    ),
  );
  if (counts.length === 0) throw new Error('this PDF says nowhere how many pages it has');
  return Math.max(...counts);
}

/** The parts of a PDF that are packed, unpacked. */
function streamsOf(pdf: Buffer): string[] {
  const text = pdf.toString('latin1');
  return [...text.matchAll(/\/FlateDecode[^>]*>>\s*stream\r?\n/g)].map(({ 0: head, index }) =>
    inflateSync(pdf.subarray(index + head.length)).toString('latin1'),
  );
}

const NOTE = 'Metformin 500 mg\nOne tablet in the morning\nTake it with food';

describe('a note between two Firefoxes', () => {
  const clinic = useClinic();
  let doctor: Doctor;
  let patient: Patient;

  beforeEach(async () => {
    [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
  });

  test('the doctor types a list of medicines with the keyboard alone, and the patient sees the plan of the day', async () => {
    const page = await doctor.opens(await doctor.types('/glir'));
    await doctor.note.fill(NOTE);
    await page.getByRole('button', { name: 'Add a medication list' }).focus();
    await page.keyboard.press('Enter');
    for (const text of ['Ramipril', '5 mg', 'tablet', '1-0-½-0', '30 days', 'in water']) {
      await page.keyboard.type(text);
      await page.keyboard.press('Tab');
    }
    await page.keyboard.type('Ibuprofen');
    const preview = page.getByRole('region', { name: 'The patient sees', exact: true });
    await preview.getByText('½ tablet').waitFor();
    await preview.getByText('Ibuprofen').waitFor();
    await page.getByRole('radio', { name: 'The link is enough' }).check();
    await page.getByRole('button', { name: 'Share' }).click();
    await patient.follows(await page.getByRole('textbox', { name: 'Note link' }).inputValue());
    await patient.opens();
    const plan = patient.note.filter({ hasText: 'Your medicines' });
    await plan.waitFor();
    const words = (await plan.allInnerTexts()).join(' ').replace(/\s+/g, ' ');
    expect(words).toMatch(/Morning.*Ramipril 5 mg.*Evening.*Ramipril 5 mg.*Ibuprofen/i);
    await patient.note.getByText('in water').first().waitFor();
  });

  test('the patient prints one clean page, without the link and without buttons', async () => {
    await patient.follows(await doctor.shares(NOTE, { admission: 'link' }));
    await patient.opens();
    expect(await patient.reads()).toBe(NOTE);
    expect(await pagesOfPaper(patient.page)).toBe(1);
    const paper = await wordsOnPaper(patient.page);
    expect(paper).toContain('A note from Dr Anna Rossi');
    expect(paper).toContain('One tablet in the morning');
    expect(paper).toContain('Valid at the time of printing.');
    expect(paper).toContain('On the screen it can be read until');
    expect(paper).not.toMatch(/https?:|understood|Print|Language/);
    expect(await patient.page.getByRole('button').count()).toBe(0);
  });

  test('a note that the doctor asked not to print is not on the paper', async () => {
    const page = await doctor.opens(await doctor.asks('/glir'));
    await doctor.note.fill(NOTE);
    await page.getByText('More choices').click();
    await page.getByRole('switch', { name: 'Allow printing' }).uncheck();
    await page.getByRole('radio', { name: 'The link is enough' }).check();
    await page.getByRole('button', { name: 'Share' }).click();
    await patient.follows(await page.getByRole('textbox', { name: 'Note link' }).inputValue());
    await patient.opens();
    expect(await patient.reads()).toBe(NOTE);
    expect(await wordsOnPaper(patient.page)).toContain('The doctor asked not to print this note.');
    expect(await patient.note.isVisible()).toBe(false);
  });

  test.each([
    { how: 'its time is over', end: () => clinic.glir.clock.advance(60_000), why: /Its time was over at/ },
    { how: 'the doctor closes the tab', end: () => doctor.composer.close(), why: /closed the page at/ },
  ])('the note is gone when $how, and the patient reads why', async ({ end, why }) => {
    await patient.follows(await doctor.shares(NOTE, { admission: 'link', command: '/glir 1m' }));
    await patient.opens();
    expect(await patient.reads()).toBe(NOTE);
    await end();
    await patient.sees('This note is gone');
    await patient.page.getByText(why).waitFor();
    expect(await patient.everything()).not.toContain('Metformin');
  });

  test('a doctor who is cut off and does not come back: the note hides, then it is gone', async () => {
    const composeLink = await doctor.asks('/glir');
    const composer = await doctor.opens('about:blank');
    const line = await cuttable(composer);
    await composer.goto(composeLink);
    await doctor.note.fill(NOTE);
    await composer.getByRole('radio', { name: 'The link is enough' }).check();
    await composer.getByRole('button', { name: 'Share' }).click();
    await patient.follows(await composer.getByRole('textbox', { name: 'Note link' }).inputValue());
    await patient.opens();
    expect(await patient.reads()).toBe(NOTE);
    line.pull();
    await line.snap();
    await patient.sees('The note is hidden for now');
    expect(await patient.everything()).not.toContain('Metformin');
    clinic.glir.clock.advance(121_000);
    await patient.sees('This note is gone');
    await patient.page.getByText(/lost its connection and did not come back/).waitFor();
  });
});
