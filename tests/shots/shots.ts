/**
 * Pictures of every state of every page, in light and dark, at three widths, into shots/. Words after the command
 * choose states: `node tests/shots/shots.ts composer/open`. Fails when a page is wider than a 320 px window, when the
 * page's security policy is broken, or when a script fails.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { composerStates } from './gallery/composer-states.ts';
import { receiverStates } from './gallery/receiver-states.ts';
import { type PageName, serveGallery } from './gallery-server.ts';

const SHOTS = path.join(import.meta.dirname, '../../shots');
const WIDTHS = [360, 768, 1440] as const;
const HEIGHTS = { 320: 640, 360: 740, 768: 1024, 1440: 900 } as const;

interface Shot {
  page: PageName;
  name: string;
  state: string;
  act?: (page: Page) => Promise<void>;
}

const press = (name: string) => (page: Page) => page.getByRole('button', { name, exact: true }).click();
const type =
  (...texts: string[]) =>
  async (page: Page) => {
    for (const text of texts) {
      await page.getByRole('textbox', { name: 'Message' }).fill(text);
      await page.keyboard.press('Enter');
    }
  };

const all: Shot[] = [
  ...Object.keys(receiverStates).map((state): Shot => ({ page: 'receiver', name: state, state })),
  ...Object.keys(composerStates).map((state): Shot => ({ page: 'composer', name: state, state })),
  { page: 'composer', name: 'open-qr', state: 'open', act: press('Show QR code') },
  { page: 'composer', name: 'open-destroy', state: 'open-readers', act: press('Destroy now') },
  { page: 'chat', name: 'hello', state: '' },
  { page: 'chat', name: 'compose', state: '', act: type('/glir') },
  { page: 'chat', name: 'list', state: '', act: type('/glir list', '/glir revoke all') },
  { page: 'chat', name: 'help', state: '', act: type('/glir help', '/glir revoke nothing', '/glir 3d') },
  { page: 'chat', name: 'do-not-type', state: '', act: type('Ramipril 5 mg, one in the morning') },
];

const wanted = process.argv.slice(2);
const shots = all.filter(
  ({ page, name }) => wanted.length === 0 || wanted.some((word) => `${page}/${name}`.startsWith(word)),
);
const problems: string[] = [];
const gallery = await serveGallery();
const browser = await launchBrowser();
try {
  for (const width of [320, ...WIDTHS] as const) {
    for (const scheme of ['light', 'dark'] as const) {
      if (width === 320 && scheme === 'dark') continue;
      await series(browser, width, scheme);
    }
  }
} finally {
  await browser.close();
  gallery.close();
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;

async function series(from: Browser, width: keyof typeof HEIGHTS, scheme: 'light' | 'dark'): Promise<void> {
  const context = await from.newContext({
    viewport: { width, height: HEIGHTS[width] },
    colorScheme: scheme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/Rome',
  });
  const page = await context.newPage();
  let where = '';
  page.on('pageerror', (error) => problems.push(`${where}: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(`${where}: ${message.text()}`);
  });
  for (const shot of shots) {
    where = `${shot.page}/${shot.name} at ${width} px`;
    await page.goto(`${gallery.address}/${shot.page}?${shot.state}`);
    await shot.act?.(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (overflow > 0) problems.push(`${where}: ${overflow} px too wide`);
    if (width === 320) continue;
    const folder = path.join(SHOTS, shot.page, shot.name);
    await mkdir(folder, { recursive: true });
    await page.screenshot({
      path: path.join(folder, `${width}-${scheme}.png`),
      fullPage: shot.name !== 'reading-long',
    });
  }
  await context.close();
}
