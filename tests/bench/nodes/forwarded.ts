import { setTimeout as delay } from 'node:timers/promises';
import { composeLinkFor } from '../../support/server/chat-command.ts';
import { type Browsers, launchBrowsers } from '../browsers.ts';
import { type Figure, quantile } from '../figures.ts';
import { plainNote, readWarm, share } from '../journey.ts';
import type { Server } from '../server.ts';
import { BenchCluster } from './cluster.ts';
import type { NodesRun } from './nodes-run.ts';
import { machine } from './processes.ts';

const NOTE = plainNote(800);
const ROUNDS = 5;
const TRIES = 20;
const AGAIN_MS = 250;
const HOST = 0;
const OTHER = 1;

/** Milliseconds from the tap to the note, the patient's socket at the room's node or at another one. */
interface Round {
  here: number[];
  there: number[];
}

/** Tap to note in two browsers, the patient's socket at the room's node and at another one in turn. */
export async function measureForwarded({ runs, rounds: wanted, progress }: NodesRun): Promise<Figure[]> {
  const cluster = await BenchCluster.start(2, { balanced: true });
  const browsers = await launchBrowsers();
  try {
    for (const node of [HOST, OTHER]) await tapToNote(cluster, browsers, node);
    const rounds: Round[] = [];
    const last = wanted ?? ROUNDS;
    for (let round = 1; round <= last; round++) {
      const times = await playRound(cluster, browsers, runs);
      rounds.push(times);
      progress(
        `forwarded: round ${round} of ${last}: ${hundredths(middle(times.here))} and ${hundredths(middle(times.there))} ms`,
      );
    }
    return [figure(rounds)];
  } finally {
    await browsers.close();
    await cluster.stop();
  }
}

/** Each of the two comes first as often as the other. */
async function playRound(cluster: BenchCluster, browsers: Browsers, runs: number): Promise<Round> {
  const times: Round = { here: [], there: [] };
  for (let run = 0; run < runs; run++) {
    const first = run % 2 === 0 ? HOST : OTHER;
    for (const node of [first, HOST + OTHER - first]) {
      (node === HOST ? times.here : times.there).push(await tapToNote(cluster, browsers, node));
    }
  }
  return times;
}

function figure(rounds: readonly Round[]): Figure {
  const here = sorted(rounds.flatMap((round) => round.here));
  const there = sorted(rounds.flatMap((round) => round.there));
  const ratios = sorted(rounds.map((round) => middle(round.there) / middle(round.here)));
  return {
    name: 'forwarded_tap_to_note_ratio',
    value: hundredths(middle(there) / middle(here)),
    unit: 'times',
    ratioMin: hundredths(ratios[0] ?? 0),
    ratioMax: hundredths(ratios.at(-1) ?? 0),
    unforwardedP50: hundredths(middle(here)),
    unforwardedP95: quantile(here, 0.95),
    forwardedP50: hundredths(middle(there)),
    forwardedP95: quantile(there, 0.95),
    runs: here.length,
    rounds: rounds.length,
    load: machine().load,
    what: "From the patient's tap to the note (800 characters) in the page, the patient's socket forwarded by another node, divided by the same at the room's node; medians, in turn, in one run; the least and the largest ratio of a round.",
  };
}

async function tapToNote(cluster: BenchCluster, browsers: Browsers, patientsNode: number): Promise<number> {
  const { url, balancer } = cluster;
  const server: Pick<Server, 'composeLink'> = { composeLink: () => composeLinkAt(url) };
  balancer?.only(HOST);
  const shared = await share(server, browsers, NOTE);
  balancer?.only(patientsNode);
  const { patient, times } = await readWarm(browsers, shared, NOTE);
  await Promise.all([shared.doctor.close(), patient.close()]);
  return times.tapToNoteMs;
}

/** A doctor whom a busy server asks to try again does so. */
async function composeLinkAt(url: string): Promise<string> {
  for (let tries = 1; ; tries++) {
    try {
      return await composeLinkFor(url);
    } catch (error) {
      if (tries === TRIES) throw error;
      await delay(AGAIN_MS);
    }
  }
}

function sorted(numbers: readonly number[]): number[] {
  return [...numbers].sort((one, other) => one - other);
}

/** Between the two in the middle where there is no middle one. */
function middle(numbers: readonly number[]): number {
  const all = sorted(numbers);
  const [low, high] = [all[Math.floor((all.length - 1) / 2)], all[Math.floor(all.length / 2)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}

function hundredths(number: number): number {
  return Math.round(number * 100) / 100;
}
