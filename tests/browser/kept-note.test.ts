import { buffer } from 'node:stream/consumers';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import type { Doctor, Patient } from '../support/browser/people.ts';

const NOTE = 'Levothyroxine 75 µg, on an empty stomach';
const HALF_AN_HOUR = 30 * 60_000;

describe('the doctor’s words are not lost by accident', () => {
  const clinic = useClinic();

  async function expired(): Promise<{ doctor: Doctor; page: Doctor['composer'] }> {
    const [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
    await patient.follows(await doctor.shares(NOTE, { admission: 'link', command: '/glir 30m' }));
    await patient.opens();
    expect(await patient.reads()).toBe(NOTE);
    clinic.glir.clock.advance(HALF_AN_HOUR);
    await patient.sees('This note is gone');
    expect(await patient.everything()).not.toContain('Levothyroxine');
    const page = doctor.composer;
    await page.getByRole('heading', { name: 'The note is closed' }).waitFor();
    return { doctor, page };
  }

  test('after the time is over the patient has nothing, and the doctor has the text until it is wiped', async () => {
    const { page } = await expired();
    expect(await page.getByRole('textbox', { name: 'Your text' }).inputValue()).toBe(NOTE);
    await page.getByRole('button', { name: 'Wipe' }).click();
    await page.getByRole('heading', { name: 'The note is gone' }).waitFor();
    await page.getByText('It is wiped from this page as well.').waitFor();
    expect(
      (await page.evaluate(() => document.querySelector('textarea')?.value ?? '')) + (await page.content()),
    ).not.toContain('Levothyroxine');
  });

  test('"Open again" shares the same text under another link, without the chat; the old link stays dead', async () => {
    const { doctor, page } = await expired();
    await page.getByRole('button', { name: 'Open again' }).click();
    await page.getByRole('button', { name: 'Share' }).waitFor();
    expect(await doctor.note.inputValue()).toBe(NOTE);
    await page.getByRole('radio', { name: 'The link is enough' }).check();
    await page.getByRole('button', { name: 'Share' }).click();
    const link = await page.getByRole('textbox', { name: 'Note link' }).inputValue();
    const other = await clinic.newPatient();
    await other.follows(link);
    await other.opens();
    expect(await other.reads()).toBe(NOTE);
    await page.getByText('The link is enough', { exact: true }).waitFor();
    // Whoever comes from now on waits for the doctor, also who has the page open already.
    const late = await clinic.newPatient();
    await late.follows(link);
    await late.page.getByRole('button', { name: 'Open the note' }).waitFor();
    await page.getByRole('button', { name: 'From now on: I admit each reader' }).click();
    await page.getByText('I admit each reader', { exact: true }).waitFor();
    await late.opens();
    await doctor.admits();
    expect(await late.reads()).toBe(NOTE);
    expect(await other.reads()).toBe(NOTE);
    expect(await page.getByText('Something on the way changed').count()).toBe(0);
  });

  test('another compose link in the same tab shares the same text again, under a link of its own', async () => {
    const { doctor, page } = await expired();
    await page.goto(await doctor.asks('/glir 30m'));
    await page.getByRole('heading', { name: 'A private note' }).waitFor();
    expect(await doctor.note.inputValue()).toBe(NOTE);
    await page.getByRole('radio', { name: 'The link is enough' }).check();
    await page.getByRole('button', { name: 'Share' }).click();
    const link = await page.getByRole('textbox', { name: 'Note link' }).inputValue();
    const other = await clinic.newPatient();
    await other.follows(link);
    await other.opens();
    expect(await other.reads()).toBe(NOTE);
    await doctor.destroys();
    await other.sees('This note is gone');
    expect(await page.content()).not.toContain('Levothyroxine');
    await expect.poll(() => page.getByRole('textbox', { name: 'Your text' }).count()).toBe(0);
  });

  test('a template goes to the doctor’s own disk and comes back behind what is there already', async () => {
    const { doctor, page } = await expired();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Save as a template' }).click(),
    ]);
    const file = await buffer(await download.createReadStream());
    expect(JSON.parse(file.toString())).toMatchObject({ glir: 'template', text: NOTE });
    const next = await doctor.opens(await doctor.asks('/glir'));
    await doctor.note.fill('Dear Mr Verdi,');
    const upload = (content: Buffer) =>
      next
        .locator('.note-copies input')
        .setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: content });
    await upload(Buffer.from('{"resourceType":"Bundle"}'));
    await next.getByText('This file is not a template of GLIR.').waitFor();
    expect(await doctor.note.inputValue()).toBe('Dear Mr Verdi,');
    await upload(file);
    await next.getByText('The template is loaded.').waitFor();
    expect(await doctor.note.inputValue()).toBe(`Dear Mr Verdi,\n\n${NOTE}`);
  });

  test('a reload is warned before, and told truly after', async () => {
    const { page } = await expired();
    const warned = new Promise<string>((resolve) => {
      page.once('dialog', (dialog) => {
        resolve(dialog.type());
        void dialog.accept();
      });
    });
    await page.getByRole('textbox', { name: 'Your text' }).click();
    await page.reload();
    expect(await warned).toBe('beforeunload');
    await page.getByRole('heading', { name: 'You reloaded or left this page' }).waitFor();
    expect(await page.content()).not.toContain('Levothyroxine');
  });
});

describe('the same text for another patient', () => {
  const clinic = useClinic();
  let doctor: Doctor;
  let patient: Patient;
  let page: Page;

  beforeEach(async () => {
    [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
    await patient.follows(await doctor.shares(NOTE, { admission: 'link' }));
    await patient.opens();
    expect(await patient.reads()).toBe(NOTE);
    page = doctor.composer;
    await page.getByText('Send to another patient').click();
  });

  async function otherReads(composer: Page): Promise<Patient> {
    await composer.getByRole('radio', { name: 'The link is enough' }).check();
    await composer.getByRole('button', { name: 'Share' }).click();
    const link = await composer.getByRole('textbox', { name: 'Note link' }).inputValue();
    const other = await clinic.newPatient();
    await other.follows(link);
    await other.opens();
    expect(await other.reads()).toBe(NOTE);
    return other;
  }

  test('in a new tab: both notes are open, each with its own reader, and each ends by itself', async () => {
    const opened = page.context().waitForEvent('page');
    await page.getByRole('button', { name: 'In a new tab; this note stays open' }).click();
    const tab = await opened;
    const other = await otherReads(tab);
    expect(await patient.reads()).toBe(NOTE);
    for (const composer of [page, tab]) await composer.getByText('1 reading').waitFor();
    await doctor.destroys();
    await patient.sees('This note is gone');
    expect(await other.reads()).toBe(NOTE);
  });

  test('here: the first patient has nothing any more, and the text goes on under another link', async () => {
    await page.getByRole('button', { name: 'Here; this note ends now' }).click();
    await patient.sees('This note is gone');
    expect(await patient.everything()).not.toContain('Levothyroxine');
    await page.getByRole('heading', { name: 'A private note' }).waitFor();
    expect(await doctor.note.inputValue()).toBe(NOTE);
    await otherReads(page);
  });
});
