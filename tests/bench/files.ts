/** How fast files go, and what the note waits for while they do. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import type { Stage } from './browser-figures.ts';
import type { PeerSession } from './browsers.ts';
import { type Figure, median, quantile } from './figures.ts';
import { correct, plainNote, readWarm, share } from './journey.ts';

const MEGABYTE = 1_000_000;
const FILE_BYTES = 50 * MEGABYTE;
/** A file in whose time a correction is made. */
const LONG_FILES = 3;
const NAME = 'scan.dcm';
const NOTE = plainNote(800);

export const FILE_FIGURES = ['file_throughput_mb_s', 'file_throughput_3_readers_mb_s', 'file_correction_ms'];

export async function measureFiles(stage: Stage): Promise<Figure[]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'glir-files-'));
  const file = path.join(folder, NAME);
  writeFileSync(file, Buffer.alloc(FILE_BYTES, 'GLIR'));
  try {
    const one = await throughput(stage, file, 1);
    const three = await throughput(stage, file, 3);
    return [
      figure(
        'file_throughput_mb_s',
        one,
        'A file of 50 MB, from "Add files" until it is whole in the page of one reader',
      ),
      figure(
        'file_throughput_3_readers_mb_s',
        three,
        'The same to three readers at once, to the last of them, for each reader',
      ),
      await corrections(stage, file),
    ];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Megabytes a second, for each reader, of a few runs. */
async function throughput(
  { server, browsers, runs, progress }: Stage,
  file: string,
  readers: number,
): Promise<number[]> {
  const rates: number[] = [];
  for (let run = 0; run < Math.min(runs, 5); run++) {
    const shared = await share(server, browsers, NOTE);
    const patients: PeerSession[] = [];
    for (let reader = 0; reader < readers; reader++) patients.push((await readWarm(browsers, shared, NOTE)).patient);
    const began = performance.now();
    await addFiles(shared.doctor.page, [file]);
    await Promise.all(patients.map(({ page }) => isWhole(page)));
    rates.push(FILE_BYTES / MEGABYTE / ((performance.now() - began) / 1000));
    progress(`file to ${readers}: ${rates.at(-1)?.toFixed(1)} MB/s`);
    for (const patient of patients) await patient.close();
    await shared.doctor.close();
  }
  return rates;
}

/** Corrections without a file, and while some are under way. */
async function corrections({ server, browsers, runs, progress }: Stage, file: string): Promise<Figure> {
  const [without, during]: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run++) {
    for (const [times, files] of [
      [without, 0],
      [during, LONG_FILES],
    ] as const) {
      const shared = await share(server, browsers, NOTE);
      const { patient } = await readWarm(browsers, shared, NOTE);
      if (files > 0) {
        await addFiles(shared.doctor.page, Array(files).fill(file));
        await patient.page.getByText('Arriving').first().waitFor();
      }
      times.push(await correct(shared, patient));
      await patient.close();
      await shared.doctor.close();
    }
    progress(`correction: ${without.at(-1)?.toFixed(0)} ms, with files ${during.at(-1)?.toFixed(0)} ms`);
  }
  const p95 = (times: number[]) =>
    quantile(
      [...times].sort((a, b) => a - b),
      0.95,
    );
  return {
    name: 'file_correction_ms',
    value: p95(during),
    unit: 'ms',
    p50: median(during),
    p95: p95(during),
    without_p50: median(without),
    without_p95: p95(without),
    runs: during.length,
    what: 'A letter typed into an open note until it is on the patient’s screen, while files are on their way',
  };
}

async function addFiles(page: Page, files: string[]): Promise<void> {
  const picking = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Add files' }).click();
  await (await picking).setFiles(files);
}

function isWhole(page: Page): Promise<void> {
  return page.getByRole('list', { name: 'Files' }).getByRole('button', { name: 'Save' }).waitFor({ timeout: 120_000 });
}

function figure(name: string, rates: readonly number[], what: string): Figure {
  return { name, value: median(rates), unit: 'MB/s', runs: rates.length, what };
}
