import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { readLanguages } from '../../../web-build/languages.ts';
import type { PageName } from '../../shots/gallery-server.ts';
import { serveGallery } from '../../shots/gallery-server.ts';
import { type Scene, scenes } from '../../shots/scenes.ts';
import { launchBrowser } from './browsers.ts';
import { PSEUDO } from './pseudo-language.ts';

/** The gallery in a tab of its own. */
export interface Gallery {
  readonly page: Page;
  /** Every scene of the pages, drawn one after the other in a language, each passed to `look`. */
  walk(language: string, look: (scene: Scene) => Promise<void>, only?: PageName): Promise<void>;
  /** Draws one scene from an empty page. */
  show(scene: Scene, language?: string): Promise<void>;
  close(): Promise<void>;
}

/** Arabic, or made-up words from right to left as long as there is no Arabic. */
export async function rightToLeft(): Promise<string> {
  const languages = await readLanguages();
  return languages.some(({ code }) => code === 'ar') ? 'ar' : PSEUDO;
}

/** Pages that do not draw a scene when they are asked to, and speak English alone. */
const FIXED: readonly PageName[] = ['chat', 'plain'];

export async function openGallery(options: BrowserContextOptions = {}): Promise<Gallery> {
  const server = await serveGallery();
  const browser: Browser = await launchBrowser();
  const context = await browser.newContext({
    locale: 'en-GB',
    timezoneId: 'Europe/Rome',
    reducedMotion: 'reduce',
    viewport: { width: 390, height: 800 },
    ...options,
  });
  const page = await context.newPage();
  let place = '';

  async function open(address: string): Promise<void> {
    await page.goto(address);
    place = address;
  }

  async function show(scene: Scene, language = 'en'): Promise<void> {
    const prefix = language === 'en' ? '' : `/${language}`;
    const empty = `${server.address}${prefix}/${scene.page}?loading`;
    const states = scene.state.split(',');
    if (FIXED.includes(scene.page) || scene.act !== undefined) {
      await open(`${server.address}${prefix}/${scene.page}?${scene.state}`);
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
    async close() {
      await browser.close();
      server.close();
    },
  };
}
