import lighthouse, { type Result } from 'lighthouse';
import puppeteer from 'puppeteer-core';
import { CHROMIUM } from './browsers.ts';

const FLAWLESS = ['accessibility', 'best-practices'];

/** Lighthouse's marks from 0 to 100, and the audits that cost some of them, performance aside. */
export interface LighthouseMarks {
  performance: number;
  accessibility: number;
  bestPractices: number;
  faults: string[];
}

/** Lighthouse now and then misses the beginning of its own recording, and asks to be run again. */
const TRIES = 3;

/**
 * Loads an address in a Chromium of its own as Lighthouse's slow phone on a slow network. SEO is left out: GLIR's pages do
 * not want to be found. Throws when Lighthouse fails three times in a row.
 */
export async function lighthouseMarks(address: string): Promise<LighthouseMarks> {
  let problem = '';
  for (let time = 0; time < TRIES; time += 1) {
    const result = await run(address);
    if (result.runtimeError === undefined) return marksOf(result);
    problem = result.runtimeError.message;
  }
  throw new Error(`Lighthouse: ${problem}`);
}

async function run(address: string): Promise<Result> {
  const browser = await puppeteer.launch(CHROMIUM);
  try {
    const page = await browser.newPage();
    const onlyCategories = ['performance', ...FLAWLESS];
    const result = await lighthouse(address, { logLevel: 'error', onlyCategories }, undefined, page);
    if (result === undefined) throw new Error('Lighthouse has no result.');
    return result.lhr;
  } finally {
    await browser.close();
  }
}

function marksOf({ categories, audits }: Result): LighthouseMarks {
  const marks = (category: string) => Math.round((categories[category]?.score ?? 0) * 100);
  const faults = FLAWLESS.flatMap((category) => categories[category]?.auditRefs ?? [])
    .filter(({ id, weight }) => weight > 0 && (audits[id]?.score ?? 1) < 1)
    .map(({ id }) => `${id}: ${audits[id]?.title}`);
  const [performance, accessibility, bestPractices] = [
    marks('performance'),
    marks('accessibility'),
    marks('best-practices'),
  ];
  return { performance, accessibility, bestPractices, faults };
}
