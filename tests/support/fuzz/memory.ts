import { readdirSync, readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

/** Bytes of this process's heap that are in use, after everything that can go has gone. */
export function heapBytes(): number {
  if (typeof collect === 'function') collect();
  return process.memoryUsage().heapUsed;
}

/** Bytes of memory that this process's mediasoup workers hold at this moment; 0 where that cannot be read. */
export function workerBytes(): number {
  try {
    const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').trim().split(' ');
    return children.map(residentBytes).reduce((sum, bytes) => sum + bytes, 0);
  } catch {
    return 0;
  }
}

function residentBytes(pid: string): number {
  if (!readdirSync(`/proc/${pid}`).includes('status')) return 0;
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  if (!/^Name:\tmediasoup/m.test(status)) return 0;
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}
