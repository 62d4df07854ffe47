import { readdirSync, readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** The kernel counts the machine's time in hundredths of a second. */
const TICK_MS = 10;

/** Processor time that the threads of a process have used, in milliseconds; of those that are still there. */
export function cpuMs(pid: number): number {
  let nanoseconds = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    nanoseconds += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]);
  }
  return nanoseconds / 1e6;
}

/** Memory that a process has in the machine, in bytes. Throws when it is gone. */
export function residentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} is gone`);
  return Number(kilobytes) * 1024;
}

/** Processor time that the children of a process have used, in milliseconds, of those that have ended as well. */
export function childrenCpuMs(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
  const there = children.trim().split(/\s+/).filter(Boolean).map(Number);
  // After the name, which may hold anything: `cutime` and `cstime` (proc(5), `stat`).
  const words = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  const ended = (Number(words[13]) + Number(words[14])) * TICK_MS;
  return there.reduce((total, child) => total + (cpuMsIfThere(child) ?? 0), ended);
}

/** Null for a process that ended meanwhile, as PostgreSQL's housekeeping does. */
function cpuMsIfThere(pid: number): number | null {
  try {
    return cpuMs(pid);
  } catch {
    return null;
  }
}

/** How many files a process may have open; a socket is one. */
export function openFilesMax(pid: number): number {
  return Number(/^Max open files\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1]);
}

/** How much time the machine's cores were idle since it started, in milliseconds of one core. */
export function idleMs(): number {
  const [, , , , idle = '0', waiting = '0'] = readFileSync('/proc/stat', 'utf8').split('\n')[0]?.split(/\s+/) ?? [];
  return (Number(idle) + Number(waiting)) * TICK_MS;
}

/** The machine and what it has to do beside us: how many cores, and how many tasks wanted one in the last minute. */
export function machine(): { cores: number; load: number } {
  return { cores: availableParallelism(), load: Number(readFileSync('/proc/loadavg', 'utf8').split(' ')[0]) };
}
