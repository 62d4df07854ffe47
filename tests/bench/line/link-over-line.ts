import { type Figure, median, timesFigure } from '../figures.ts';
import { type LineStage, type LineVisit, openStage } from './behind-line.ts';
import { plotLines } from './plot.ts';

const PHONE_LINE_BITS = 8_000_000;
/** Where round trips are counted: what the computers take is little beside it. */
const COUNTED_AT_MS = 300;
const PLOTTED_MS = [0, 80, 160, 240, COUNTED_AT_MS];
const FEW_RUNS = 5;

interface Setting {
  roundTripMs: number;
  secure: boolean;
  doctorBehindLine: boolean;
}

const TIMED: readonly Setting[] = [
  { roundTripMs: 0, secure: false, doctorBehindLine: false },
  { roundTripMs: 80, secure: false, doctorBehindLine: false },
  { roundTripMs: 80, secure: true, doctorBehindLine: false },
  { roundTripMs: 80, secure: true, doctorBehindLine: true },
  { roundTripMs: 160, secure: true, doctorBehindLine: false },
];
const COUNTED: readonly Setting[] = [
  { roundTripMs: COUNTED_AT_MS, secure: false, doctorBehindLine: false },
  { roundTripMs: COUNTED_AT_MS, secure: true, doctorBehindLine: false },
  { roundTripMs: COUNTED_AT_MS, secure: true, doctorBehindLine: true },
];

/** Where every connection of a reading patient is cut. */
const CUT: readonly Setting[] = [
  { roundTripMs: 80, secure: false, doctorBehindLine: false },
  { roundTripMs: 80, secure: true, doctorBehindLine: false },
  { roundTripMs: 160, secure: true, doctorBehindLine: false },
];

interface Run {
  runs: number;
  progress(text: string): void;
}

/** From the link to the text with the patient, or both pages, behind a line; the button is pressed when it appears. */
export async function measureLine({ runs, progress }: Run): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const setting of TIMED) figures.push(timed(setting, await repeat(setting, { runs, progress })));
  return figures;
}

/** How many round trips the same takes. */
export async function countRoundTrips({ runs, progress }: Run): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const setting of COUNTED) {
    figures.push(counted(setting, await repeat(setting, { runs: Math.min(runs, FEW_RUNS), progress })));
  }
  return figures;
}

/** Every connection of a patient who reads is cut; until the note is back. */
export async function measureCuts({ runs, progress }: Run): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const setting of CUT) {
    const times = await onStage(
      setting,
      { runs, progress },
      (stage) => stage.cut(),
      (ms) => ms,
    );
    const what = 'From the cut of every connection of a patient who reads to the note in the page again';
    figures.push({ ...timesFigure('line_reconnect_ms', times, `${what}; ${describe(setting)}.`), ...facts(setting) });
  }
  return figures;
}

/** The same over TLS for several lengths of the line, as an SVG. */
export async function plotLine({ runs, progress }: Run): Promise<string> {
  const points: { roundTripMs: number; textMs: number; buttonMs: number; floorMs: number }[] = [];
  for (const roundTripMs of PLOTTED_MS) {
    const setting = { roundTripMs, secure: true, doctorBehindLine: false };
    const visits = await repeat(setting, { runs: Math.min(runs, FEW_RUNS), progress });
    const of = (name: 'textMs' | 'buttonMs' | 'floorMs') => median(visits.map((visit) => visit[name]));
    points.push({ roundTripMs, textMs: of('textMs'), buttonMs: of('buttonMs'), floorMs: of('floorMs') });
  }
  return plotLines(points);
}

function timed(setting: Setting, visits: readonly LineVisit[]): Figure {
  const floor = median(visits.map(({ floorMs }) => floorMs));
  const figure = timesFigure(
    'line_link_to_text_ms',
    visits.map(({ textMs }) => textMs),
    `From following the link to the 800-character note in the page, read in the page, tapped at once; ${describe(setting)}.`,
  );
  const button = median(visits.map(({ buttonMs }) => buttonMs));
  return { ...figure, ...facts(setting), buttonP50: button, floorP50: floor, timesFloor: ratio(figure.value, floor) };
}

function counted(setting: Setting, visits: readonly LineVisit[]): Figure {
  return {
    name: 'line_round_trips',
    value: median(visits.map(({ roundTrips }) => roundTrips)),
    unit: 'round trips',
    runs: visits.length,
    ...facts(setting),
    what: `Round trips until the text is in the page, from the relay's log; ${describe(setting)}.`,
  };
}

function repeat(setting: Setting, run: Run): Promise<LineVisit[]> {
  return onStage(
    setting,
    run,
    (stage) => stage.visit(),
    ({ textMs }) => textMs,
  );
}

async function onStage<Result>(
  setting: Setting,
  { runs, progress }: Run,
  measure: (stage: LineStage) => Promise<Result>,
  timeOf: (result: Result) => number,
): Promise<Result[]> {
  const { roundTripMs, secure, doctorBehindLine } = setting;
  const bitsPerSecond = roundTripMs === 0 ? Number.POSITIVE_INFINITY : PHONE_LINE_BITS;
  const stage = await openStage({ roundTripMs, bitsPerSecond }, { secure, doctorBehindLine });
  try {
    await stage.visit();
    const results: Result[] = [];
    while (results.length < runs) results.push(await measure(stage));
    progress(`${describe(setting)}: ${results.map((result) => Math.round(timeOf(result))).join(' ')}`);
    return results;
  } finally {
    await stage.close();
  }
}

function describe({ roundTripMs, secure, doctorBehindLine }: Setting): string {
  const who = doctorBehindLine ? 'both pages' : 'the patient';
  const line = roundTripMs === 0 ? 'no line' : `${who} behind ${roundTripMs} ms and 8 Mbit/s with slow start`;
  return `${line}, ${secure ? 'TLS and HTTP/2 by nginx' : 'no TLS'}`;
}

function facts({ roundTripMs, secure, doctorBehindLine }: Setting) {
  return { roundTripMs, tls: secure ? 'yes' : 'no', behindLine: doctorBehindLine ? 'both' : 'patient' };
}

function ratio(one: number, other: number): number {
  return Math.round((one / other) * 100) / 100;
}
