import { createReadStream, existsSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';
import { type Hit, type Pattern, patternSearch } from '../../support/server/pattern-search.ts';
import { heapOf } from './heap.ts';
import { takeImage } from './image.ts';
import type { PlaceKind } from './markers.ts';
import { conversationsOf } from './streams.ts';

/** A hit, and where exactly. */
export interface Finding {
  hit: Hit;
  where: string;
}

/** What a search of one place gave. */
export interface Searched {
  bytes: number;
  findings: Finding[];
  /** What makes the search incomplete, such as memory that could not be read. */
  gaps: string[];
}

/** Somewhere that the server, or who talks to it, could have put something. */
export interface Place {
  name: string;
  kind: PlaceKind;
  search(patterns: readonly Pattern[]): Promise<Searched>;
}

const PIECE_BYTES = 4 * 1024 * 1024;

/** All memory of a process; `file` is where its image lies for the time of the search. */
export function memoryOf(name: string, kind: PlaceKind, { pid, file }: { pid: number; file: string }): Place {
  return {
    name,
    kind,
    async search(patterns) {
      const image = await takeImage(pid, file);
      try {
        const search = patternSearch(patterns);
        image.feed(search);
        const { bytes, unreadable } = image.read;
        const whereOf = ({ offset }: Hit) => `${image.regionAt(offset)} at 0x${offset.toString(16)}`;
        return {
          bytes,
          findings: search.hits().map((hit) => ({ hit, where: whereOf(hit) })),
          gaps: unreadable === 0 ? [] : [`${unreadable} bytes of memory could not be read`],
        };
      } finally {
        image.remove();
      }
    },
  };
}

/** Files, found anew for each search; `list` gives their paths. */
export function filesOf(name: string, kind: PlaceKind, list: () => string[]): Place {
  return {
    name,
    kind,
    async search(patterns) {
      const searched: Searched = { bytes: 0, findings: [], gaps: [] };
      for (const file of list()) {
        const search = patternSearch(patterns);
        // A file's name can tell as much as what is in it.
        search.feed(Buffer.from(`${file}\0`));
        search.jump(0);
        try {
          for await (const piece of createReadStream(file, { highWaterMark: PIECE_BYTES })) search.feed(piece);
        } catch (error) {
          // A browser that runs removes files of its profile.
          if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
        }
        searched.bytes += search.searched();
        searched.findings.push(
          ...search.hits().map((hit) => ({ hit, where: `${path.basename(file)} at ${hit.offset}` })),
        );
      }
      return searched;
    },
  };
}

/**
 * What was said over TCP to and from these ports, put together and without the masks of WebSockets.
 *
 * @param texts what else belongs to it
 */
export function conversationsIn(
  name: string,
  kind: PlaceKind,
  { file, ports, texts = () => [] }: { file: string; ports: readonly number[]; texts?: () => string[] },
): Place {
  return {
    name,
    kind,
    async search(patterns) {
      const conversations = await conversationsOf(file, new Set(ports));
      const searched = searchTexts([...conversations.texts, ...texts().map((text) => Buffer.from(text))], patterns);
      const { missing } = conversations;
      if (missing > 0) searched.gaps.push(`the capture lacks ${missing} bytes of these connections`);
      return searched;
    },
  };
}

function searchTexts(texts: readonly Buffer[], patterns: readonly Pattern[]): Searched {
  const search = patternSearch(patterns);
  for (const text of texts) {
    // What stands at the end of one text and at the beginning of the next does not belong together.
    search.jump(search.searched());
    search.feed(text);
  }
  return {
    bytes: search.searched(),
    findings: search.hits().map((hit) => ({ hit, where: `at ${hit.offset}` })),
    gaps: [],
  };
}

/** What the objects of a Node process hold; see `heapOf`. */
export function objectsOf(name: string, pid: number): Place {
  return {
    name,
    kind: 'objects',
    async search(patterns) {
      return searchTexts([Buffer.from(await heapOf(pid))], patterns);
    },
  };
}

/** Every file in a folder and the folders in it, except below `without`. */
export function filesIn(folder: string, without: readonly string[] = []): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !without.some((other) => file.startsWith(other)));
}

/** Files that processes hold open though they have no name any more; none of processes that have ended. */
export function namelessFilesOf(pids: readonly number[]): string[] {
  const living = pids.filter((pid) => existsSync(`/proc/${pid}/fd`));
  return living.flatMap((pid) =>
    readdirSync(`/proc/${pid}/fd`)
      .map((fd) => `/proc/${pid}/fd/${fd}`)
      .filter((fd) => readlinkSync(fd).endsWith(' (deleted)') && statSync(fd).isFile()),
  );
}
