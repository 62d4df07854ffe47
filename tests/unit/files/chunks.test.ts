import { describe, expect, it } from 'vitest';
import { type Bytes, equalBytes, randomBytes } from '../../../src/protocol/bytes.ts';
import {
  CHUNK_BYTES,
  ChunkError,
  chunkCount,
  createChunkOpener,
  createChunkSealer,
  FileHash,
  fileHash,
} from '../../../src/protocol/files/chunks.ts';

const SIZES = [
  0,
  1,
  1023,
  1024,
  1025,
  CHUNK_BYTES - 1,
  CHUNK_BYTES,
  CHUNK_BYTES + 1,
  3 * CHUNK_BYTES,
  3 * CHUNK_BYTES + 7,
];

function contentOf(bytes: number): Bytes {
  return Uint8Array.from({ length: bytes }, (_, at) => (at * 31) % 251);
}

async function sealedFile(bytes: number) {
  const [key, content] = [randomBytes(16), contentOf(bytes)];
  const sealer = await createChunkSealer(key, content.slice());
  const sealed = await Promise.all(Array.from({ length: chunkCount(bytes) }, (_, index) => sealer.seal(index)));
  return { key, content, sealer, sealed, open: () => createChunkOpener(key, bytes) };
}

describe('a file in sealed chunks', () => {
  it.each(SIZES)('of %i bytes arrives to the byte, and its hash is that of the whole', async (bytes) => {
    const { content, sealed, open } = await sealedFile(bytes);
    const opener = await open();
    const hash = new FileHash();
    const parts: number[] = [];
    for (const chunk of sealed) {
      const part = await opener.open(chunk);
      await hash.add(part);
      parts.push(...part);
    }
    expect(opener.next).toBe(opener.count);
    expect(Uint8Array.from(parts)).toEqual(content);
    expect(equalBytes(await hash.digest(), await fileHash(content))).toBe(true);
    expect(equalBytes(await hash.digest(), await fileHash(contentOf(bytes + 1)))).toBe(false);
  });

  it('says of its length no more than its chunks, and of its last one in steps of 1 KiB', async () => {
    const [one, two] = [await sealedFile(CHUNK_BYTES + 3), await sealedFile(CHUNK_BYTES + 900)];
    expect(one.sealed.map(({ length }) => length)).toEqual(two.sealed.map(({ length }) => length));
  });

  it('that was cut is never taken for a whole one, whatever its reader is told of its length', async () => {
    const { key, sealed } = await sealedFile(3 * CHUNK_BYTES);
    // The list says two chunks: the second one was sealed as one that is followed by others.
    const opener = await createChunkOpener(key, 2 * CHUNK_BYTES);
    await opener.open(sealed[0] as Bytes);
    await expect(opener.open(sealed[1] as Bytes)).rejects.toThrow(ChunkError);
    expect(opener.next).toBeLessThan(opener.count);
  });

  it('with two chunks changed places, one repeated, one left out or one changed is found out, and goes on with the right one', async () => {
    const { sealed, open } = await sealedFile(4 * CHUNK_BYTES);
    const [first, second, third] = sealed as [Bytes, Bytes, Bytes];
    const opener = await open();
    await expect(opener.open(second)).rejects.toThrow(ChunkError);
    await opener.open(first);
    await expect(opener.open(first)).rejects.toThrow(ChunkError);
    await expect(opener.open(third)).rejects.toThrow(ChunkError);
    for (const at of [0, 1000, second.length - 1]) {
      const changed = second.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      await expect(opener.open(changed)).rejects.toThrow(ChunkError);
    }
    await opener.open(second);
    expect(opener.next).toBe(2);
  });

  it('takes no chunk of another file, and none after its last', async () => {
    const [one, other] = [await sealedFile(10), await sealedFile(10)];
    const opener = await one.open();
    await expect(opener.open(other.sealed[0] as Bytes)).rejects.toThrow(ChunkError);
    await opener.open(one.sealed[0] as Bytes);
    await expect(opener.open(one.sealed[0] as Bytes)).rejects.toThrow(ChunkError);
  });

  it('gives the same bytes for the same chunk, so that all readers get what was sealed once', async () => {
    const { sealer, sealed } = await sealedFile(2 * CHUNK_BYTES);
    expect(await sealer.seal(1)).toEqual(sealed[1]);
  });

  it('that was withdrawn is sealed no more: a nonce belongs to one content', async () => {
    const { sealer } = await sealedFile(100);
    sealer.wipe();
    await expect(sealer.seal(0)).rejects.toThrow(ChunkError);
  });
});
