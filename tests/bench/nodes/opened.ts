import { setTimeout as delay } from 'node:timers/promises';
import { type Figure, median } from '../figures.ts';
import { BenchCluster, type DatabaseTotals } from './cluster.ts';
import { Crowd } from './crowd.ts';
import type { NodesRun } from './nodes-run.ts';
import { OPENED_PLOT, openedPlot } from './opened-plot.ts';
import type { Answer } from './orders.ts';
import { writePlot } from './plot.ts';
import { childrenCpuMs, cpuMs, idleMs, machine } from './processes.ts';

const NODES = 3;
const ROUNDS = 5;
const SECONDS = 8;
const CLIENTS = 2;
/** For each client; as many as keep every node busy. */
const AT_ONCE = 12;
const WARM_UP = 100;
/** PostgreSQL's connections hand over their counts once a second. */
const COUNTED_MS = 1_500;

/** One round with so many nodes; times are milliseconds of one core for each room. */
interface Round {
  perSecond: number;
  /** Of a thousand, how many the nodes refused because the machine was too slow for them: they ask to try again. */
  refused: number;
  nodeMs: number;
  workerMs: number;
  postgresMs: number;
  clientMs: number;
  /** Share of the time in which the busiest client had something to do. */
  clientBusy: number;
  /** Cores of the machine that nobody used. */
  idleCores: number;
  /** Cores of the machine that others used. */
  otherCores: number;
  commits: number;
  walBytes: number;
  databaseBytes: number;
}

/** Rooms opened and revoked with one, two and three nodes in turn, on one PostgreSQL. */
export async function measureOpened({ rounds: wanted, progress }: NodesRun): Promise<Figure[]> {
  const cluster = await BenchCluster.start(NODES, { balanced: false });
  const crowd = new Crowd('writing', CLIENTS, cluster);
  const counts = Array.from({ length: NODES }, (_, index) => index + 1);
  try {
    const ports = [...cluster.ports.keys()];
    await crowd.all(() => ({ do: 'open', count: WARM_UP, atOnce: AT_ONCE, ports }));
    await crowd.all(() => ({ do: 'revoke', count: WARM_UP }));
    const rounds = counts.map((): Round[] => []);
    const last = wanted ?? ROUNDS;
    for (let round = 1; round <= last; round++) {
      for (const [index, count] of counts.entries()) {
        const seen = await playRound(cluster, crowd, ports.slice(0, count));
        rounds[index]?.push(seen);
        progress(`opened: round ${round} of ${last}, ${count} nodes: ${JSON.stringify(seen)}`);
      }
    }
    const figures = counts.map((count, index) => figureOf(count, rounds[index] ?? [], rounds[0] ?? []));
    progress(`written: ${writePlot(OPENED_PLOT, openedPlot(figures))}`);
    return figures;
  } finally {
    crowd.stop();
    await cluster.stop();
  }
}

async function playRound(cluster: BenchCluster, crowd: Crowd, ports: number[]): Promise<Round> {
  await delay(COUNTED_MS);
  const before = await used(cluster);
  const from = performance.now();
  const answer = await crowd.all(() => ({ do: 'churn', seconds: SECONDS, atOnce: AT_ONCE, ports }));
  const ms = performance.now() - from;
  const after = await used(cluster);
  await delay(COUNTED_MS);
  const totals = await cluster.databaseTotals();
  if (answer.times.length === 0) throw new Error(`no room was opened: ${answer.failures.join('; ')}`);
  return roundOf({ ms, answer, before, after, totals });
}

type Used = Awaited<ReturnType<typeof used>>;

function roundOf(seen: { ms: number; answer: Answer; before: Used; after: Used; totals: DatabaseTotals }): Round {
  const { ms, answer, before, after, totals } = seen;
  const rooms = answer.times.length;
  const spent = (what: 'node' | 'worker' | 'postgres') => after[what] - before[what];
  const ours = spent('node') + spent('worker') + spent('postgres') + answer.cpuMs;
  const idle = after.idle - before.idle;
  return {
    perSecond: rounded((rooms / ms) * 1000),
    refused: rounded((answer.failed / (rooms + answer.failed)) * 1000),
    nodeMs: rounded(spent('node') / rooms),
    workerMs: rounded(spent('worker') / rooms),
    postgresMs: rounded(spent('postgres') / rooms),
    clientMs: rounded(answer.cpuMs / rooms),
    clientBusy: rounded(answer.busy),
    idleCores: rounded(idle / ms),
    otherCores: rounded(Math.max(0, machine().cores - (ours + idle) / ms)),
    commits: rounded((totals.commits - before.totals.commits) / rooms),
    walBytes: Math.round((totals.wal - before.totals.wal) / rooms),
    databaseBytes: Math.round((totals.bytes - before.totals.bytes) / rooms),
  };
}

/** What everybody has used up to now. */
async function used(cluster: BenchCluster) {
  const workers = (await Promise.all(cluster.nodes.map((node) => node.workers()))).flat();
  const totals = await cluster.databaseTotals();
  return {
    node: sum(cluster.nodes.map(({ pid }) => cpuMs(pid))),
    worker: sum(workers.map(cpuMs)),
    postgres: childrenCpuMs(cluster.postgresPid),
    idle: idleMs(),
    totals,
  };
}

function figureOf(nodes: number, rounds: readonly Round[], withOne: readonly Round[]): Figure {
  const of = (pick: (round: Round) => number) => middle(rounds.map(pick));
  const perSecond = rounds.map((round) => round.perSecond);
  const times = rounds.map((round, index) => round.perSecond / (withOne[index]?.perSecond ?? Number.NaN));
  return {
    name: 'rooms_opened_per_s',
    value: median(perSecond),
    unit: 'rooms/s',
    nodes,
    min: Math.min(...perSecond),
    max: Math.max(...perSecond),
    timesOne: rounded(middle(times)),
    refused: of((round) => round.refused),
    nodeMs: of((round) => round.nodeMs),
    workerMs: of((round) => round.workerMs),
    postgresMs: of((round) => round.postgresMs),
    clientMs: of((round) => round.clientMs),
    clientBusy: of((round) => round.clientBusy),
    idleCores: of((round) => round.idleCores),
    otherCores: of((round) => round.otherCores),
    commits: of((round) => round.commits),
    walBytes: of((round) => round.walBytes),
    databaseBytes: of((round) => round.databaseBytes),
    rounds: rounds.length,
    ...machine(),
    what: `Rooms opened and revoked, by signalling alone, with ${nodes} nodes on one PostgreSQL that writes to the disk; rounds with one, two and three nodes in turn. The times are of one core, for each room.`,
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function middle(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

function rounded(number: number): number {
  return Math.round(number * 100) / 100;
}
