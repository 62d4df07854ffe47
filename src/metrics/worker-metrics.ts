import { readFile } from 'node:fs/promises';
import type { Metrics } from './metrics.ts';

/** A worker that runs, as `WorkerPool.usage` tells of it. */
interface WorkerUsage {
  readonly index: number;
  readonly pid: number;
  readonly rooms: number;
  /** Since it was started. */
  readonly cpuSeconds: number;
}

/**
 * Measures the mediasoup workers.
 *
 * @param configured how many should run
 * @param usage those that do; empty before the start
 */
export function measureWorkers(
  metrics: Metrics,
  configured: number,
  usage: () => Promise<readonly WorkerUsage[]>,
): void {
  const of = (index: number) => ({ worker: String(index) });
  metrics.read('glir_workers_configured', () => [{ labels: {}, value: configured }]);
  metrics.read('glir_workers_running', async () => [{ labels: {}, value: (await usage()).length }]);
  metrics.read('glir_worker_rooms', async () => {
    return (await usage()).map(({ index, rooms }) => ({ labels: of(index), value: rooms }));
  });
  metrics.read('glir_worker_cpu_seconds_total', async () => {
    return (await usage()).map(({ index, cpuSeconds }) => ({ labels: of(index), value: cpuSeconds }));
  });
  metrics.read('glir_worker_memory_bytes', async () => {
    const all = await Promise.all(
      (await usage()).map(async ({ index, pid }) => ({ labels: of(index), value: await residentBytes(pid) })),
    );
    return all.flatMap(({ labels, value }) => (value === null ? [] : [{ labels, value }]));
  });
}

/** Resident memory of a process in bytes, from Linux' `/proc`; null where there is none. */
async function residentBytes(pid: number): Promise<number | null> {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}
