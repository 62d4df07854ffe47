import type { CryptoKey } from 'hpke';
import { type Bytes, concat, copyOf, sha256 } from '../bytes.ts';

/**
 * A file as a sequence of sealed chunks, in the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015): AES-128-GCM under
 * a key that belongs to this file alone; the nonce is the chunk's number and whether it is the last one. So no chunk can be
 * changed, moved, left out or repeated, and a file that was cut is never taken for a whole one.
 */

/** Bytes of the content in each chunk but the last. */
export const CHUNK_BYTES = 32 * 1024;

export const FILE_KEY_BYTES = 16;
const HASH_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** The last chunk is filled up to a multiple of this, so that its length says little about the file. */
const PADDING_STEP = 1024;

/** A chunk that was altered, or is not where it belongs. */
export class ChunkError extends Error {
  override readonly name = 'ChunkError';
}

/** How many chunks a file of so many bytes has; an empty one has one as well, which says that it is whole. */
export function chunkCount(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / CHUNK_BYTES));
}

/** Bytes of a sealed chunk at most. */
export const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;

/** Seals the chunks of one file, in any order and as often as they are wanted: the same chunk gives the same bytes. */
export interface ChunkSealer {
  /** Rejects once the content is wiped. */
  seal(index: number): Promise<Bytes>;
  /** Overwrites the content. Nothing is sealed from then on: a nonce belongs to one content. */
  wipe(): void;
}

/**
 * @param content is this sealer's from now on; nobody else may change it
 * @param rawKey 16 bytes, random, for this file alone
 */
export async function createChunkSealer(rawKey: Bytes, content: Uint8Array): Promise<ChunkSealer> {
  const key = await importKey(rawKey, 'encrypt');
  const count = chunkCount(content.length);
  let isWiped = false;
  return {
    wipe() {
      isWiped = true;
      content.fill(0);
    },
    async seal(index) {
      if (isWiped) throw new ChunkError('the file was withdrawn');
      if (!Number.isInteger(index) || index < 0 || index >= count) throw new RangeError('no such chunk');
      const isLast = index === count - 1;
      const plain = copyOf(content.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES));
      const padded = isLast ? filledUp(plain) : plain;
      return new Uint8Array(await crypto.subtle.encrypt(gcm(index, isLast), key, padded));
    },
  };
}

/** Opens the chunks of one file, strictly in order. */
export interface ChunkOpener {
  /** The number of the chunk that comes next; `count` when the file is whole. */
  readonly next: number;
  readonly count: number;
  /** The content of the next chunk. Rejects with ChunkError when it is not that, and changes nothing then. */
  open(sealed: Bytes): Promise<Bytes>;
}

/** @param bytes of the whole file, as its doctor's page sealed them in the list */
export async function createChunkOpener(rawKey: Bytes, bytes: number): Promise<ChunkOpener> {
  const key = await importKey(rawKey, 'decrypt');
  const count = chunkCount(bytes);
  let next = 0;
  return {
    get next() {
      return next;
    },
    count,
    async open(sealed) {
      if (next >= count) throw new ChunkError('the file is whole already');
      const isLast = next === count - 1;
      const length = isLast ? bytes - next * CHUNK_BYTES : CHUNK_BYTES;
      const padded = await decrypt(key, next, isLast, sealed);
      if (padded.length !== paddedLength(length, isLast) || padded.subarray(length).some((byte) => byte !== 0))
        throw new ChunkError('a chunk has another length than its place in the file says');
      next += 1;
      return padded.subarray(0, length);
    },
  };
}

async function decrypt(key: CryptoKey, index: number, isLast: boolean, sealed: Bytes): Promise<Bytes> {
  try {
    return new Uint8Array(await crypto.subtle.decrypt(gcm(index, isLast), key, sealed));
  } catch {
    throw new ChunkError('a chunk was altered, moved, or made with another key');
  }
}

/** The hash of a whole file: SHA-256 over the SHA-256 of each chunk, so that it can be taken while the file arrives. */
export class FileHash {
  readonly #chunks: Bytes[] = [];

  /** Takes the content of the next chunk. */
  async add(chunk: Bytes): Promise<void> {
    const at = this.#chunks.push(new Uint8Array(HASH_BYTES)) - 1;
    this.#chunks[at] = await sha256(chunk);
  }

  digest(): Promise<Bytes> {
    return sha256(concat(...this.#chunks));
  }
}

/** The hash of a file that is there as a whole. */
export async function fileHash(content: Uint8Array): Promise<Bytes> {
  const hash = new FileHash();
  for (let index = 0; index < chunkCount(content.length); index++) {
    await hash.add(copyOf(content.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES)));
  }
  return hash.digest();
}

function paddedLength(length: number, isLast: boolean): number {
  return isLast ? Math.max(1, Math.ceil(length / PADDING_STEP)) * PADDING_STEP : length;
}

function filledUp(plain: Bytes): Bytes {
  const filled = new Uint8Array(paddedLength(plain.length, true));
  filled.set(plain);
  return filled;
}

async function importKey(rawKey: Bytes, usage: 'encrypt' | 'decrypt'): Promise<CryptoKey> {
  if (rawKey.length !== FILE_KEY_BYTES) throw new RangeError(`a file's key has ${FILE_KEY_BYTES} bytes`);
  return await crypto.subtle.importKey('raw', rawKey, 'AES-GCM', false, [usage]);
}

/** Seven zero bytes, the chunk's number in four, and one that is 1 in the last chunk. */
function gcm(index: number, isLast: boolean) {
  const iv = new Uint8Array(NONCE_BYTES);
  const view = new DataView(iv.buffer);
  view.setUint32(7, index);
  view.setUint8(11, isLast ? 1 : 0);
  return { name: 'AES-GCM', iv };
}
