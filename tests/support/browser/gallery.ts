import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { readLanguages } from '../../../web-build/languages.ts';
import type { PageName } from '../../shots/gallery-server.ts';
import { type Scene, scenes } from '../../shots/scenes.ts';
import { bringFonts } from './fonts.ts';
import { PSEUDO } from './pseudo-language.ts';
import { sharedBrowser, sharedGallery } from './shared.ts';

/** The gallery in a tab of its own. */
export interface Gallery {
  readonly page: Page;
  /** Every scene of the pages, drawn one after the other in a language, each passed to `look`. */
  walk(language: string, look: (scene: Scene) => Promise<void>, only?: PageName): Promise<void>;
  /** Draws one scene from an empty page. */
  show(scene: Scene, language?: string): Promise<void>;
  close(): Promise<void>;
}

/** `fonts`: Noto Sans from npm, or what the machine has. */
export type GalleryOptions = BrowserContextOptions & { fonts?: 'noto' | 'system' };

/** Arabic, or made-up words from right to left as long as there is no Arabic. */
export async function rightToLeft(): Promise<string> {
  const languages = await readLanguages();
  return languages.some(({ code }) => code === 'ar') ? 'ar' : PSEUDO;
}

/** Pages that do not draw a scene when they are asked to, and speak English alone. */
const FIXED: readonly PageName[] = ['chat', 'plain'];

/** Opens the gallery in a new context. Words on its pages have the fonts of the machine unless others are asked for. */
export async function openGallery({ fonts = 'system', ...options }: GalleryOptions = {}): Promise<Gallery> {
  const [browser, address] = await Promise.all([sharedBrowser(), sharedGallery()]);
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/Rome',
    reducedMotion: 'reduce',
    viewport: { width: 390, height: 800 },
    ...options,
  });
  if (fonts === 'noto') await bringFonts(context);
  const page = await context.newPage();
  let place = '';

  async function open(at: string): Promise<void> {
    await page.goto(at);
    await page.evaluate(() => document.fonts.ready.then(() => undefined));
    place = at;
  }

  async function show(scene: Scene, language = 'en'): Promise<void> {
    const prefix = language === 'en' ? '' : `/${language}`;
    const empty = `${address}${prefix}/${scene.page}?loading`;
    const states = scene.state.split(',');
    if (FIXED.includes(scene.page) || scene.act !== undefined) {
      await open(`${address}${prefix}/${scene.page}?${scene.state}`);
      await scene.act?.(page);
      place = '';
    } else {
      if (place !== empty) await open(empty);
      await page.evaluate(`for (const state of ${JSON.stringify(['loading', ...states])}) show(state)`);
    }
    // What follows a change of the screen (the focus, the scrolling) comes with a frame.
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  }

  return {
    page,
    show,
    async walk(language, look, only) {
      const spoken = scenes.filter((scene) => (only ?? scene.page) === scene.page);
      const here = language === 'en' ? spoken : spoken.filter((scene) => !FIXED.includes(scene.page));
      const [still, acted] = [here.filter(({ act }) => act === undefined), here.filter(({ act }) => act !== undefined)];
      for (const scene of [...still, ...acted]) {
        await show(scene, language);
        await look(scene);
      }
    },
    close: () => browser.close(),
  };
}

/** A fresh page for one test, and where the gallery of states is. */
export interface GalleryPage {
  page: Page;
  browser: Browser;
  address: string;
}

/** Opens the gallery to all tests of a file; each gets a page of its own, and fails when the page complains. */
export function useGalleryPage(options: BrowserContextOptions, opened: (stage: GalleryPage) => void): void {
  let address: string;
  let browser: Browser;
  let page: Page;
  let complaints: string[] = [];

  beforeAll(async () => {
    [browser, address] = await Promise.all([sharedBrowser(), sharedGallery()]);
  });
  afterAll(() => browser.close());
  beforeEach(async () => {
    page = await browser.newPage({ locale: 'en-GB', ...options });
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => complaints.push(message.text()));
    opened({ page, browser, address });
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });
}
