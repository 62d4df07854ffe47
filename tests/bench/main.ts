/**
 * `node tests/bench/main.ts [name...] [--runs=N]`: measures, and prints one JSON object a line on stdout. Progress goes
 * to stderr. Without names everything is measured.
 */
import { measureCorrection, measureJourney, measureLink, measureLongNote, type Stage } from './browser-figures.ts';
import { launchBrowsers } from './browsers.ts';
import { measureChurn } from './churn.ts';
import type { Figure } from './figures.ts';
import { measureLighthouse } from './lighthouse.ts';
import { measurePageSizes } from './page-sizes.ts';
import { type Server, startServer } from './server.ts';
import { measureSlack } from './slack.ts';
import { measureTeams } from './teams.ts';

const DEFAULT_RUNS = 20;

interface Measurement {
  names: readonly string[];
  measure(run: { server: Server; runs: number }): Promise<Figure[]>;
}

const MEASUREMENTS: readonly Measurement[] = [
  { names: ['receiver_js_gzip_bytes', 'receiver_page_gzip_bytes'], measure: measurePageSizes },
  {
    names: ['tap_to_note_ms', 'open_to_ready_ms', 'share_to_link_ms', 'revoke_to_wiped_ms'],
    measure: (run) => inBrowsers(run, measureJourney),
  },
  { names: ['tap_to_note_20kb_ms'], measure: (run) => inBrowsers(run, measureLongNote) },
  { names: ['correction_ms'], measure: (run) => inBrowsers(run, measureCorrection) },
  { names: ['link_to_text_ms'], measure: (run) => inBrowsers(run, measureLink) },
  { names: ['lighthouse_performance'], measure: (run) => inBrowsers(run, measureLighthouse) },
  { names: ['room_churn_per_s'], measure: ({ server }) => measureChurn(server, progress) },
  { names: ['slack_ack_ms'], measure: () => measureSlack(progress) },
  { names: ['teams_ack_ms'], measure: () => measureTeams(progress) },
];

const { names, runs } = readArguments(process.argv.slice(2));
let failed = false;
const server = await startServer();
try {
  for (const measurement of MEASUREMENTS) {
    if (!measurement.names.some((name) => names.has(name))) continue;
    try {
      for (const figure of await measurement.measure({ server, runs })) {
        if (names.has(figure.name)) process.stdout.write(`${JSON.stringify(figure)}\n`);
      }
    } catch (error) {
      // One failure does not cost the other figures.
      failed = true;
      progress(`not measured: ${measurement.names.join(', ')}: ${String(error)}`);
    }
  }
} finally {
  await server.stop();
}
// WebRTC of Node keeps threads that nothing here can end.
process.exit(failed ? 1 : 0);

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

function readArguments(words: readonly string[]): { names: ReadonlySet<string>; runs: number } {
  const all = MEASUREMENTS.flatMap((measurement) => measurement.names);
  const asked = words.filter((word) => !word.startsWith('--'));
  const options = words.filter((word) => word.startsWith('--'));
  const runs = Number(/^--runs=([1-9]\d{0,3})$/.exec(options[0] ?? `--runs=${DEFAULT_RUNS}`)?.[1]);
  if (options.length > 1 || Number.isNaN(runs) || asked.some((name) => !all.includes(name))) {
    process.stderr.write(`Use: node tests/bench/main.ts [name...] [--runs=N]\nNames: ${all.join(', ')}\n`);
    process.exit(2);
  }
  return { names: new Set(asked.length === 0 ? all : asked), runs };
}
