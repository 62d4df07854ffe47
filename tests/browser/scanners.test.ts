import { createHash } from 'node:crypto';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import type { Doctor, Patient } from '../support/browser/people.ts';

const NOTE = 'Levothyroxine 75 µg before breakfast';
const PIN = '482913';

/** Those who fetch a link before, or instead of, the person it was sent to. */
const AGENTS = [
  'Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)',
  'Mozilla/5.0 (compatible; SkypeUriPreview Preview/0.5; skype-url-preview@microsoft.com)',
  'Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0; Pro) SafeLinks',
  'WhatsApp/2.23.20.0 A',
  'TelegramBot (like TwitterBot)',
  'facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)',
  'Twitterbot/1.0',
  'LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)',
  'Discordbot/2.0; +https://discordapp.com',
  'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
  'Google-Safety; +http://www.google.com/bot.html',
  'BarracudaCentral Link Scan',
  'curl/8.5.0',
  'python-requests/2.31',
  '',
];

describe('a scanner that fetches the note link', () => {
  const clinic = useClinic();

  test('gets what everybody gets, changes nothing, and leaves no trace of the link in the log', async () => {
    const [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
    const link = await doctor.shares(NOTE, { admission: 'link' });
    const { pathname, hash } = new URL(link);
    const roomId = pathname.split('/')[2] ?? '';
    const room = JSON.stringify(clinic.glir.app.rooms.find(roomId));
    const lines = clinic.glir.log.length;
    const pages = new Set<string>();
    for (const agent of AGENTS) {
      const headers = { 'user-agent': agent, accept: '*/*' };
      const page = await fetch(new URL(pathname, clinic.glir.url), { headers });
      expect(page.status).toBe(200);
      pages.add(
        createHash('sha256')
          .update(await page.text())
          .digest('hex'),
      );
      const head = await fetch(new URL(pathname, clinic.glir.url), { method: 'HEAD', headers });
      expect([head.status, await head.text()]).toEqual([200, '']);
      expect(head.headers.get('cache-control')).toBe('no-store, no-transform');
      expect(head.headers.get('x-robots-tag')).toContain('noindex');
    }
    // One page for all: nobody can tell from what it gets whether GLIR takes it for a scanner.
    expect(pages.size).toBe(1);
    expect(JSON.stringify(clinic.glir.app.rooms.find(roomId))).toBe(room);
    const log = clinic.glir.log.slice(lines).join('');
    for (const part of [roomId, hash.slice(1)]) expect(log).not.toContain(part);
    await doctor.composer.getByText('Nobody has opened the link yet.').waitFor();
    await patient.follows(link);
    await patient.opens();
    expect(await patient.reads()).toBe(NOTE);
  });

  test('can do nothing with it by any other method', async () => {
    const doctor = await clinic.newDoctor();
    const { pathname } = new URL(await doctor.shares(NOTE));
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const answer = await fetch(new URL(pathname, clinic.glir.url), { method });
      expect(answer.status, method).toBeGreaterThanOrEqual(400);
    }
    await doctor.composer.getByText('Nobody has opened the link yet.').waitFor();
  });
});

/** Follows the link and does all that there is to do, again and again; gives every text that the page ever held. */
async function scan(scanner: Page, link: string, typed: string, rounds = 3): Promise<string> {
  const seen: string[] = [];
  await scanner.goto(link);
  await scanner.getByRole('button').or(scanner.getByRole('heading')).first().waitFor();
  for (let round = 0; round < rounds; round++) {
    for (const field of await scanner.$$('input:visible, textarea:visible')) {
      await field.fill(typed).catch(() => undefined);
      await field.press('Enter').catch(() => undefined);
    }
    for (const thing of await scanner.$$('button:visible, a[href]:visible')) {
      await thing.click({ timeout: 500, noWaitAfter: true }).catch(() => undefined);
      seen.push(await scanner.content());
    }
  }
  seen.push(await scanner.content());
  return seen.join('\n');
}

