import { closeSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import type { PatternSearch } from '../../support/server/pattern-search.ts';
import { type MemoryRead, readMemory } from '../../support/server/process-memory.ts';

const PIECE_BYTES = 4 * 1024 * 1024;

/** Memory that lay in one piece. */
interface Run {
  address: number;
  bytes: number;
  /** The region's name; '' when it has none. */
  name: string;
}

/** A process's memory in a file: the process stands still only while it is copied, however long the search takes. */
export interface MemoryImage {
  read: MemoryRead;
  /** Feeds all of it to a search, whose offsets are then addresses. */
  feed(search: PatternSearch): void;
  /** Where an address is: such as `[heap]`. */
  regionAt(address: number): string;
  /** Deletes the file. */
  remove(): void;
}

/** Copies all memory of a process into a new file. */
export async function takeImage(pid: number, file: string): Promise<MemoryImage> {
  const runs: Run[] = [];
  const image = openSync(file, 'w', 0o600);
  const read = await readMemory(pid, (piece, address, { name }) => {
    writeSync(image, piece);
    const last = runs.at(-1);
    if (last !== undefined && last.address + last.bytes === address && last.name === name) last.bytes += piece.length;
    else runs.push({ address, bytes: piece.length, name });
  });
  closeSync(image);
  return {
    read,
    feed(search) {
      const written = openSync(file, 'r');
      const piece = Buffer.alloc(PIECE_BYTES);
      let end = 0;
      for (const { address, bytes } of runs) {
        if (address !== end) search.jump(address);
        for (let at = 0; at < bytes; ) {
          const got = readSync(written, piece, 0, Math.min(PIECE_BYTES, bytes - at), null);
          if (got === 0) throw new Error('the memory image is shorter than what was read');
          search.feed(piece.subarray(0, got));
          at += got;
        }
        end = address + bytes;
      }
      closeSync(written);
    },
    regionAt(address) {
      const run = runs.find(({ address: start, bytes }) => start <= address && address < start + bytes);
      return run?.name || 'anonymous memory';
    },
    remove: () => rmSync(file),
  };
}
