/**
 * Pictures of every state of every page, in light and dark, at three widths, and once from right to left in made-up
 * words, into shots/. Words after the command choose scenes: `node tests/shots/shots.ts composer/open`; with `--language=de` they are taken in that language alone, for a phone and a desktop. Fails when a page is
 * wider than a 320 px window, when the page's security policy is broken, or when a script fails. With `teams` it takes
 * the README's pictures of GLIR in Teams instead, with `chats` those of both bots in three languages, into docs/images/.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../support/browser/browsers.ts';
import { PSEUDO } from '../support/browser/pseudo-language.ts';
import { shootChats } from './chats.ts';
import { serveGallery } from './gallery-server.ts';
import { scenes } from './scenes.ts';
import { shootTeams } from './teams.ts';

const SHOTS = path.join(import.meta.dirname, '../../shots');
const WIDTHS = [360, 768, 1440] as const;
const HEIGHTS = { 320: 640, 360: 740, 768: 1024, 1440: 900 } as const;

const LANGUAGE = '--language=';
const wanted = process.argv.slice(2).filter((word) => !word.startsWith(LANGUAGE));
const chosen = process.argv.find((word) => word.startsWith(LANGUAGE))?.slice(LANGUAGE.length);
if (wanted[0] === 'chats') {
  await shootChats();
  process.exit();
}
if (wanted[0] === 'teams') {
  await shootTeams();
  process.exit();
}
const shots = scenes.filter(
  ({ page, name }) => wanted.length === 0 || wanted.some((word) => `${page}/${name}`.startsWith(word)),
);
const problems: string[] = [];
const gallery = await serveGallery();
const browser = await launchBrowser();
try {
  for (const width of chosen === undefined ? ([320, ...WIDTHS] as const) : []) {
    for (const scheme of ['light', 'dark'] as const) {
      if (width === 320 && scheme === 'dark') continue;
      await series(browser, width, scheme);
    }
  }
  if (chosen === undefined) for (const width of [320, 360] as const) await series(browser, width, 'light', PSEUDO);
  else for (const width of [360, 1440] as const) await series(browser, width, 'light', chosen);
} finally {
  await browser.close();
  gallery.close();
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
if (problems.length > 0) process.exitCode = 1;

async function series(
  from: Browser,
  width: keyof typeof HEIGHTS,
  scheme: 'light' | 'dark',
  language = '',
): Promise<void> {
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
  const prefix = language === '' ? '' : `/${language}`;
  for (const shot of shots) {
    // The local chat and the pages without a script speak no other language.
    if (language !== '' && (shot.page === 'chat' || shot.page === 'plain')) continue;
    where = `${prefix}/${shot.page}/${shot.name} at ${width} px`;
    await page.goto(`${gallery.address}${prefix}/${shot.page}?${shot.state}`);
    await shot.act?.(page);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (overflow > 0) problems.push(`${where}: ${overflow} px too wide`);
    if (width === 320) continue;
    const folder = path.join(SHOTS, shot.page, shot.name);
    await mkdir(folder, { recursive: true });
    await page.screenshot({
      path: path.join(folder, `${width}-${scheme}${language === '' ? '' : `-${language}`}.png`),
      fullPage: shot.name !== 'reading-long',
    });
  }
  await context.close();
}
