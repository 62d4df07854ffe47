import { lighthouseMarks } from '../support/browser/lighthouse.ts';
import type { Browsers } from './browsers.ts';
import { type Figure, median } from './figures.ts';
import { plainNote, share } from './journey.ts';
import type { Server } from './server.ts';

/** More take too long: one is about ten seconds. */
const RUNS_MAX = 7;

interface Run {
  server: Server;
  browsers: Browsers;
  runs: number;
  progress(text: string): void;
}

/** How quick Lighthouse finds the patient's page before the tap, on its slow phone. */
export async function measureLighthouse({ server, browsers, runs, progress }: Run): Promise<Figure[]> {
  const shared = await share(server, browsers, plainNote(1000));
  const found: number[] = [];
  while (found.length < Math.min(runs, RUNS_MAX)) {
    const { performance, accessibility, bestPractices } = await lighthouseMarks(shared.noteLink);
    progress(`Lighthouse: performance ${performance}, accessibility ${accessibility}, best practices ${bestPractices}`);
    found.push(performance);
  }
  await shared.doctor.close();
  const what = "Lighthouse's mark for performance of the patient's page before the tap, mobile preset; median.";
  return [{ name: 'lighthouse_performance', value: median(found), unit: 'points', runs: found.length, what }];
}
