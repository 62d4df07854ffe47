import type { BrowserContext } from 'playwright-core';
import { Doctor, Patient } from '../../support/browser/people.ts';
import type { Private } from './markers.ts';

/** A note that a patient reads. */
export interface Reading {
  doctor: Doctor;
  noteLink: string;
  /** What is not on the screens though it should be; empty while both show the whole note. */
  lacking(): Promise<string[]>;
  /** Waits until neither screen shows anything of it. */
  over(): Promise<void>;
}

/**
 * From the compose link to the patient's screen: a note, a list of medicines, a prescription pasted into it, a PIN, typed wrong
 * and then right, and a correction while the patient reads.
 */
export async function reads(
  composeLink: string,
  own: Private,
  browsers: { clinic: BrowserContext; home: BrowserContext },
): Promise<Reading> {
  const doctor = new Doctor(browsers.clinic, new URL(composeLink).origin);
  const composer = await doctor.opens(composeLink);
  await doctor.note.fill(own.note);
  await doctor.note.evaluate((area, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    area.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, own.prescription);
  await composer.getByRole('button', { name: 'Take over', exact: true }).click();
  for (const [index, column] of ['Medicine', 'Strength', 'Dose', 'When', 'How long', 'Remarks'].entries()) {
    const cell = composer.getByRole('textbox', { name: `${column} 2`, exact: true });
    await cell.fill(own.medicine[index] ?? '');
  }
  await composer.getByRole('radio', { name: 'A PIN lets readers in' }).check();
  await composer.getByRole('textbox', { name: 'PIN', exact: true }).fill(own.pin);
  await composer.getByRole('button', { name: 'Share', exact: true }).click();
  const noteLink = await composer.getByRole('textbox', { name: 'Note link' }).inputValue();

  const patient = new Patient(await browsers.home.newPage());
  await patient.follows(noteLink);
  await patient.triesPin(own.wrongPin);
  await patient.page.getByText('That PIN is not right.').waitFor();
  await patient.triesPin(own.pin);
  await patient.note.waitFor();
  const corrected = `${own.note}\n${own.correction}`;
  await doctor.note.fill(corrected);
  await patient.note.filter({ hasText: own.correction }).waitFor();

  const words = [...own.note.split('\n'), own.correction, ...own.medicine, own.prescribed];
  return {
    doctor,
    noteLink,
    async lacking() {
      const read = await patient.note.textContent({ timeout: 1_000 }).catch(() => '');
      const written = await doctor.note.inputValue({ timeout: 1_000 }).catch(() => '');
      const lacked = words.filter((word) => read?.includes(word) !== true);
      return written === corrected ? lacked : [...lacked, 'the note in the doctor’s page'];
    },
    async over() {
      await patient.sees('This note is gone');
      await composer.getByRole('heading', { name: 'The note is gone' }).waitFor();
      const shown = `${await patient.everything()}${await composer.content()}`;
      const left = words.filter((word) => shown.includes(word));
      if (left.length > 0) throw new Error('a page still shows a part of the note after its end');
    },
  };
}
