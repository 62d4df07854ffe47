import { beforeEach, describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import type { Doctor, Patient } from '../support/browser/people.ts';

const NOTE = 'Levothyroxine 75 µg, on an empty stomach';

describe('readers, one by one', () => {
  const clinic = useClinic();
  let doctor: Doctor;
  let patient: Patient;
  let daughter: Patient;
  let link: string;

  beforeEach(async () => {
    [doctor, patient, daughter] = await Promise.all([clinic.newDoctor(), clinic.newPatient(), clinic.newPatient()]);
    link = await doctor.shares(NOTE);
    for (const reader of [patient, daughter]) {
      await reader.follows(link);
      await reader.opens();
      await doctor.admits();
      expect(await reader.reads()).toBe(NOTE);
    }
  });

  test('one is removed without ending the note, and has to be admitted anew when it comes back', async () => {
    const page = doctor.composer;
    await page.getByRole('button', { name: 'Remove' }).first().click();
    await patient.sees('The note stays closed');
    expect(await patient.everything()).not.toContain('Levothyroxine');
    expect(await daughter.reads()).toBe(NOTE);
    await page.getByText('1 reading').waitFor();
    await patient.page.reload();
    await patient.opens();
    await page.getByRole('button', { name: 'Admit' }).waitFor();
    expect(await patient.everything()).not.toContain('Levothyroxine');
    await doctor.admits();
    expect(await patient.reads()).toBe(NOTE);
  });

  test('the end counts as read after it was in sight for a while, and not at once', async () => {
    const page = doctor.composer;
    const late = await clinic.newPatient();
    await late.follows(link);
    await late.opens();
    await doctor.admits();
    expect(await late.reads()).toBe(NOTE);
    const row = page.locator('.reader').last();
    await row.getByText('reading', { exact: true }).waitFor();
    expect(await row.textContent()).not.toContain('read to the end');
    await row.getByText('read to the end').waitFor();
  });
});
