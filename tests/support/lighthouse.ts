import lighthouse from 'lighthouse';
import puppeteer from 'puppeteer-core';
import { CHROMIUM } from './browser.ts';

/** Lighthouse's marks from 0 to 100, and the audits that cost some of them, performance aside. */
export interface LighthouseMarks {
  performance: number;
  accessibility: number;
  bestPractices: number;
  faults: string[];
}

/**
 * Loads an address in a Chromium of its own as Lighthouse's slow phone on a slow network. SEO is left out: GLIR's pages do
 * not want to be found.
 */
export async function lighthouseMarks(address: string): Promise<LighthouseMarks> {
  const browser = await puppeteer.launch(CHROMIUM);
  try {
    const page = await browser.newPage();
    const onlyCategories = ['performance', 'accessibility', 'best-practices'];
    const result = await lighthouse(address, { logLevel: 'error', onlyCategories }, undefined, page);
    if (result === undefined) throw new Error('Lighthouse has no result.');
    const { lhr } = result;
    if (lhr.runtimeError !== undefined) throw new Error(`Lighthouse: ${lhr.runtimeError.message}`);
    const marks = (category: string) => Math.round((lhr.categories[category]?.score ?? 0) * 100);
    const faults = ['accessibility', 'best-practices'].flatMap((category) =>
      (lhr.categories[category]?.auditRefs ?? [])
        .filter(({ id, weight }) => weight > 0 && (lhr.audits[id]?.score ?? 1) < 1)
        .map(({ id }) => `${id}: ${lhr.audits[id]?.title}`),
    );
    return {
      performance: marks('performance'),
      accessibility: marks('accessibility'),
      bestPractices: marks('best-practices'),
      faults,
    };
  } finally {
    await browser.close();
  }
}
