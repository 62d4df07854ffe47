import * as z from 'zod/mini';
import { type Bytes, concat, copyOf, fromUtf8, utf8 } from '../bytes.ts';
import { createSealer, type Opener, openWithGaps, type Sealer } from '../crypto/sealed-stream.ts';
import { SEALED_CHUNK_BYTES } from './chunks.ts';
import { FILES_COUNT_MAX } from './file-list.ts';

/** What travels over the files' own channel: chunks to the reader, and to the composer how far the reader is. */

const HEADER_BYTES = 8;

/** A sealed chunk with its place, which the server sees; the seal says whether it is true. */
interface ChunkFrame {
  file: number;
  index: number;
  sealed: Bytes;
}

/** The file's number (4 bytes), the chunk's (4 bytes), and the sealed chunk. */
export function encodeChunkFrame({ file, index, sealed }: ChunkFrame): Bytes {
  const header = new Uint8Array(HEADER_BYTES);
  const view = new DataView(header.buffer);
  view.setUint32(0, file);
  view.setUint32(4, index);
  return concat(header, sealed);
}

/** Null when it cannot be one. */
export function decodeChunkFrame(frame: Bytes): ChunkFrame | null {
  if (frame.length <= HEADER_BYTES || frame.length > HEADER_BYTES + SEALED_CHUNK_BYTES) return null;
  const view = new DataView(frame.buffer, frame.byteOffset);
  return { file: view.getUint32(0), index: view.getUint32(4), sealed: copyOf(frame.subarray(HEADER_BYTES)) };
}

/** Longest of a reader's frames, in bytes: nothing that it says is longer. */
const PROGRESS_FRAME_BYTES_MAX = 4 * 1024;

const progressSchema = z.strictObject({
  /**
   * For each file that it is about: its number, the chunk that the reader wants next, which acknowledges all before it, and what
   * became of it. Several of these frames may be lost; the last one counts.
   */
  files: z
    .array(
      z.strictObject({
        id: z.int(),
        next: z.int().check(z.minimum(0)),
        state: z.enum(['arriving', 'whole', 'damaged']),
      }),
    )
    .check(z.maxLength(FILES_COUNT_MAX)),
  /** Whether the reader has just connected, or misses a chunk: what was sent beyond `next` is to be sent again. */
  again: z.boolean(),
});
export type Progress = z.infer<typeof progressSchema>;

/** Seals what a reader says over the files' channel, over all connections of one handshake. */
export interface ProgressSealer {
  seal(progress: Progress): Promise<Bytes>;
}

export interface ProgressOpener {
  /** Rejects when the frame was altered, repeated, or is older than one before, or says what no page says. */
  open(frame: Bytes): Promise<Progress>;
}

/** @param rawKey the list's `replyKey`; it is overwritten */
export async function createProgressSealer(rawKey: Bytes): Promise<ProgressSealer> {
  const sealer: Sealer = await createSealer(rawKey);
  return { seal: (progress) => sealer.seal(utf8(JSON.stringify(progress))) };
}

/** The other side of `createProgressSealer`. */
export async function createProgressOpener(rawKey: Bytes): Promise<ProgressOpener> {
  const opener: Opener = await openWithGaps(rawKey);
  return {
    async open(frame) {
      if (frame.length > PROGRESS_FRAME_BYTES_MAX) throw new RangeError('longer than anything that a reader says');
      return progressSchema.parse(JSON.parse(fromUtf8(await opener.open(frame))));
    },
  };
}
