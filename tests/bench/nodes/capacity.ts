import { setTimeout as delay } from 'node:timers/promises';
import { type Figure, median, quantile } from '../figures.ts';
import { CAPACITY_PLOT, capacityPlot } from './capacity-plot.ts';
import { BenchCluster } from './cluster.ts';
import { Crowd } from './crowd.ts';
import { collectGarbage } from './garbage.ts';
import type { NodesRun } from './nodes-run.ts';
import type { Answer, Kind, Order } from './orders.ts';
import { writePlot } from './plot.ts';
import { cpuMs, machine, openFilesMax, residentBytes } from './processes.ts';

const READING_ROOMS = [100, 500, 1_000];
const TALKING_ROOMS = [1_000, 5_000, 10_000];
const ROUNDS = 2;
/** Rooms of one client: WebRTC of Node does not carry any number. */
const ROOMS_PER_CLIENT = { reading: 250, talking: 2_500, writing: 2_500 } as const;
const AT_ONCE = 4;
/** Rooms that come and go before anything is counted, so that the code is compiled. */
const WARM_UP = 40;
const SETTLE_MS = 15_000;
const IDLE_MS = 20_000;
const SAMPLES = 10;
/** Memory that was let go of is given back a little later. */
const COLLECTED_MS = 3_000;
/** Opened at once by everybody together; whether there is time for more is asked in between. */
const BATCH = 200;
/** After this nothing more is opened: a slow machine stops at fewer rooms. */
const OPENING_MS = 4 * 60_000;
/** Not more than half of the rooms. */
const REVOKED = 200;
/** Files of a node beside its people's sockets. */
const OTHER_FILES = 200;

/** A node with so many rooms; memory in bytes, processor time in milliseconds of one core in a second. */
interface Level {
  rooms: number;
  /** Memory after a garbage collection. */
  server: number;
  worker: number;
  /** Memory of the server as it was, with whatever it had not thrown away yet. */
  untidy: number;
  serverCpu: number;
  workerCpu: number;
  revoked: number[];
  /** Of which nothing was heard for 20 s. */
  notRevoked: number;
  openedPerSecond: number;
}

/** One node with more and more notes that are read over WebRTC. */
export async function measureCapacity(run: NodesRun): Promise<Figure[]> {
  const sizes = run.rooms ?? READING_ROOMS;
  const rounds: Level[][] = [];
  for (let round = 1; round <= (run.rounds ?? ROUNDS); round++) rounds.push(await climb('reading', sizes, run));
  const figures = rounds.flatMap((levels, index) => figuresOf('room_capacity', levels, index + 1, READ));
  run.progress(`written: ${writePlot(CAPACITY_PLOT, capacityPlot(figures))}`);
  return figures;
}

/** The same without WebRTC: the server makes the transports, nobody connects them. As many as it may have sockets. */
export async function measureTalkingCapacity(run: NodesRun): Promise<Figure[]> {
  const levels = await climb('talking', run.rooms ?? TALKING_ROOMS, run);
  return figuresOf('room_capacity_talking', levels, 1, TALKED);
}

const READ = 'notes that are read over WebRTC, by the pages’ own sessions';
const TALKED = 'notes with a reader who only talk to it: the transports are made and not connected';

async function climb(kind: Kind, sizes: readonly number[], { progress }: NodesRun): Promise<Level[]> {
  const cluster = await BenchCluster.start(1, { balanced: false });
  const crowd = new Crowd(kind, Math.ceil(Math.max(...sizes) / ROOMS_PER_CLIENT[kind]), cluster);
  try {
    const node = await firstNode(cluster);
    const late = performance.now() + OPENING_MS;
    // It keeps what it once took for its next rooms, so what it took for the first ones counts.
    const worker = sum(node.workers.map(residentBytes));
    await open(crowd, WARM_UP, late);
    await revoke(crowd, WARM_UP);
    await delay(SETTLE_MS);
    const levels: Level[] = [
      { rooms: 0, ...(await atIdle(node)), worker, revoked: [], notRevoked: 0, openedPerSecond: 0 },
    ];
    const most = Math.floor((openFilesMax(node.server) - OTHER_FILES) / 2);
    let there = 0;
    for (const size of new Set(sizes.map((each) => Math.min(each, most)))) {
      if (performance.now() > late) break;
      const from = performance.now();
      const opened = await open(crowd, size - there, late);
      const seconds = (performance.now() - from) / 1000;
      const rooms = there + opened;
      await delay(SETTLE_MS);
      const idle = await atIdle(node);
      const { times, failed, failures } = await revoke(crowd, Math.min(REVOKED, Math.floor(rooms / 2)));
      there = rooms - times.length - failed;
      levels.push({
        rooms,
        ...idle,
        revoked: times,
        notRevoked: failed,
        openedPerSecond: Math.round((opened / seconds) * 10) / 10,
      });
      progress(
        `${kind}: ${rooms} of ${size} rooms: ${JSON.stringify({ ...levels.at(-1), failures, load: machine().load })}`,
      );
    }
    return levels;
  } finally {
    crowd.stop();
    await cluster.stop();
  }
}

