import { describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';

const NOTE = 'Ramipril 5 mg: ½ tablet in the morning ☀️\n\tراميبريل ٥ ملغ <b>not bold</b>\n  Раміприл';

describe('a note from one browser to another', () => {
  const clinics = { chromium: useClinic({ browser: 'chromium' }), firefox: useClinic({ browser: 'firefox' }) };

  test.each([
    { doctors: 'chromium', patients: 'firefox' },
    { doctors: 'firefox', patients: 'chromium' },
  ] as const)('is written in $doctors, read to the letter in $patients, and destroyed in both', async (pair) => {
    const doctor = await clinics[pair.doctors].newDoctor();
    const patient = await clinics[pair.patients].newPatient();
    await patient.follows(await doctor.shares(NOTE));
    await patient.opens();
    const code = patient.page.getByText(/^\d{3}\s\d{3}$/);
    await code.waitFor();
    await doctor.composer.getByText((await code.textContent()) ?? 'no code', { exact: true }).waitFor();
    expect(await patient.note.count()).toBe(0);
    await doctor.admits();
    expect(await patient.reads()).toBe(NOTE);
    // A script that the page loads later, and checks before it runs.
    await patient.page.getByRole('button', { name: "I don't understand something" }).waitFor();
    await doctor.composer.getByText('1 reading').waitFor();
    await doctor.destroys();
    await patient.sees('This note is gone');
    expect(await patient.everything()).not.toContain('Ramipril');
    expect(await doctor.composer.content()).not.toContain('Ramipril');
  });
});