describe('a scanner that runs scripts, fills every field and presses every button', () => {
  const clinic = useClinic();
  let doctor: Doctor;
  let patient: Patient;
  let scanner: Page;

  beforeEach(async () => {
    [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
    scanner = await (await clinic.newProfile()).newPage();
  });

  test('gets nothing and ends nothing where the doctor admits each reader; the patient reads all the same', async () => {
    const link = await doctor.shares(NOTE);
    expect(await scan(scanner, link, 'test@example.com')).not.toContain(NOTE);
    await doctor.composer.getByText('Reader 1', { exact: true }).waitFor();
    await scanner.close();
    await doctor.composer.getByText('left', { exact: true }).first().waitFor();
    await patient.follows(link);
    await patient.opens();
    await doctor.admits();
    expect(await patient.reads()).toBe(NOTE);
  });

  test('uses up no try of a PIN by typing words, and one by typing one number everywhere; the patient still reads', async () => {
    const link = await doctor.shares(NOTE, { admission: 'pin', pin: PIN });
    for (const typed of ['test@example.com', '+1 (555)', '1']) {
      expect(await scan(scanner, link, typed, 1)).not.toContain(NOTE);
    }
    await doctor.composer.getByText(/5 tries left/).waitFor();
    expect(await scan(scanner, link, '123456')).not.toContain(NOTE);
    await doctor.composer.getByText(/4 tries left/).waitFor();
    await patient.follows(link);
    await patient.triesPin(PIN);
    expect(await patient.reads()).toBe(NOTE);
  });

  test('is seen by the doctor where the link is enough', async () => {
    const link = await doctor.shares(NOTE, { admission: 'link' });
    await scan(scanner, link, 'test', 1);
    await expect.poll(() => scanner.content()).toContain(NOTE);
    await doctor.composer.getByText('1 reading').waitFor();
    await doctor.destroys();
    await expect.poll(() => scanner.content()).not.toContain(NOTE);
  });

  test('cannot even join with a link whose end was cut off, as some rewrite it', async () => {
    const link = await doctor.shares(NOTE, { admission: 'link' });
    await scan(scanner, link.split('#')[0] ?? '', 'test', 1);
    await scanner.getByRole('heading', { name: 'The link lost its end' }).waitFor();
    await doctor.composer.getByText('Nobody has opened the link yet.').waitFor();
  });
});

describe('a scanner that follows the compose link before the doctor does', () => {
  const clinic = useClinic();
  let doctor: Doctor;
  let patient: Patient;
  let scanner: Page;
  let composeLink: string;

  beforeEach(async () => {
    [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
    scanner = await (await clinic.newProfile()).newPage();
    composeLink = await doctor.asks('/glir');
  });

  const note = () => scanner.getByRole('textbox', { name: 'Note', exact: true });

  async function opens(): Promise<void> {
    await scanner.goto(composeLink);
    await scanner.getByRole('button', { name: 'Share' }).waitFor();
  }

  /** Every button that there is. */
  async function presses(): Promise<void> {
    for (const thing of await scanner.$$('button:visible')) {
      await thing.click({ timeout: 300, noWaitAfter: true }).catch(() => undefined);
    }
  }

  /** From the page that the link shows to the patient's screen. */
  async function writesAndIsRead(): Promise<void> {
    const page = doctor.composer;
    await doctor.note.fill(NOTE);
    await page.getByRole('radio', { name: 'The link is enough' }).check();
    await page.getByRole('button', { name: 'Share' }).click();
    await patient.follows(await page.getByRole('textbox', { name: 'Note link' }).inputValue());
    await patient.opens();
    expect(await patient.reads()).toBe(NOTE);
  }

  test('gets one page for all by fetching it, and leaves no trace of the ticket in the log', async () => {
    const { pathname, hash } = new URL(composeLink);
    for (const agent of AGENTS) {
      const page = await fetch(new URL(pathname, clinic.glir.url), { headers: { 'user-agent': agent, accept: '*/*' } });
      expect(page.status).toBe(200);
      await page.text();
    }
    expect(clinic.glir.log.join('')).not.toContain(hash.slice(1));
    await doctor.opens(composeLink);
    await writesAndIsRead();
  });

  test('uses nothing up by running its scripts, moving the mouse, pressing every button and every key', async () => {
    const lines = clinic.glir.log.length;
    await opens();
    await scanner.mouse.move(40, 300, { steps: 10 });
    await note().press('Enter');
    await presses();
    await scanner.getByText('The note is empty.', { exact: false }).first().waitFor();
    expect(clinic.glir.log.slice(lines).join('')).not.toContain('composer-joined');
    // It is still there, as a program is that looks at a page for a minute.
    await doctor.opens(composeLink);
    await writesAndIsRead();
  });

  test('uses nothing up by a script in the page that writes, and presses "Share"', async () => {
    const lines = clinic.glir.log.length;
    await opens();
    await scanner.evaluate(() => {
      for (const field of document.querySelectorAll('textarea')) {
        field.value = 'test@example.com';
        field.dispatchEvent(new InputEvent('input', { bubbles: true, inputType: 'insertText', data: 'test' }));
        field.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, key: 'Enter', ctrlKey: true }));
      }
      for (const button of document.querySelectorAll('button')) button.click();
      for (const form of document.forms) form.requestSubmit();
    });
    expect(clinic.glir.log.slice(lines).join('')).not.toContain('composer-joined');
    await doctor.opens(composeLink);
    await writesAndIsRead();
  });

  test('may even write and share a note, and destroy it: the doctor is told, and writes another one all the same', async () => {
    await opens();
    await note().fill('test@example.com');
    await note().press('Enter');
    // "Share" among them, and then what is there instead, such as "Destroy now".
    await presses();
    await scanner.getByRole('textbox', { name: 'Note link' }).waitFor();
    await presses();
    expect(clinic.glir.log.join('')).toContain('composer-joined');
    const page = await doctor.opens(composeLink);
    await page.getByRole('button', { name: 'Write a new note here' }).click();
    await page.getByRole('button', { name: 'Share' }).waitFor();
    await writesAndIsRead();
  });
});
