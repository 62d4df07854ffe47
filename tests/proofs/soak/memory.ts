import { readFile } from 'node:fs/promises';

/** Resident memory of the server and of all its workers together, in bytes. */
export interface Sample {
  server: number;
  workers: number;
}

export async function sampleOf(serverPid: number, workerPids: readonly number[]): Promise<Sample> {
  const workers = await Promise.all(workerPids.map(residentBytes));
  return { server: await residentBytes(serverPid), workers: workers.reduce((sum, bytes) => sum + bytes, 0) };
}

async function residentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} is gone`);
  return Number(kilobytes) * 1024;
}

/** Memory that a process may win between the two halves of the time: its heap breathes, a leak does not. */
const ALLOWED_BYTES = 12e6;
const ALLOWED_SHARE = 0.1;

/**
 * Whether memory stayed flat: the middle value of the last quarter is compared with that of the second, after the
 * heap has found its size.
 */
export function judge(samples: readonly Sample[], of: keyof Sample): { from: number; to: number; flat: boolean } {
  const quarter = Math.max(1, Math.floor(samples.length / 4));
  const middle = (part: readonly Sample[]) => median(part.map((sample) => sample[of]));
  const from = middle(samples.slice(quarter, 2 * quarter));
  const to = middle(samples.slice(-quarter));
  return { from, to, flat: to - from <= Math.max(ALLOWED_BYTES, from * ALLOWED_SHARE) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