interface Pids {
  server: number;
  workers: readonly number[];
  inspector: number;
}

async function firstNode({ nodes: [node], inspectors: [inspector] }: BenchCluster): Promise<Pids> {
  if (node === undefined || inspector === undefined) throw new Error('no node was started');
  return { server: node.pid, workers: await node.workers(), inspector };
}

/** Gives how many were opened before it was late. */
async function open(crowd: Crowd, count: number, late: number): Promise<number> {
  let opened = 0;
  while (opened < count && performance.now() < late) {
    const batch = Math.min(BATCH, count - opened);
    const order = (index: number): Order => ({
      do: 'open',
      count: crowd.share(batch, index),
      atOnce: AT_ONCE,
      ports: [0],
    });
    opened += mostlyWell(await crowd.all(order)).times.length;
  }
  return opened;
}

async function revoke(crowd: Crowd, count: number): Promise<Answer> {
  return await crowd.inTurn((index) => ({ do: 'revoke', count: crowd.share(count, index) }));
}

/** Some may be asked to try again. */
function mostlyWell(answer: Answer): Answer {
  if (answer.times.length === 0) throw new Error(`no room was opened: ${answer.failures.join('; ')}`);
  return answer;
}

/** Memory and processor time of a node and its workers while nobody does anything. */
async function atIdle({ server, workers, inspector }: Pids) {
  const cpu = () => ({ server: cpuMs(server), worker: sum(workers.map(cpuMs)) });
  const [before, from] = [cpu(), performance.now()];
  const untidy: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    await delay(IDLE_MS / SAMPLES);
    untidy.push(residentBytes(server));
  }
  const [after, seconds] = [cpu(), (performance.now() - from) / 1000];
  await collectGarbage(server, inspector);
  await delay(COLLECTED_MS);
  return {
    server: residentBytes(server),
    worker: sum(workers.map(residentBytes)),
    untidy: median(untidy),
    serverCpu: (after.server - before.server) / seconds,
    workerCpu: (after.worker - before.worker) / seconds,
  };
}

/** One figure for each size; what a room costs is what came since nobody was there, divided by the rooms. */
function figuresOf(name: string, [empty, ...levels]: readonly Level[], round: number, people: string): Figure[] {
  if (empty === undefined) throw new Error('nothing was measured');
  return levels.map((level) => {
    const each = (of: (one: Level) => number) => (of(level) - of(empty)) / level.rooms;
    const revoked = [...level.revoked].sort((one, other) => one - other);
    return {
      name,
      value: Math.round(each(({ server, worker }) => server + worker) / 1000),
      unit: 'kB/room',
      rooms: level.rooms,
      round,
      serverKb: Math.round(each(({ server }) => server) / 1000),
      workerKb: Math.round(each(({ worker }) => worker) / 1000),
      untidyKb: Math.round(each(({ untidy, worker }) => untidy + worker) / 1000),
      serverMb: Math.round(level.server / 1e6),
      workerMb: Math.round(level.worker / 1e6),
      serverCpuMs: thousandths(each(({ serverCpu }) => serverCpu)),
      workerCpuMs: thousandths(each(({ workerCpu }) => workerCpu)),
      corePercent: Math.round(level.serverCpu + level.workerCpu) / 10,
      revokeP50: quantile(revoked, 0.5),
      revokeP99: quantile(revoked, 0.99),
      revokeMax: quantile(revoked, 1),
      revoked: revoked.length,
      notRevoked: level.notRevoked,
      openedPerSecond: level.openedPerSecond,
      ...machine(),
      what: `Resident memory of a node and its worker for each of so many open ${people}, after a garbage collection (untidy: before it); CpuMs: milliseconds of one core in a second, for each room, while nobody does anything; revoke: from the doctor's order to the end in the patient's page, one after the other.`,
    };
  });
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function thousandths(number: number): number {
  return Math.round(number * 1000) / 1000;
}
