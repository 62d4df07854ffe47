import { inflateSync } from 'node:zlib';

/** A PNG as this repository writes it, read back by the standard's own layout: eight bits, RGBA, no filters. */
export function readPicture(file: Uint8Array) {
  const bytes = Buffer.from(file);
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    chunks.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length));
    at += length + 12;
  }
  const header = chunks.get('IHDR') ?? Buffer.alloc(13);
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const rows = inflateSync(chunks.get('IDAT') ?? Buffer.alloc(0));
  const pixels = Array.from({ length: width * height }, (_, pixel) => {
    const at = Math.floor(pixel / width) * (width * 4 + 1) + 1 + (pixel % width) * 4;
    return [...rows.subarray(at, at + 4)];
  });
  return {
    signature: bytes.toString('latin1', 0, 8),
    chunks: [...chunks.keys()],
    width,
    height,
    /** Bits a channel, colour type, compression, filter method, interlacing. */
    format: [...header.subarray(8)],
    /** Red, green, blue and alpha of each pixel, in rows from above. */
    pixels,
  };
}
