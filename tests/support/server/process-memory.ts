import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A part of a process's memory that holds something. */
export interface Region {
  start: number;
  end: number;
  /** Such as `[heap]` or a file's path; '' for memory without a name. */
  name: string;
}

/** What was read of a process's memory. */
export interface MemoryRead {
  bytes: number;
  /** Bytes that are there and could not be read. */
  unreadable: number;
}

const PIECE_BYTES = 4 * 1024 * 1024;
const PAGE_BYTES = 4096;
/** An entry of a page in `pagemap` (proc(5)); in its highest byte stands whether the page is in memory or in swap. */
const ENTRY_BYTES = 8;
const HELD = 0b1100_0000;
const ENTRIES_AT_ONCE = 64 * 1024;
/** Memory of the kernel's in every process: its clock and its fast calls. */
const KERNELS = new Set(['[vvar]', '[vvar_vclock]', '[vdso]', '[vsyscall]']);
const STOP_MS = 2_000;

/** Why no memory of another process can be read here; null when it can. */
export function memoryProblem(): string | null {
  return process.platform === 'linux' ? null : 'other processes’ memory is read through Linux’s /proc';
}

/**
 * Reads every page that a process has in memory or in swap, whether it may read it itself or not, while the process stands still,
 * so that nothing moves out of sight. Pages that it reserved and never touched are nowhere and hold nothing. Linux only; needs
 * the rights of a debugger. Throws an Error when the process is gone.
 *
 * @param take is given each piece with its address and the region it is from, in the order of their addresses
 */
export async function readMemory(
  pid: number,
  take: (piece: Buffer, address: number, region: Region) => void,
): Promise<MemoryRead> {
  const read = { bytes: 0, unreadable: 0 };
  process.kill(pid, 'SIGSTOP');
  const opened: number[] = [];
  const open = (name: string): number => {
    const file = openSync(`/proc/${pid}/${name}`, 'r');
    opened.push(file);
    return file;
  };
  try {
    await allStopped(pid);
    const [memory, pages] = [open('mem'), open('pagemap')];
    for (const region of regionsOf(pid)) {
      for (const { start, end } of heldIn(pages, region)) {
        read.unreadable += readRun(memory, start, end, (piece, address) => {
          read.bytes += piece.length;
          take(piece, address, region);
        });
      }
    }
  } finally {
    for (const file of opened) closeSync(file);
    process.kill(pid, 'SIGCONT');
  }
  return read;
}

/** The regions of a process that have pages in memory or in swap (proc(5), `smaps`). */
function regionsOf(pid: number): Region[] {
  const regions: (Region & { kB: number })[] = [];
  for (const line of readFileSync(`/proc/${pid}/smaps`, 'utf8').split('\n')) {
    const head = /^([0-9a-f]+)-([0-9a-f]+) \S+ \S+ \S+ \d+ *(.*)$/.exec(line);
    if (head !== null) {
      const [, start = '', end = '', name = ''] = head;
      regions.push({ start: Number.parseInt(start, 16), end: Number.parseInt(end, 16), name, kB: 0 });
      continue;
    }
    const kept = /^(?:Rss|Swap): +(\d+) kB$/.exec(line);
    const last = regions.at(-1);
    if (kept !== null && last !== undefined) last.kB += Number(kept[1]);
  }
  return regions.filter(({ kB, name }) => kB > 0 && !KERNELS.has(name));
}

/** The processes that a process started and that live, oldest first. */
export function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((task) => readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' '))
    .filter((child) => child !== '')
    .map(Number)
    .sort((a, b) => a - b);
}

/** The runs of pages of a region that are in memory or in swap. */
function* heldIn(pages: number, { start, end }: Region): Generator<{ start: number; end: number }> {
  let since: number | null = null;
  for (let from = start; from < end; from += ENTRIES_AT_ONCE * PAGE_BYTES) {
    const count = Math.min(ENTRIES_AT_ONCE, (end - from) / PAGE_BYTES);
    const entries = Buffer.alloc(count * ENTRY_BYTES);
    readSync(pages, entries, 0, entries.length, (from / PAGE_BYTES) * ENTRY_BYTES);
    for (let index = 0; index < count; index += 1) {
      const page = from + index * PAGE_BYTES;
      const isHeld = ((entries[index * ENTRY_BYTES + 7] ?? 0) & HELD) !== 0;
      if (isHeld) since ??= page;
      else if (since !== null) {
        yield { start: since, end: page };
        since = null;
      }
    }
  }
  if (since !== null) yield { start: since, end };
}

/** Gives how many bytes could not be read. */
function readRun(memory: number, start: number, end: number, take: (piece: Buffer, address: number) => void): number {
  let unreadable = 0;
  for (let address = start; address < end; ) {
    const wanted = Math.min(PIECE_BYTES, end - address);
    const piece = readAt(memory, address, wanted) ?? readAt(memory, address, PAGE_BYTES);
    if (piece === null) unreadable += PAGE_BYTES;
    else take(piece, address);
    address += piece?.length ?? PAGE_BYTES;
  }
  return unreadable;
}

/** Null when the first page cannot be read; fewer bytes than wanted when a later one cannot. */
function readAt(memory: number, address: number, wanted: number): Buffer | null {
  const piece = Buffer.allocUnsafe(wanted);
  try {
    const got = readSync(memory, piece, 0, wanted, address);
    return got === 0 ? null : piece.subarray(0, got);
  } catch {
    return null;
  }
}

/** A stop takes a moment to reach every thread. */
async function allStopped(pid: number): Promise<void> {
  const until = performance.now() + STOP_MS;
  const running = () =>
    readdirSync(`/proc/${pid}/task`).some(
      (task) => !/\) [Tt] /.test(readFileSync(`/proc/${pid}/task/${task}/stat`, 'utf8')),
    );
  while (running()) {
    if (performance.now() > until) throw new Error(`process ${pid} did not stop for its memory to be read`);
    await delay(5);
  }
}
