/**
 * `node tests/bench/main.ts [name...] [--runs=N] [--rounds=N] [--rooms=N,N] [--plot=FILE]`: measures, and prints one JSON object a line on stdout.
 * Progress goes to stderr. Without names everything is measured that one server shows; `nodes` stands for all that several
 * do, and what one of them holds; `line` for what a patient behind a slow line waits for.
 */
import { writeFileSync } from 'node:fs';
import { measureCorrection, measureJourney, measureLink, measureLongNote, type Stage } from './browser-figures.ts';
import { launchBrowsers } from './browsers.ts';
import { measureChurn } from './churn.ts';
import type { Figure } from './figures.ts';
import { FILE_FIGURES, measureFiles } from './files.ts';
import { measureLighthouse } from './lighthouse.ts';
import { countRoundTrips, measureCuts, measureLine, plotLine } from './line/link-over-line.ts';
import { NODES_MEASUREMENTS } from './nodes/measurements.ts';
import { measurePageSizes } from './page-sizes.ts';
import { type Server, startServer } from './server.ts';
import { measureSlack } from './slack.ts';
import { measureStrangers } from './strangers.ts';
import { measureTeams } from './teams.ts';

const DEFAULT_RUNS = 20;
const OPTIONS: readonly string[] = ['--runs', '--rounds', '--rooms', '--plot'];
/** Everything that is measured behind a line; `--plot=FILE` writes the plot as well. */
const LINE = 'line';
const LINE_MEASUREMENTS = {
  line_link_to_text_ms: measureLine,
  line_round_trips: countRoundTrips,
  line_reconnect_ms: measureCuts,
};
const LINE_NAMES = Object.keys(LINE_MEASUREMENTS);
/** Stands for everything that is measured of files. */
const FILES = 'files';
/** Stands for everything that several nodes are measured by. */
const ALL_NODES = 'nodes';

interface Measurement {
  names: readonly string[];
  measure(run: { server: Server; runs: number }): Promise<Figure[]>;
}

const MEASUREMENTS: readonly Measurement[] = [
  {
    names: ['receiver_js_gzip_bytes', 'receiver_page_gzip_bytes', 'receiver_page_brotli_bytes'],
    measure: measurePageSizes,
  },
  {
    names: ['tap_to_note_ms', 'open_to_ready_ms', 'share_to_link_ms', 'revoke_to_wiped_ms'],
    measure: (run) => inBrowsers(run, measureJourney),
  },
  { names: ['tap_to_note_20kb_ms'], measure: (run) => inBrowsers(run, measureLongNote) },
  { names: ['correction_ms'], measure: (run) => inBrowsers(run, measureCorrection) },
  { names: ['link_to_text_ms'], measure: (run) => inBrowsers(run, measureLink) },
  { names: ['lighthouse_performance'], measure: (run) => inBrowsers(run, measureLighthouse) },
  { names: ['room_churn_per_s'], measure: ({ server }) => measureChurn(server, progress) },
  { names: ['stranger_join_cpu_ms'], measure: () => measureStrangers() },
  { names: ['slack_ack_ms'], measure: () => measureSlack(progress) },
  { names: ['teams_ack_ms'], measure: () => measureTeams(progress) },
];

/** Takes minutes, and is measured when it is asked for. */
const FILE_MEASUREMENT: Measurement = { names: FILE_FIGURES, measure: (run) => inBrowsers(run, measureFiles) };

const { names, runs, rounds, rooms, plot } = readArguments(process.argv.slice(2));
let failed = false;
for (const { name, measure } of NODES_MEASUREMENTS) {
  if (names.has(name)) await print([name], () => measure({ runs, rounds, rooms, progress }));
}
for (const [name, measure] of Object.entries(LINE_MEASUREMENTS)) {
  if (names.has(name)) await print([name], () => measure({ runs, progress }));
}
if (plot !== null) writeFileSync(plot, await plotLine({ runs, progress }));
const chosen = [...MEASUREMENTS, FILE_MEASUREMENT].filter((measurement) =>
  measurement.names.some((name) => names.has(name)),
);
if (chosen.length > 0) {
  const server = await startServer();
  try {
    for (const measurement of chosen) await print(measurement.names, () => measurement.measure({ server, runs }));
  } finally {
    await server.stop();
  }
}
// WebRTC of Node keeps threads that nothing here can end.
process.exit(failed ? 1 : 0);

/** One failure does not cost the other figures. */
async function print(measured: readonly string[], measure: () => Promise<Figure[]>): Promise<void> {
  try {
    for (const figure of await measure()) {
      if (names.has(figure.name)) process.stdout.write(`${JSON.stringify(figure)}\n`);
    }
  } catch (error) {
    failed = true;
    progress(`not measured: ${measured.join(', ')}: ${String(error)}`);
  }
}

async function inBrowsers(
  { server, runs }: { server: Server; runs: number },
  measure: (stage: Stage) => Promise<Figure[]>,
): Promise<Figure[]> {
  const browsers = await launchBrowsers();
  try {
    return await measure({ server, browsers, runs, progress });
  } finally {
    await browsers.close();
  }
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

interface Arguments {
  names: ReadonlySet<string>;
  runs: number;
  rounds: number | null;
  rooms: readonly number[] | null;
  /** Where the plot goes. */
  plot: string | null;
}

function readArguments(words: readonly string[]): Arguments {
  const nodes = NODES_MEASUREMENTS.map(({ name }) => name);
  const ordinary = MEASUREMENTS.flatMap((measurement) => measurement.names);
  const asked = words.filter((word) => !word.startsWith('--'));
  const options = new Map(words.filter((word) => word.startsWith('--')).map((word) => splitOnce(word)));
  const runs = options.get('--runs') ?? String(DEFAULT_RUNS);
  const rounds = options.get('--rounds') ?? null;
  const rooms = options.get('--rooms') ?? null;
  const isKnown = (name: string) =>
    [ALL_NODES, LINE, FILES, ...LINE_NAMES, ...FILE_FIGURES].includes(name) ||
    nodes.includes(name) ||
    ordinary.includes(name);
  const areRight =
    [runs, rounds ?? runs].every((text) => /^[1-9]\d{0,3}$/.test(text)) &&
    (rooms === null || /^[1-9]\d{0,4}(,[1-9]\d{0,4})*$/.test(rooms));
  if (!areRight || [...options.keys()].some((name) => !OPTIONS.includes(name)) || !asked.every(isKnown)) {
    const names = [...ordinary, LINE, FILES, ALL_NODES, ...nodes].join(', ');
    process.stderr.write(
      `Use: node tests/bench/main.ts [name...] [--runs=N] [--rounds=N] [--rooms=N,N] [--plot=FILE]\nNames: ${names}\n`,
    );
    process.exit(2);
  }
  const groups: Record<string, readonly string[]> = { [ALL_NODES]: nodes, [LINE]: LINE_NAMES, [FILES]: FILE_FIGURES };
  const names = asked.flatMap((name) => groups[name] ?? [name]);
  return {
    names: new Set(asked.length === 0 ? ordinary : names),
    runs: Number(runs),
    rounds: rounds === null ? null : Number(rounds),
    rooms: rooms === null ? null : rooms.split(',').map(Number),
    plot: options.get('--plot') ?? null,
  };
}

/** An option's name and its value. */
function splitOnce(word: string): [string, string] {
  const [name = '', ...value] = word.split('=');
  return [name, value.join('=')];
}
