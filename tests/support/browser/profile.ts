import { type BrowserContext, chromium } from 'playwright-core';
import { CHROMIUM } from './browsers.ts';

/**
 * Chromium's own records of the addresses that were opened. It makes them before the page's first script runs, so that no
 * page can keep its address out of them.
 */
const RECORDS_OF_ADDRESSES =
  /^(Default\/(History|Favicons|Top Sites)(-journal)?|Default\/Sessions\/.*|segmentation_platform\/ukm_db.*)$/;

/** Whether a file of a Chromium profile, by its path in there, records which addresses were opened. */
export function recordsAddresses(file: string): boolean {
  return RECORDS_OF_ADDRESSES.test(file);
}

/** A Chromium that keeps its profile in `folder`, as on somebody's computer. */
export function launchWithProfile(folder: string): Promise<BrowserContext> {
  return chromium.launchPersistentContext(folder, { ...CHROMIUM, locale: 'en-GB' });
}
