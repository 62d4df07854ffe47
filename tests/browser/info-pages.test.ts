import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from '../support/browser/axe.ts';
import { sharedBrowser } from '../support/browser/shared.ts';
import { type SlackClinic, startSlackClinic } from '../support/slack/workspace.ts';

const PATHS = ['/', '/privacy', '/terms', '/slack/install', '/slack/oauth_redirect'];
const SCHEMES = ['light', 'dark'] as const;

let clinic: SlackClinic;
let browser: Browser;
beforeAll(async () => {
  const operator = `مستشفى القديس مرقس, ${'privacy-and-data-protection-office'.repeat(2)}@sanmarco.example`;
  [clinic, browser] = await Promise.all([startSlackClinic({ GLIR_OPERATOR: operator }), sharedBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await clinic.stop();
});

/** A tab, and what the browser complained about in it: a style that the policy refuses, for one. */
async function open(options: BrowserContextOptions = {}): Promise<{ page: Page; complaints: string[] }> {
  const page = await (await browser.newContext({ locale: 'en-GB', ...options })).newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  return { page, complaints };
}

test('somebody who followed the website link reads on with the keyboard alone, and comes back', async () => {
  const { page, complaints } = await open();
  await page.goto(clinic.glir.url);
  await page.getByRole('heading', { level: 1, name: 'Private notes from doctors to patients' }).waitFor();
  const go = async (link: string, heading: string) => {
    const target = page.getByRole('link', { name: link, exact: true });
    for (let presses = 0; presses < 10; presses += 1) {
      await page.keyboard.press('Tab');
      if (await target.evaluate((element) => element === document.activeElement)) break;
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
  };
  await go('What this server keeps, and what it never sees', 'What this server keeps, and what it never sees');
  expect(await page.locator('[aria-current="page"]').textContent()).toBe('Privacy');
  await go('Terms', 'What you can expect, and what not');
  await go('GLIR', 'Private notes from doctors to patients');
  expect(complaints).toEqual([]);
});

test('every page fits a window of 320 px, and what is pressed is large enough for a thumb', async () => {
  const { page } = await open({ viewport: { width: 320, height: 640 } });
  for (const path of PATHS) {
    await page.goto(clinic.glir.url + path);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(320);
    for (const link of await page.locator('header a, nav a, .button').all()) {
      const { width = 0, height = 0 } = (await link.boundingBox()) ?? {};
      expect(Math.min(width, height), path).toBeGreaterThanOrEqual(44);
    }
  }
});

test.each(SCHEMES)('axe finds nothing on any page, installation included, in %s', async (colorScheme) => {
  const { page } = await open({ colorScheme, bypassCSP: true });
  const found: Record<string, string[]> = {};
  for (const path of PATHS) {
    await page.goto(clinic.glir.url + path);
    found[path] = await axeFindings(page);
  }
  const { html } = await clinic.install();
  await page.setContent(html);
  await page.getByRole('heading', { name: /^GLIR is installed in / }).waitFor();
  found['after the installation'] = await axeFindings(page);
  const clean = Object.keys(found).map((name) => [name, []]);
  expect(found).toEqual(Object.fromEntries(clean));
});

test('is as dark or light as the device, and black on white on paper', async () => {
  const { page } = await open();
  await page.goto(`${clinic.glir.url}/terms`);
  const colours = () =>
    page.evaluate(() => {
      const { backgroundColor, color } = getComputedStyle(document.body);
      return [backgroundColor, color];
    });
  await page.emulateMedia({ colorScheme: 'light' });
  expect(await colours()).toEqual(['rgb(247, 245, 240)', 'rgb(28, 36, 33)']);
  await page.emulateMedia({ colorScheme: 'dark' });
  expect(await colours()).toEqual(['rgb(18, 23, 21)', 'rgb(238, 241, 238)']);
  await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
  expect(await colours()).toEqual(['rgb(255, 255, 255)', 'rgb(0, 0, 0)']);
  expect(await page.getByRole('navigation').isVisible()).toBe(false);
});
