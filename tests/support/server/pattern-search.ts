/** Bytes that are looked for: a marker in one of its spellings. */
export interface Pattern {
  marker: string;
  spelling: string;
  bytes: Buffer;
}

/** A pattern that was found, how often, and where first. */
export interface Hit {
  pattern: Pattern;
  count: number;
  /** Bytes from the beginning of all that was fed, or since `from` of the last `jump`. */
  offset: number;
  /** What stands there, with some bytes on both sides as far as they were at hand. */
  around: Buffer;
}

/** A search that is fed piece by piece; a pattern is also found across the border of two pieces. */
export interface PatternSearch {
  feed(piece: Buffer): void;
  /** The next piece does not follow the one before: it begins at this offset. */
  jump(from: number): void;
  /** Bytes fed so far. */
  searched(): number;
  hits(): Hit[];
}

/** Of the tables' size: room for many times what stands in them, and small enough for the processor's cache. */
const TABLE_BITS = { least: 12, most: 20 };
const ROOM = 16;
const AROUND_BYTES = 96;

/**
 * Searches for many patterns at once with the algorithm of Wu and Manber (TR 94-17, 1994): three bytes at a time tell how far
 * the next look can be, so most bytes are never looked at. Throws RangeError for a pattern of fewer than 4 bytes.
 */
export function patternSearch(patterns: readonly Pattern[]): PatternSearch {
  const { window, shifts, first, next, hashAt } = tablesOf(patterns);
  const longest = Math.max(0, ...patterns.map(({ bytes }) => bytes.length));
  const found = new Map<Pattern, Hit>();
  let tail = Buffer.alloc(0);
  /** Where the next piece begins. */
  let position = 0;
  let searched = 0;

  /** Notes the patterns that stand where the window ends at `end`. */
  function compareAt(bytes: Buffer, end: number, base: number): void {
    const start = end - window + 1;
    for (let at = first[hashAt(bytes, end)] ?? 0; at !== 0; at = next[at] ?? 0) {
      const pattern = patterns[at - 1];
      if (pattern !== undefined && standsAt(bytes, start, pattern)) note(pattern, bytes, start, base);
    }
  }

  function standsAt(bytes: Buffer, start: number, pattern: Pattern): boolean {
    const stop = start + pattern.bytes.length;
    // What ends within the tail was found with the piece before.
    if (stop > bytes.length || stop <= tail.length) return false;
    return bytes.compare(pattern.bytes, 0, pattern.bytes.length, start, stop) === 0;
  }

  function note(pattern: Pattern, bytes: Buffer, start: number, base: number): void {
    const known = found.get(pattern);
    if (known !== undefined) {
      known.count += 1;
      return;
    }
    const stop = start + pattern.bytes.length + AROUND_BYTES;
    const around = Buffer.from(bytes.subarray(Math.max(0, start - AROUND_BYTES), stop));
    found.set(pattern, { pattern, count: 1, offset: base + start, around });
  }

  return {
    feed(piece) {
      const bytes = tail.length === 0 ? piece : Buffer.concat([tail, piece]);
      const base = position - tail.length;
      let end = window - 1;
      while (end < bytes.length) {
        const shift = shifts[hashAt(bytes, end)] ?? 1;
        if (shift > 0) end += shift;
        else {
          compareAt(bytes, end, base);
          end += 1;
        }
      }
      position += piece.length;
      searched += piece.length;
      tail = Buffer.from(bytes.subarray(Math.max(0, bytes.length - longest + 1)));
    },
    jump(from) {
      tail = Buffer.alloc(0);
      position = from;
    },
    searched: () => searched,
    hits: () => [...found.values()],
  };
}

function tablesOf(patterns: readonly Pattern[]) {
  const window = Math.min(255, ...patterns.map(({ bytes }) => bytes.length));
  if (window < 4) throw new RangeError('A pattern needs at least 4 bytes.');
  const { least, most } = TABLE_BITS;
  const bits = Math.min(most, Math.max(least, Math.ceil(Math.log2(patterns.length * window * ROOM))));
  /** Of the three bytes that end at `end`. */
  const hashAt = (bytes: Buffer, end: number): number => {
    const three = ((bytes[end - 2] ?? 0) << 16) | ((bytes[end - 1] ?? 0) << 8) | (bytes[end] ?? 0);
    return Math.imul(three, 0x9e3779b1) >>> (32 - bits);
  };
  const shifts = new Uint8Array(1 << bits).fill(window - 2);
  /** For each hash the patterns whose window ends with it: the first, and for each pattern the next. Counted from 1. */
  const first = new Int32Array(1 << bits);
  const next = new Int32Array(patterns.length + 1);
  for (const [index, { bytes }] of patterns.entries()) {
    for (let end = 2; end < window; end += 1) {
      const hash = hashAt(bytes, end);
      shifts[hash] = Math.min(shifts[hash] ?? 0, window - 1 - end);
    }
    const hash = hashAt(bytes, window - 1);
    next[index + 1] = first[hash] ?? 0;
    first[hash] = index + 1;
  }
  return { window, shifts, first, next, hashAt };
}
