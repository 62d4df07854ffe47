import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import { Doctor } from '../support/browser/people.ts';

const NOTE = 'Ibuprofen 400 mg, at most 3 a day';
const PHONE = { viewport: { width: 390, height: 740 }, hasTouch: true, isMobile: true };

const clinic = useClinic();

/** A doctor whose browser is `options`, and who has shared a note; `before` runs in each of their tabs first. */
async function sharing(options = {}, before: () => void = () => undefined): Promise<{ page: Page; link: string }> {
  const browser = (await clinic.newProfile()).browser();
  const context = await browser?.newContext(options);
  if (context === undefined) throw new Error('no browser');
  await context.addInitScript(before);
  const doctor = new Doctor(context, clinic.glir.url);
  const link = await doctor.shares(NOTE, { command: '/glir' });
  return { page: doctor.composer, link };
}

async function somebodyWaits(link: string): Promise<void> {
  const patient = await clinic.newPatient();
  await patient.follows(link);
  await patient.opens();
}

describe('the doctor hands the link on', () => {
  test('with a sentence in the patient’s language, to programs of this device alone, with nothing behind the link', async () => {
    const { page, link } = await sharing(PHONE, () => {
      const shared: unknown[] = [];
      Object.assign(window, { shared });
      Object.defineProperty(navigator, 'share', { value: async (data: unknown) => void shared.push(data) });
    });
    const send = page.locator('.send-link');
    await send.getByLabel('The patient speaks').selectOption('it');
    const sentence = /ha una nota privata per Lei\. Apra questo link per leggerla:\n/;
    const hrefs = () =>
      send.locator('.send-ways a').evaluateAll((links) => links.map((one) => one.getAttribute('href') ?? ''));
    await expect.poll(async () => decodeURIComponent((await hrefs())[0] ?? '')).toMatch(sentence);
    for (const href of await hrefs()) {
      expect(href).toMatch(/^(sms|whatsapp|mailto):/);
      expect(decodeURIComponent(href).endsWith(`\n${link}`)).toBe(true);
      expect(decodeURIComponent(href)).not.toContain('Ibuprofen');
    }
    await send.getByRole('button', { name: 'Share with an app' }).click();
    const [data] = await page.evaluate<{ text: string }[]>('shared');
    expect(data?.text).toMatch(sentence);
    expect(data?.text.endsWith(`\n${link}`)).toBe(true);
    // The doctor's own page stays as it is.
    await page.getByRole('heading', { name: 'The note is open' }).waitFor();
  });

  test('by e-mail at a desk, without being asked whether to leave the page', async () => {
    const { page } = await sharing();
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    await page.getByText('Send the link', { exact: true }).click();
    expect(await page.locator('.send-ways a:visible').count()).toBe(1);
    await page.getByRole('link', { name: 'E-mail' }).click();
    await page.waitForTimeout(500);
    expect(asked).toEqual([]);
    await page.getByRole('heading', { name: 'The note is open' }).waitFor();
  });
});

describe('somebody waits', () => {
  /** Records the tones that are played and the notifications that are shown; the page does not have the focus. */
  const listen = () => {
    const heard: { tones: number; shown: unknown[] } = { tones: 0, shown: [] };
    Object.assign(window, { heard });
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...at) {
      if (this.context.state === 'running') heard.tones += 1;
      return start.apply(this, at);
    };
    // A headless browser shows none, and refuses to be asked.
    const Recorded = class extends EventTarget {
      static readonly permission = 'granted';
      constructor(title: string, options?: NotificationOptions) {
        super();
        heard.shown.push([title, options?.body]);
      }
      close() {}
    };
    Object.assign(window, { Notification: Recorded });
    document.hasFocus = () => false;
  };

  test('a soft sound and a notification that names nobody tell the doctor', async () => {
    const { page, link } = await sharing({}, listen);
    await somebodyWaits(link);
    await page.getByText('1 waiting').waitFor();
    await expect.poll(() => page.evaluate('heard.tones')).toBe(2);
    expect(await page.evaluate('heard.shown')).toEqual([['Private note', 'Somebody waits for your note.']]);
    await page.getByRole('switch', { name: 'Sound when somebody waits' }).uncheck();
    await somebodyWaits(link);
    await page.getByText('2 waiting').waitFor();
    expect(await page.evaluate('heard.tones')).toBe(2);
  });

  test('on a phone the buttons come into view', async () => {
    const { page, link } = await sharing(PHONE);
    await page.evaluate(() => scrollTo(0, 0));
    await somebodyWaits(link);
    const admit = page.getByRole('button', { name: 'Admit' });
    await admit.waitFor();
    await expect
      .poll(() => admit.evaluate((button) => button.getBoundingClientRect().bottom <= innerHeight))
      .toBe(true);
  });
});

test('the cursor is in the note when the page has loaded', async () => {
  const doctor = await clinic.newDoctor();
  const page = await doctor.opens(await doctor.asks('/glir'));
  await doctor.note.waitFor();
  await expect.poll(() => page.evaluate(() => document.activeElement?.id)).toBe('note');
});
