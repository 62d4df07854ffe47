import { DatabaseSync } from 'node:sqlite';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { roomTag } from '../../src/rooms/room.ts';
import { axeFindings } from '../support/browser/axe.ts';
import { sharedBrowser } from '../support/browser/shared.ts';
import { buttonIn, SlackDoctor, wordsOf } from '../support/slack/doctor.ts';
import { type SlackClinic, startSlackClinic, TEAM } from '../support/slack/workspace.ts';

const PAGES = ['rooms', 'settings', 'counts', 'audit'];

let clinic: SlackClinic;
let browser: Browser;
beforeAll(async () => {
  [clinic, browser] = await Promise.all([startSlackClinic(), sharedBrowser()]);
  await clinic.install();
  rememberNotes();
});
afterAll(async () => {
  await browser.close();
  await clinic.stop();
});

/** Some weeks of notes that are over. */
function rememberNotes(): void {
  const db = new DatabaseSync(`${clinic.dataDir}/glir.db`, { timeout: 5_000 });
  const add = db.prepare(
    `INSERT INTO history (platform, tenant, "user", room_tag, created_at, opened_at, ended_at, reason, read_by)
     VALUES ('slack', ?, 'U1', 'AAAAAAAA', ?, ?, ?, ?, 1)`,
  );
  for (let day = 0; day < 40; day++) {
    for (let note = 0; note <= (day * 7) % 11; note++) {
      const ended = clinic.glir.clock.now() - day * 86_400_000 - note * 60_000 - 1;
      add.run(TEAM, ended - 1_000, ended - 900, ended, ['revoked', 'expired', 'left'][note % 3] ?? 'left');
    }
  }
  db.close();
}

const draft = async () => {
  const doctor = { platform: 'slack', tenant: TEAM, user: clinic.rossi.id, displayName: 'Dr Anna Rossi' } as const;
  return (await clinic.glir.app.rooms.draft(doctor)).room;
};

/** In the console, as the admin comes in: with the button in Slack, and the code beside it. */
async function signIn(options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> {
  const { shown } = await new SlackDoctor(clinic).types('admin');
  const code = /(\d{3} \d{3})/.exec(wordsOf(shown))?.[1] ?? '';
  const page = await (await browser.newContext({ locale: 'en-GB', ...options })).newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(buttonIn(shown, 'Open the console').url ?? '');
  await page.getByRole('textbox', { name: 'Code' }).fill(code);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { level: 1, name: 'Live notes' }).waitFor();
  return { page, complaints };
}

test('an admin comes in with the code, ends a note after a question, and goes out', async () => {
  const room = await draft();
  const { page, complaints } = await signIn({ javaScriptEnabled: false });
  await page.getByRole('link', { name: `End: ${roomTag(room.id)}` }).click();
  await page.getByText('Nobody can bring it back').waitFor();
  expect(clinic.glir.app.rooms.find(room.id)).toBeDefined();
  await page.getByRole('button', { name: 'End now' }).click();
  await page.getByRole('status').getByText('Ended: 1').waitFor();
  expect(clinic.glir.app.rooms.find(room.id)).toBeUndefined();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'You are signed out.' }).waitFor();
  await page.goto(`${clinic.glir.url}/admin/rooms`);
  await page.getByRole('heading', { name: 'Sign in to the console' }).waitFor();
  expect(complaints).toEqual([]);
});

test('every page fits a window of 320 px, and axe finds nothing, in light and in dark', async () => {
  await draft();
  for (const colorScheme of ['light', 'dark'] as const) {
    const viewport = colorScheme === 'light' ? { width: 320, height: 640 } : { width: 1_280, height: 800 };
    const { page } = await signIn({ colorScheme, viewport, bypassCSP: true });
    const found: Record<string, string[]> = {};
    for (const name of [...PAGES, 'rooms/end?what=tenant&platform=slack&tenant=T000000001']) {
      await page.goto(`${clinic.glir.url}/admin/${name}`);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), name).toBeLessThanOrEqual(viewport.width);
      for (const details of await page.locator('summary').all()) await details.click();
      found[`${name} ${colorScheme}`] = await axeFindings(page);
    }
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((name) => [name, []])));
  }
});
