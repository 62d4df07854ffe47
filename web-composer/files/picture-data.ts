/**
 * Takes out of a photo what is not the picture: where and when it was made, with which camera, by whom, and a small picture of how it was
 * before it was cut. How it is turned stays, and its colours.
 */
import { type Bytes, concat } from '../../src/protocol/bytes.ts';

/** The content cannot be what it says. */
export class DamagedPicture extends Error {
  override readonly name = 'DamagedPicture';
}

/** Throws DamagedPicture. Pictures of other kinds carry nothing of that, and come back as they are. */
export function withoutCameraData(kind: string, content: Bytes): Bytes {
  switch (kind) {
    case 'jpeg':
      return cleanJpeg(content);
    case 'png':
      return cleanPng(content);
    case 'webp':
      return cleanWebp(content);
    default:
      return content;
  }
}

const SOI = 0xd8;
const EOI = 0xd9;
const SOS = 0xda;
const APP0 = 0xe0;
const APP1 = 0xe1;
const APP2 = 0xe2;
const APP14 = 0xee;
const APP15 = 0xef;
const COMMENT = 0xfe;
const ORIENTATION = 0x0112;

/** JPEG (ITU T.81, annex B): segments that decide how the picture looks stay, and so does its orientation (Exif 2.32). */
function cleanJpeg(content: Bytes): Bytes {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  if (content[1] !== SOI) throw new DamagedPicture('no JPEG');
  const kept: Uint8Array[] = [];
  let orientation = 1;
  for (let at = 2; ; ) {
    const { marker, from } = nextMarker(content, at);
    if (marker === EOI) {
      kept.push(content.subarray(from, from + 2));
      break;
    }
    const end = endOfSegment(view, from);
    const segment = content.subarray(from, end);
    if (marker === APP1 && orientation === 1) orientation = orientationOf(segment);
    if (isKept(marker, segment)) kept.push(segment);
    at = end;
    if (marker !== SOS) continue;
    at = endOfScan(content, end);
    kept.push(content.subarray(end, at));
  }
  return concat(content.subarray(0, 2), ...(orientation === 1 ? [] : [orientationSegment(orientation)]), ...kept);
}

function endOfSegment(view: DataView, from: number): number {
  const end = from + 4 > view.byteLength ? Number.POSITIVE_INFINITY : from + 2 + view.getUint16(from + 2);
  if (end > view.byteLength) throw new DamagedPicture('it ends too early');
  return end;
}

function nextMarker(content: Uint8Array, at: number): { marker: number; from: number } {
  if (content[at] !== 0xff) throw new DamagedPicture('no marker where one should be');
  let from = at;
  // Any number of fill bytes may come before a marker.
  while (content[from + 1] === 0xff) from += 1;
  const marker = content[from + 1];
  if (marker === undefined) throw new DamagedPicture('it ends too early');
  return { marker, from };
}

/** Where the compressed data ends: at a marker that is neither a stuffed byte nor a restart. */
function endOfScan(content: Uint8Array, from: number): number {
  for (let at = content.indexOf(0xff, from); at !== -1; at = content.indexOf(0xff, at + 1)) {
    const next = content[at + 1] ?? 0;
    if (next !== 0 && next !== 0xff && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  throw new DamagedPicture('it ends too early');
}

function isKept(marker: number, segment: Uint8Array): boolean {
  if (marker === APP0 || marker === APP14) return true;
  // Of APP2 the colour profile alone; other programs put further pictures there.
  if (marker === APP2) return latin(segment, 4, 15) === 'ICC_PROFILE';
  return !(marker >= APP0 && marker <= APP15) && marker !== COMMENT;
}

/** The orientation in an Exif segment, 1 to 8; 1 when it says none. */
function orientationOf(segment: Uint8Array): number {
  if (latin(segment, 4, 8) !== 'Exif') return 1;
  const tiff = segment.subarray(10);
  const view = new DataView(tiff.buffer, tiff.byteOffset, tiff.length);
  try {
    const little = view.getUint16(0) === 0x4949;
    const directory = view.getUint32(4, little);
    for (let entry = 0; entry < view.getUint16(directory, little); entry++) {
      const at = directory + 2 + entry * 12;
      if (view.getUint16(at, little) !== ORIENTATION) continue;
      const value = view.getUint16(at + 8, little);
      return value >= 1 && value <= 8 ? value : 1;
    }
  } catch {
    // A directory that points out of its segment says nothing.
  }
  return 1;
}

/** An Exif segment that says how the picture is turned, and nothing else. */
function orientationSegment(orientation: number): Bytes {
  const head = [0xff, APP1, 0x00, 0x22, 0x45, 0x78, 0x69, 0x66, 0x00, 0x00];
  const tiff = [0x4d, 0x4d, 0x00, 0x2a, 0x00, 0x00, 0x00, 0x08];
  const entry = [0x01, 0x12, 0x00, 0x03, 0x00, 0x00, 0x00, 0x01, 0x00, orientation, 0x00, 0x00];
  return Uint8Array.from([...head, ...tiff, 0x00, 0x01, ...entry, 0x00, 0x00, 0x00, 0x00]);
}

/** Chunks of a PNG (ISO 15948) that decide how it looks, animation among them. */
const PNG_KEPT = new Set(
  'IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP sBIT sRGB cICP mDCV cLLI bKGD hIST pHYs sPLT acTL fcTL fdAT'.split(' '),
);
const PNG_SIGNATURE_BYTES = 8;

function cleanPng(content: Bytes): Bytes {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const kept = [content.subarray(0, PNG_SIGNATURE_BYTES)];
  for (let at = PNG_SIGNATURE_BYTES; ; ) {
    if (at + 12 > content.length) throw new DamagedPicture('it ends too early');
    const end = at + 12 + view.getUint32(at);
    if (end > content.length) throw new DamagedPicture('it ends too early');
    const type = latin(content, at + 4, at + 8);
    if (PNG_KEPT.has(type)) kept.push(content.subarray(at, end));
    if (type === 'IEND') return concat(...kept);
    at = end;
  }
}

const WEBP_DROPPED = ['EXIF', 'XMP '];
/** The bits of VP8X that say that the two are there. */
const WEBP_FLAGS = 0x08 | 0x04;

function cleanWebp(content: Bytes): Bytes {
  const view = new DataView(content.buffer, content.byteOffset, content.length);
  const riffEnd = Math.min(content.length, 8 + view.getUint32(4, true));
  const kept: Uint8Array[] = [];
  for (let at = 12; at + 8 <= riffEnd; ) {
    const bytes = view.getUint32(at + 4, true);
    const end = at + 8 + bytes + (bytes % 2);
    if (at + 8 + bytes > content.length) throw new DamagedPicture('it ends too early');
    const type = latin(content, at, at + 4);
    if (!WEBP_DROPPED.includes(type)) {
      const chunk = content.slice(at, Math.min(end, content.length));
      if (type === 'VP8X') chunk[8] = (chunk[8] ?? 0) & ~WEBP_FLAGS;
      kept.push(chunk);
    }
    at = end;
  }
  const all = concat(content.subarray(0, 12), ...kept);
  new DataView(all.buffer).setUint32(4, all.length - 8, true);
  return all;
}

function latin(content: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...content.subarray(from, to));
}
