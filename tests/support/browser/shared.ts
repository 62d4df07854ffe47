import { type Browser, chromium } from 'playwright-core';
import { inject } from 'vitest';

/**
 * Connects to one of the two Chromium processes that all test files of a project share. Contexts belong to the
 * connection: closing it closes them, and leaves the browser to the other files.
 */
export async function sharedBrowser(place: 'clinic' | 'home' = 'clinic'): Promise<Browser> {
  return chromium.connect(await addressOf(place));
}

/** Where the gallery of the pages' states is served, without a slash at the end. */
export function sharedGallery(): Promise<string> {
  return addressOf('gallery');
}

async function addressOf(what: string): Promise<string> {
  const response = await fetch(`${inject('sharedAddress')}/${what}`);
  const answer = await response.text();
  if (!response.ok) throw new Error(`The tests' shared ${what} did not start: ${answer}`);
  return answer;
}
