import type { Browser, Page } from 'playwright-core';
import { launchBrowser } from '../support/browser/browsers.ts';
import { installProbe, type Mark, type ProbeOptions } from './probe.ts';

/** Two browsers as two people have them: separate processes, each with a new profile. */
export interface Browsers {
  doctor: Browser;
  patient: Browser;
  close(): Promise<void>;
}

export async function launchBrowsers(): Promise<Browsers> {
  const [doctor, patient] = await Promise.all([launchBrowser(), launchBrowser()]);
  return {
    doctor,
    patient,
    async close() {
      await Promise.all([doctor.close(), patient.close()]);
    },
  };
}

/** A page with a probe, in a profile of its own that nothing was stored or cached in. */
export interface PeerSession {
  page: Page;
  /** Time of a mark, past or coming, in milliseconds by the page's clock. */
  until(mark: Mark): Promise<number>;
  /** When the navigation to this page began, by the page's clock. */
  began(): Promise<number>;
  /** The page's clock minus this process's, in milliseconds; right to about half a millisecond. */
  clockOffset(): Promise<number>;
  close(): Promise<void>;
}

/** Follows an address in a new profile of a running browser. */
export async function visit(browser: Browser, address: string, options: ProbeOptions): Promise<PeerSession> {
  const context = await browser.newContext();
  await context.addInitScript(installProbe, options);
  const page = await context.newPage();
  await page.goto(address, { waitUntil: 'commit' });
  return {
    page,
    until: (mark) => page.evaluate((name) => window.glirProbe.until(name), mark),
    began: () => page.evaluate(() => performance.timeOrigin),
    clockOffset: () => clockOffset(page),
    close: () => context.close(),
  };
}

/** Of ten questions the one that was answered fastest tells most exactly what the time over there was. */
async function clockOffset(page: Page): Promise<number> {
  const now = () => performance.timeOrigin + performance.now();
  let best = { took: Number.POSITIVE_INFINITY, offset: 0 };
  for (let question = 0; question < 10; question++) {
    const asked = now();
    const there = await page.evaluate(() => window.glirProbe.now());
    const took = now() - asked;
    if (took < best.took) best = { took, offset: there - (asked + took / 2) };
  }
  return best.offset;
}
