import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { serveGallery } from '../../shots/gallery-server.ts';
import { launchBrowser } from './browsers.ts';

/** A fresh page for one test, and where the gallery of states is. */
export interface GalleryPage {
  page: Page;
  browser: Browser;
  address: string;
}

/** Serves the gallery to all tests of a file; each gets a page of its own, and fails when the page complains. */
export function useGalleryPage(options: BrowserContextOptions, opened: (stage: GalleryPage) => void): void {
  let gallery: Awaited<ReturnType<typeof serveGallery>>;
  let browser: Browser;
  let page: Page;
  let complaints: string[] = [];

  beforeAll(async () => {
    gallery = await serveGallery();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser.close();
    gallery.close();
  });
  beforeEach(async () => {
    page = await browser.newPage({ locale: 'en-GB', ...options });
    complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => complaints.push(message.text()));
    opened({ page, browser, address: gallery.address });
  });
  afterEach(async () => {
    await page.close();
    expect(complaints).toEqual([]);
  });
}
