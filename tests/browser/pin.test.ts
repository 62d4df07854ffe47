import { beforeEach, describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import type { Doctor, Patient } from '../support/browser/people.ts';

const NOTE = 'HbA1c 6.8 %: better than in May.';
const PIN = '482913';

describe('a note behind a PIN', () => {
  const clinic = useClinic();
  let doctor: Doctor;
  let patient: Patient;
  let link: string;

  beforeEach(async () => {
    [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
    link = await doctor.shares(NOTE, { admission: 'pin', pin: PIN });
  });

  test('can be opened by pressing the button first and Enter after the PIN', async () => {
    await patient.follows(link);
    await patient.opens();
    await patient.page.getByText('Type the PIN first. It has 4 to 12 digits.').waitFor();
    await patient.pin.fill('482 913');
    await patient.pin.press('Enter');
    expect(await patient.reads()).toBe(NOTE);
  });

  test('tells how many tries are left, shows nothing, and still opens with the right one', async () => {
    await patient.follows(link);
    await patient.triesPin('111111');
    await patient.page.getByText('That PIN is not right. 4 tries left.').waitFor();
    expect(await patient.everything()).not.toContain(NOTE);
    await patient.triesPin('222222');
    await patient.page.getByText('That PIN is not right. 3 tries left.').waitFor();
    await doctor.composer.getByText('2 wrong PINs').waitFor();
    await patient.triesPin(PIN);
    expect(await patient.reads()).toBe(NOTE);
  });

  test('is not burned by a reload, and the tries do not come back with it', async () => {
    await patient.follows(link);
    await patient.triesPin('111111');
    await patient.page.getByText('4 tries left').waitFor();
    await patient.page.reload();
    await patient.triesPin('222222');
    await patient.page.getByText('3 tries left').waitFor();
    await patient.triesPin(PIN);
    expect(await patient.reads()).toBe(NOTE);
  });

  test('locks after five wrong ones, for everybody, and says so on both sides', async () => {
    const other = await clinic.newPatient();
    await other.follows(link);
    await other.triesPin(PIN);
    expect(await other.reads()).toBe(NOTE);
    await patient.follows(link);
    for (const guess of ['000001', '000002', '000003', '000004']) {
      await patient.triesPin(guess);
      await patient.page.getByText(/That PIN is not right/).waitFor();
      await expect.poll(() => patient.pin.inputValue()).toBe('');
    }
    await patient.triesPin('000005');
    await patient.sees('This note is gone');
    await other.sees('This note is gone');
    await other.page.getByText(/too many PINs that did not match/).waitFor();
    await doctor.composer.getByText(/after too many wrong PINs/).waitFor();
    expect(await other.everything()).not.toContain(NOTE);
  });
});
