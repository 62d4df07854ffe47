import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { readLanguages } from '../../../web-build/languages.ts';
import type { PageName } from '../../shots/gallery-server.ts';
import { type Scene, scenes } from '../../shots/scenes.ts';
import { bringFonts } from './fonts.ts';
import { PSEUDO } from './pseudo-language.ts';
import { sharedBrowser, sharedGallery } from './shared.ts';

const sampleOf = (all: readonly Scene[], { every = 1 }: Way): Scene[] => all.filter((_, index) => index % every === 0);

/** The gallery in a tab of its own. */
export interface Gallery {
  readonly page: Page;
  /**
   * Draws every scene of the pages in a language, and looks at each in all ways. Gives what was found, by the scene's page
   * and name and the way; without where nothing was found. `prepare` comes first in each document.
   */
  survey(language: string, ways: readonly Way[], prepare?: Prepare): Promise<Findings>;
  /** Draws one scene from an empty page. */
  show(scene: Scene, language?: string): Promise<void>;
  close(): Promise<void>;
}

/** Looks at the page that it runs in, and gives what is wrong there, one sentence each. Knows nothing outside itself. */
type Look = () => string[] | Promise<string[]>;

/** A way of looking at a screen: what the tab is like, and a look or the source text of one. */
export interface Way {
  name: string;
  enter(page: Page): Promise<void>;
  look: Look | string;
  /** Looks at each n-th screen only; at all unless said. */
  every?: number;
}

type Prepare = (page: Page) => Promise<void>;

/** What is wrong, by what it is wrong with. */
export type Findings = Record<string, string[]>;

/** `fonts`: Noto Sans from npm, or what the machine has. */
export type GalleryOptions = BrowserContextOptions & { fonts?: 'noto' | 'system' };

/** Arabic, or made-up words from right to left as long as there is no Arabic. */
export async function rightToLeft(): Promise<string> {
  const languages = await readLanguages();
  return languages.some(({ code }) => code === 'ar') ? 'ar' : PSEUDO;
}

/** Pages that do not draw a scene when they are asked to, and speak English alone. */
const FIXED: readonly PageName[] = ['chat', 'plain'];
/** The other ones. */
const DRAWN: readonly PageName[] = ['receiver', 'composer'];

/** In the page: what follows a change of the screen (the focus, the scrolling) comes with a frame. */
const nextFrame = () => new Promise<void>((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

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
  // A headless shell has no notifications, so that the page would not offer them.
  await context.addInitScript(() => Object.defineProperty(Notification, 'permission', { value: 'default' }));
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
    await page.evaluate(nextFrame);
  }

  /** Scenes of one page that need nobody to act: one call draws them all, which is far quicker than one for each. */
  function surveyStill(still: readonly Scene[], { name: way, look }: Way): Promise<Findings> {
    const drawn = still.map((scene) => [`${scene.page}/${scene.name}, ${way}`, ['loading', ...scene.state.split(',')]]);
    return page.evaluate(`(async () => {
      const look = ${look};
      const found = {};
      for (const [name, states] of ${JSON.stringify(drawn)}) {
        for (const state of states) show(state);
        await (${nextFrame})();
        const all = await look();
        if (all.length > 0) found[name] = all;
      }
      return found;
    })()`);
  }

  /** One scene after the other, each drawn once and looked at in all ways. */
  async function surveyOthers(language: string, ways: readonly Way[], others: readonly Scene[], prepare: Prepare) {
    const found: Findings = {};
    for (const scene of others) {
      await show(scene, language);
      await prepare(page);
      for (const { name, enter, look } of ways.filter((way) => sampleOf(others, way).includes(scene))) {
        await enter(page);
        const all = await page.evaluate<string[]>(`(${look})()`);
        if (all.length > 0) found[`${scene.page}/${scene.name}, ${name}`] = all;
      }
    }
    return found;
  }

  return {
    page,
    show,
    async survey(language, ways, prepare = async () => undefined) {
      const here = language === 'en' ? scenes : scenes.filter(({ page: at }) => !FIXED.includes(at));
      const isStill = ({ page: at, act }: Scene) => DRAWN.includes(at) && act === undefined;
      const found: Findings = {};
      for (const name of DRAWN) {
        await open(`${address}${language === 'en' ? '' : `/${language}`}/${name}?loading`);
        await prepare(page);
        const still = here.filter((scene) => isStill(scene) && scene.page === name);
        for (const way of ways) {
          await way.enter(page);
          Object.assign(found, await surveyStill(sampleOf(still, way), way));
        }
      }
      const others = here.filter((scene) => !isStill(scene));
      return Object.assign(found, await surveyOthers(language, ways, others, prepare));
    },
    close: () => browser.close(),
  };
}

/** The page for one test, and where the gallery of states is. */
export interface GalleryPage {
  page: Page;
  browser: Browser;
  address: string;
}

/**
 * Opens the gallery to all tests of a file, which fail when the page complains. They share one tab, as a new one takes
 * longer than most of them, and it is empty and as large as at first when a test begins.
 */
export function useGalleryPage(options: PageOptions, opened: (stage: GalleryPage) => void): void {
  let address: string;
  let browser: Browser;
  let page: Page;
  let complaints: string[] = [];

  beforeAll(async () => {
    [browser, address] = await Promise.all([sharedBrowser(), sharedGallery()]);
    page = await browser.newPage({ locale: 'en-GB', ...options });
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => complaints.push(message.text()));
  });
  afterAll(() => browser.close());
  beforeEach(() => {
    complaints = [];
    opened({ page, browser, address });
  });
  afterEach(async () => {
    await page.goto('about:blank');
    await page.emulateMedia({ media: null });
    await page.setViewportSize(options.viewport);
    expect(complaints).toEqual([]);
  });
}

type PageOptions = BrowserContextOptions & { viewport: NonNullable<BrowserContextOptions['viewport']> };
