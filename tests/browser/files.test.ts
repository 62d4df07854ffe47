import { randomBytes } from 'node:crypto';
import type { Download, Locator } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import type { Doctor, Patient } from '../support/browser/people.ts';
import { pdfOf } from '../support/files/pdf.ts';
import { asFromCamera, CAMERA, drawnPicture } from '../support/files/pictures.ts';

const NOTE = 'The report comes with this note';
const TEXT = 'Haemoglobin 13.9 g/dl\nالهيموغلوبين طبيعي\n';
const MEGABYTE = 1024 * 1024;

async function bytesOf(download: Download): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of await download.createReadStream()) parts.push(part);
  return Buffer.concat(parts);
}

/** The colour of a canvas at a place, from 0 to 1 in both directions. */
function colourAt(canvas: Locator, x: number, y: number): Promise<number[]> {
  return canvas.evaluate(
    (element: HTMLCanvasElement, at) => {
      const pixel = element.getContext('2d')?.getImageData(element.width * at.x, element.height * at.y, 1, 1);
      return [...(pixel?.data ?? [])].map((value) => (value > 128 ? 1 : 0));
    },
    { x, y },
  );
}

describe('files that a doctor sends with a note', () => {
  const clinic = useClinic();
  let doctor: Doctor;
  let patient: Patient;

  beforeEach(async () => {
    [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
  });

  /** A note on the patient's screen, which the link alone opened. */
  async function reads(): Promise<void> {
    await patient.follows(await doctor.shares(NOTE, { admission: 'link' }));
    await patient.opens();
    expect(await patient.reads()).toBe(NOTE);
  }

  test('are shown in the patient’s page: a photo without its place and camera but turned as it was, a picture, a text', async () => {
    await reads();
    const photo = asFromCamera(await drawnPicture(doctor.composer, 'image/jpeg'));
    const picture = await drawnPicture(doctor.composer, 'image/png');
    await doctor.adds(
      { name: '../wound\u202Egpj.jpg', content: photo },
      { name: 'diagram.png', content: picture },
      { name: 'values.txt', content: TEXT },
      { name: 'empty.txt', content: '' },
    );
    const shown = (await patient.opensFile('woundgpj.jpg')).locator('canvas');
    await shown.waitFor();
    // Orientation 6: a quarter turned, so that the red half is on top.
    expect(await shown.evaluate(({ width, height }: HTMLCanvasElement) => [width, height])).toEqual([20, 40]);
    expect(await colourAt(shown, 0.5, 0.25)).toEqual([1, 0, 0, 1]);
    expect(await colourAt(shown, 0.5, 0.75)).toEqual([0, 0, 1, 1]);
    const saving = patient.page.waitForEvent('download');
    await patient.file('woundgpj.jpg').getByRole('button', { name: 'Save' }).click();
    const download = await saving;
    expect(download.suggestedFilename()).toBe('woundgpj.jpg');
    const saved = await bytesOf(download);
    expect(saved.length).toBeGreaterThan(100);
    for (const word of Object.values(CAMERA)) expect(saved.includes(word)).toBe(false);

    const drawn = (await patient.opensFile('diagram.png')).getByRole('img', { name: 'diagram.png' });
    await drawn.waitFor();
    expect(await colourAt(drawn, 0.25, 0.5)).toEqual([1, 0, 0, 1]);
    expect(await (await patient.opensFile('values.txt')).locator('pre').textContent()).toBe(TEXT);
    await (await patient.opensFile('empty.txt')).getByText('This file is empty.').waitFor();
    await doctor.file('values.txt').getByText('1 of 1 have it').waitFor();

    await doctor.destroys();
    await patient.sees('This note is gone');
    const left = await patient.everything();
    for (const word of ['Haemoglobin', 'woundgpj', 'diagram.png', 'values.txt']) expect(left).not.toContain(word);
  });

  test('that are PDFs are drawn in the page, with text that is selected and read aloud; nothing but the page’s own server is asked', async () => {
    await reads();
    const asked: string[] = [];
    patient.page.on('request', (request) => asked.push(new URL(request.url()).pathname.replace(/\..*/, '')));
    const problems: string[] = [];
    patient.page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await doctor.adds({ name: 'report.pdf', content: pdfOf('Haemoglobin is fine', 'Second page') });
    const file = await patient.opensFile('report.pdf');
    const page = file.getByRole('region', { name: 'Page 1 of 2' });
    await page.getByText('Haemoglobin is fine').waitFor();
    const canvas = page.locator('canvas');
    const isInked = () =>
      canvas.evaluate((element: HTMLCanvasElement) => {
        const pixels = element.getContext('2d')?.getImageData(0, 0, element.width, element.height).data ?? [];
        return pixels.some((value, at) => at % 4 === 0 && value < 100 && pixels[at + 3] === 255);
      });
    await expect.poll(isInked).toBe(true);
    const own = ['/scripts/pdf-pages', '/scripts/received-files', '/strings/receiver/en'];
    expect(asked.filter((address) => !address.startsWith('/n/')).sort()).toEqual(own);
    expect(problems).toEqual([]);
    await file.getByRole('button', { name: 'Close' }).click();
    await page.waitFor({ state: 'detached' });
    expect(await patient.everything()).not.toContain('Haemoglobin');
  });

  test('are taken only as what they are: a program, a name that lies and an HEIC photo are refused with a word', async () => {
    await doctor.opens(await doctor.asks('/glir'));
    await doctor.note.fill(NOTE);
    await doctor.adds(
      { name: 'report.pdf', content: 'MZ\u0090\0program' },
      { name: 'photo.png', content: 'this is a text' },
      { name: 'setup.exe', content: 'anything' },
      { name: 'IMG_1.heic', content: '\0\0\0\x18ftypheic\0\0\0\0' },
      { name: 'good.txt', content: 'good' },
    );
    await doctor.file('good.txt').waitFor();
    const page = doctor.composer;
    await expect.poll(() => page.locator('.files-refused li').count()).toBe(4);
    expect(await page.locator('.files-refused').textContent()).toMatch(
      /report\.pdf.*run it as a program.*photo\.png.*not what its name says.*setup\.exe.*run it as a program.*IMG_1\.heic.*HEIC/,
    );
    await doctor.file('good.txt').getByRole('button', { name: 'Remove' }).click();
    await doctor.file('good.txt').waitFor({ state: 'detached' });
  });

  test('arrive to the byte after the line was cut in the middle; and not at all once they are withdrawn', async () => {
    const content = randomBytes(6 * MEGABYTE);
    await reads();
    await doctor.adds({ name: 'scan.dcm', content });
    await patient.file('scan.dcm').waitFor();
    // Both pages of the patient come back by themselves when their network changes.
    await patient.page.evaluate(() => dispatchEvent(new Event('online')));
    const save = patient.file('scan.dcm').getByRole('button', { name: 'Save' });
    await save.waitFor();
    const [download] = await Promise.all([patient.page.waitForEvent('download'), save.click()]);
    const saved = await bytesOf(download);
    expect(saved.equals(content)).toBe(true);
    await doctor.file('scan.dcm').getByRole('button', { name: 'Withdraw' }).click();
    await patient.file('scan.dcm').waitFor({ state: 'detached' });
  });
});
