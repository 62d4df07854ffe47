import { beforeEach, describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import type { Doctor, Patient } from '../support/browser/people.ts';

const NOTE = 'Ibuprofen 400 mg, at most 3 a day';

describe('what does not work is said kindly, and nothing is lost', () => {
  const clinic = useClinic();
  let doctor: Doctor;
  let patient: Patient;

  beforeEach(async () => {
    [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
  });

  test('a note link that was cut off says that it is not complete', async () => {
    const link = await doctor.shares(NOTE);
    await patient.follows(link.slice(0, -10));
    await patient.sees('This link is not complete');
  });

  test('a note link with a changed letter opens nothing, and the right one still works', async () => {
    const link = await doctor.shares(NOTE);
    const at = link.indexOf('#') + 5;
    await patient.follows(link.slice(0, at) + (link[at] === 'A' ? 'B' : 'A') + link.slice(at + 1));
    await patient.sees('This link does not fit');
    await patient.page.goto('about:blank');
    await patient.follows(link);
    await patient.opens();
    await doctor.admits();
    expect(await patient.reads()).toBe(NOTE);
  });

  test('a note link to a room that never was says that there is no note', async () => {
    await patient.follows(`${clinic.glir.url}/n/${'A'.repeat(22)}#${'A'.repeat(43)}`);
    await patient.sees('There is no note here');
  });

  test('a compose link works once; while it is open elsewhere, that is said', async () => {
    const composeLink = await doctor.asks('/glir');
    const first = await doctor.opens(composeLink);
    await doctor.note.fill(NOTE);
    const second = await doctor.opens(composeLink);
    await second
      .getByText(/already|another tab/i)
      .first()
      .waitFor();
    expect(await first.getByRole('textbox', { name: 'Note', exact: true }).inputValue()).toBe(NOTE);
    await first.close();
    const third = await doctor.opens(composeLink);
    await third.getByRole('heading', { name: 'This link was used already' }).waitFor();
    // The doctor's own second try is no dead end.
    await third.getByRole('button', { name: 'Write a new note here' }).click();
    await third.getByRole('button', { name: 'Share' }).waitFor();
    expect(await doctor.note.inputValue()).toBe('');
  });

  test('a compose link is good for ten minutes', async () => {
    const composeLink = await doctor.asks('/glir');
    clinic.glir.clock.advance(10 * 60_000);
    const page = await doctor.opens(composeLink);
    await page.getByRole('heading', { name: 'This link is too old' }).waitFor();
  });

  test('a note over 64 KiB is refused in the composer, and nothing of it is lost', async () => {
    const composer = await doctor.opens(await doctor.asks('/glir'));
    const long = 'ä'.repeat(32 * 1024 + 1);
    await doctor.note.fill(long);
    await composer.getByRole('button', { name: 'Share' }).click();
    await composer
      .getByText(/too long by about .* Nothing is lost/)
      .first()
      .waitFor();
    expect(await doctor.note.inputValue()).toBe(long);
    await doctor.note.fill('ä'.repeat(32 * 1024));
    await composer.getByRole('button', { name: 'Share' }).click();
    await composer.getByRole('textbox', { name: 'Note link' }).waitFor();
  });

  test('an empty note is not shared', async () => {
    const composer = await doctor.opens(await doctor.asks('/glir'));
    await composer.getByRole('button', { name: 'Share' }).click();
    await composer.getByText('The note is empty.', { exact: false }).first().waitFor();
  });

  test('a fourth patient is told that the note is open elsewhere, and the three read on', async () => {
    const link = await doctor.shares(NOTE, { admission: 'link' });
    const three = [patient, await clinic.newPatient(), await clinic.newPatient()];
    for (const one of three) {
      await one.follows(link);
      await one.opens();
      expect(await one.reads()).toBe(NOTE);
    }
    const fourth = await clinic.newPatient();
    await fourth.follows(link);
    await fourth.opens();
    await fourth.sees('This note is already open');
    for (const one of three) expect(await one.reads()).toBe(NOTE);
  });

  test('what is typed behind /glir is neither kept nor shown', async () => {
    const chat = await (await clinic.newProfile()).newPage();
    await chat.goto(clinic.glir.url);
    await chat.getByRole('textbox', { name: 'Message' }).fill('/glir Mr Bianchi takes Warfarin');
    await chat.keyboard.press('Enter');
    await chat.getByText(/Don.t type the note here/).waitFor();
    expect(await chat.content()).not.toContain('Warfarin');
    expect(clinic.glir.log.join('')).not.toContain('Warfarin');
  });
});
