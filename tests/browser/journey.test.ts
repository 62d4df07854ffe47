import { beforeEach, describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import type { Doctor, Patient } from '../support/browser/people.ts';

/** One line of many scripts: accents, emoji with joiners, right-to-left, combining marks, markup, odd spaces. */
const LINE =
  'Ramipril 5 mg ½–0–1 · naïve café ❤️👩‍⚕️🏽 · לקחת כדור אחד בבוקר · تناول قرصًا واحدًا · Приймати зранку · 每日一次 · é zero\u200bwidth · <script>alert("x")</script> & \u00a0\t“end”\n';

/** A note of exactly `bytes` UTF-8 bytes. */
function longNote(bytes: number): string {
  const line = Buffer.byteLength(LINE);
  const note = LINE.repeat(Math.floor(bytes / line));
  return note + '.'.repeat(bytes - Buffer.byteLength(note));
}

const SHORT = 'Ramipril 5 mg: 1 tablet in the morning ☀️';

describe('a note from the doctor to the patient', () => {
  const clinic = useClinic();
  let doctor: Doctor;
  let patient: Patient;

  beforeEach(async () => {
    [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
  });

  async function reading(note = SHORT, command = '/glir'): Promise<void> {
    await patient.follows(await doctor.shares(note, { command }));
    await patient.opens();
    await doctor.admits();
    expect(await patient.reads()).toBe(note);
  }

  test('the patient reads exactly what the doctor wrote, 60 KiB of many scripts, until the doctor destroys it', async () => {
    const note = longNote(60 * 1024);
    await reading(note);
    await doctor.destroys();
    await patient.sees('This note is gone');
    expect(await patient.everything()).not.toContain(note.slice(0, 40));
    expect(await doctor.composer.content()).not.toContain(note.slice(0, 40));
  });

  test('a doctor who keeps the name private is only "a doctor" to the patient', async () => {
    await doctor.opens(await doctor.types('/glir'));
    await doctor.note.fill(SHORT);
    await doctor.composer.getByText('More choices').click();
    await doctor.composer.getByLabel('Show my name').uncheck();
    await doctor.composer.getByRole('button', { name: 'Share' }).click();
    await patient.follows(await doctor.composer.getByRole('textbox', { name: 'Note link' }).inputValue());
    await patient.page.getByText('A doctor has a private note for you.').waitFor();
    expect(await patient.everything()).not.toContain('Rossi');
  });

  test('a refused patient is told kindly and gets nothing', async () => {
    await patient.follows(await doctor.shares(SHORT));
    await patient.opens();
    await doctor.refuses();
    await patient.sees('The note stays closed');
    expect(await patient.everything()).not.toContain('Ramipril');
  });

  test('the doctor sees that a reader left, and a reload lets the patient ask again', async () => {
    await reading();
    await patient.page.reload();
    await patient.opens();
    await doctor.composer.getByText('1 waiting').waitFor();
    // The same reader in the same row, and no second one.
    await doctor.composer.getByText(/reloaded the page at/i).waitFor();
    expect(await doctor.composer.getByText('Reader 2', { exact: true }).count()).toBe(0);
    await doctor.admits();
    expect(await patient.reads()).toBe(SHORT);
  });

  test('a patient who waits and reloads the page keeps row and code', async () => {
    await patient.follows(await doctor.shares(SHORT));
    await patient.opens();
    const code = patient.page.getByText(/^\d{3}\s\d{3}$/);
    const before = await code.textContent();
    await patient.page.reload();
    await patient.opens();
    expect(await code.textContent()).toBe(before);
    await doctor.composer.getByText('1 waiting').waitFor();
    expect(await doctor.composer.getByText('Reader 2', { exact: true }).count()).toBe(0);
    await doctor.admits();
    expect(await patient.reads()).toBe(SHORT);
  });

  test('a patient who takes more than a minute before the tap reads the note all the same', async () => {
    const logged = (text: string) => clinic.glir.log.filter((line) => line.includes(text)).length;
    const joined = logged('"event":"reader-joined"');
    const left = () => logged('"was":"joined"');
    await patient.follows(await doctor.shares(SHORT));
    await patient.page.getByRole('button', { name: 'Open the note' }).waitFor();
    await expect.poll(() => logged('"event":"reader-joined"')).toBe(joined + 1);
    const before = left();
    clinic.glir.clock.advance(61_000);
    await expect.poll(left).toBe(before + 1);
    await patient.opens();
    await doctor.admits();
    expect(await patient.reads()).toBe(SHORT);
  });

  test('two patients read the same note, each after reading out the code that the doctor sees, too', async () => {
    const second = await clinic.newPatient();
    const link = await doctor.shares(SHORT);
    for (const one of [patient, second]) {
      await one.follows(link);
      await one.opens();
      const code = one.page.getByText(/^\d{3}\s\d{3}$/);
      await code.waitFor();
      await doctor.composer.getByText((await code.textContent()) ?? 'no code', { exact: true }).waitFor();
      expect(await one.note.count()).toBe(0);
      await doctor.admits();
      expect(await one.reads()).toBe(SHORT);
    }
    await doctor.composer.getByText('2 reading').waitFor();
    await doctor.destroys();
    await Promise.all([patient.sees('This note is gone'), second.sees('This note is gone')]);
  });

  test('after its minute the note is gone on both screens', async () => {
    await reading(SHORT, '/glir 1m');
    clinic.glir.clock.advance(60_000);
    await patient.sees('This note is gone');
    await patient.page.getByText(/Its time was over/).waitFor();
    await doctor.composer.getByRole('heading', { name: 'The note is closed' }).waitFor();
    expect(await patient.everything()).not.toContain('Ramipril');
  });

  test('the patient’s page wipes itself at expiry even if no server tells it', async () => {
    await patient.page.clock.install();
    await reading(SHORT, '/glir 1m');
    await patient.page.clock.runFor(61_000);
    await patient.sees('This note is gone');
    expect(await patient.everything()).not.toContain('Ramipril');
  });

  test('closing the composer’s tab ends the note on the patient’s screen', async () => {
    await reading();
    await doctor.composer.close({ runBeforeUnload: false });
    await patient.sees('This note is gone');
    await patient.page.getByText(/closed the page/).waitFor();
    expect(await patient.everything()).not.toContain('Ramipril');
  });

  test('reloading the composer’s tab ends the note, and the page says how to begin again', async () => {
    await reading();
    doctor.composer.on('dialog', (dialog) => void dialog.accept());
    await doctor.composer.reload();
    await patient.sees('This note is gone');
    await doctor.composer.getByText('/glir').first().waitFor();
  });

  test('closing the tab with a live note asks first', async () => {
    await reading();
    const asked = doctor.composer.waitForEvent('dialog');
    void doctor.composer.close({ runBeforeUnload: true });
    const dialog = await asked;
    expect(dialog.type()).toBe('beforeunload');
    await dialog.dismiss();
    expect(await patient.reads()).toBe(SHORT);
  });

  test('the patient’s page joins on the connection that it came on, and its socket only goes on from there', async () => {
    const { page } = patient;
    const posted: string[] = [];
    const said: string[] = [];
    page.on('request', (request) => request.method() === 'POST' && posted.push(new URL(request.url()).pathname));
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => said.push(String(JSON.parse(String(payload)).t)));
    });
    await reading();
    expect(posted).toEqual(['/join']);
    expect(said.slice(0, 2)).toEqual(['attach', 'knock']);
    expect(said).not.toContain('join');
    expect(said).not.toContain('connect');
  });
});
