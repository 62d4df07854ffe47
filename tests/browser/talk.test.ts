import { beforeEach, describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import type { Doctor, Patient } from '../support/browser/people.ts';
import { countWakeLocks } from '../support/browser/wake-locks.ts';

const NOTE = 'Metformin 500 mg\nOne tablet in the morning\nTake it with food';

describe('doctor and patient while the note is open', () => {
  const clinic = useClinic();
  let doctor: Doctor;
  let patient: Patient;
  let locks: () => Promise<number>;

  beforeEach(async () => {
    [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
    locks = await countWakeLocks(patient.page);
    await patient.follows(await doctor.shares(NOTE, { admission: 'link' }));
    await patient.page.getByRole('button', { name: 'Open the note' }).waitFor();
    expect(await locks()).toBe(0);
    await patient.opens();
    expect(await patient.reads()).toBe(NOTE);
  });

  test('a correction appears on the patient’s page as the doctor makes it, and is marked', async () => {
    const corrected = NOTE.replace('One tablet', 'Two tablets');
    await doctor.note.fill(corrected);
    await expect.poll(() => patient.note.textContent()).toBe(corrected);
    await patient.page.getByText('Dr Anna Rossi is changing the note. Wait a moment.').first().waitFor();
    await patient.page
      .getByText(/^Changed at /)
      .first()
      .waitFor();
    const changing = patient.page.getByText('is changing the note').filter({ visible: true });
    await expect.poll(() => changing.count()).toBe(0);
  });

  test('a note that the doctor empties to write it anew stays as it was until there are words', async () => {
    await doctor.note.fill('');
    await doctor.composer
      .getByText(/Readers still see the last version/)
      .first()
      .waitFor();
    expect(await patient.note.textContent()).toBe(NOTE);
    await doctor.note.fill('Written anew');
    await expect.poll(() => patient.note.textContent()).toBe('Written anew');
  });

  test('the doctor sees that the patient has understood, and that this was before a change', async () => {
    await patient.page.getByRole('button', { name: 'I have understood' }).click();
    await doctor.composer.getByText('has understood', { exact: true }).waitFor();
    await doctor.note.fill(`${NOTE}\nNot with milk`);
    await doctor.composer
      .getByText(/understood an earlier version/i)
      .first()
      .waitFor();
  });

  test('the doctor sees that the patient looks elsewhere, and that the patient is back', async () => {
    const other = await patient.page.context().newPage();
    await other.bringToFront();
    await patient.page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { configurable: true, value: true });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await doctor.composer
      .getByText(/looks at something else now/i)
      .first()
      .waitFor();
    await patient.page.evaluate(() => {
      Reflect.deleteProperty(document, 'hidden');
      document.dispatchEvent(new Event('visibilitychange'));
    });
    await expect.poll(() => doctor.composer.getByText(/looks at something else now/i).count()).toBe(0);
  });

  test('the patient’s screen stays on while the note is read, and no longer', async () => {
    await expect.poll(locks).toBe(1);
    await doctor.destroys();
    await expect.poll(locks).toBe(0);
  });

  test('more time that the doctor adds is there for the patient at once', async () => {
    const left = patient.page.getByText(/minutes left/).first();
    expect(await left.textContent()).toContain('30');
    await doctor.composer.getByRole('button', { name: 'Add 15 minutes' }).click();
    await expect.poll(() => left.textContent()).toContain('45');
  });
});
