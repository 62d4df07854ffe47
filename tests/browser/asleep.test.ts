import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import type { Doctor, Patient } from '../support/browser/people.ts';
import { type Cuttable, cuttable } from '../support/network/cuttable.ts';

const NOTE = 'Metformin 850 mg: 1 tablet with dinner';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe('a doctor whose phone or laptop falls asleep', () => {
  const clinic = useClinic();
  let doctor: Doctor;
  let patient: Patient;
  let page: Page;
  let line: Cuttable;
  let link: string;

  beforeEach(async () => {
    [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
    page = await doctor.opens('about:blank');
    line = await cuttable(page);
    await page.goto(await doctor.asks('/glir 60m'));
    await doctor.note.fill(NOTE);
    await page.getByRole('button', { name: 'Share' }).click();
    link = await page.getByRole('textbox', { name: 'Note link' }).inputValue();
  });

  /** Nothing reaches the page, and nothing comes from it, for so long. */
  async function sleeps(ms: number): Promise<void> {
    const interruptions = () => clinic.glir.log.filter((entry) => entry.includes('"event":"room-interrupted"')).length;
    const before = interruptions();
    line.pull();
    await line.snap();
    await expect.poll(interruptions).toBe(before + 1);
    clinic.glir.clock.advance(ms);
  }

  async function reads(): Promise<void> {
    await patient.follows(link);
    await patient.opens();
    await doctor.admits();
    expect(await patient.reads()).toBe(NOTE);
  }

  test('shares, is in another app for ten minutes, and comes back: the patient who came meanwhile reads', async () => {
    await sleeps(10 * MINUTE);
    await patient.follows(link);
    await patient.page.getByRole('heading', { name: /is not there at the moment/ }).waitFor();
    await patient.page.getByText(/It goes on by itself/).waitFor();
    line.mend();
    await patient.opens();
    await doctor.admits();
    expect(await patient.reads()).toBe(NOTE);
  });

  test('sleeps for 60 s while the patient reads: the note is hidden, and there again without a tap', async () => {
    await reads();
    await sleeps(60 * SECOND);
    await patient.sees('The note is hidden for now');
    expect(await patient.everything()).not.toContain('Metformin');
    line.mend();
    expect(await patient.reads()).toBe(NOTE);
    await page.getByText('1 reading').waitFor();
    expect(await page.getByRole('button', { name: 'Admit' }).count()).toBe(0);
  });

  test('sleeps for 20 minutes: the patient has nothing any more, and the doctor opens the same text again', async () => {
    await reads();
    await sleeps(20 * MINUTE);
    await patient.sees('This note is gone');
    expect(await patient.everything()).not.toContain('Metformin');
    line.mend();
    await page.getByRole('heading', { name: 'The note is closed' }).waitFor();
    await page.getByRole('button', { name: 'Open again' }).click();
    await page.getByRole('button', { name: 'Share' }).click();
    link = await page.getByRole('textbox', { name: 'Note link' }).inputValue();
    expect(await doctor.note.inputValue()).toBe(NOTE);
    await reads();
  });
});
