import { type Bytes, concat, copyOf } from '../bytes.ts';

/** Sealed messages come in steps of this many bytes, so that their length says little about the note. */
const PADDING_STEP = 1024;

const LENGTH_BYTES = 4;

/** Length prefix (4 bytes, big-endian), the content, zeros up to the next multiple of 1 KiB. */
export function pad(content: Bytes): Bytes {
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, content.length);
  const filled = LENGTH_BYTES + content.length;
  return concat(length, content, new Uint8Array(Math.ceil(filled / PADDING_STEP) * PADDING_STEP - filled));
}

/** The content of a padded message. Throws RangeError when it was not made by `pad`. */
export function unpad(padded: Bytes): Bytes {
  if (padded.length < PADDING_STEP || padded.length % PADDING_STEP !== 0) throw new RangeError('not padded');
  const length = new DataView(padded.buffer, padded.byteOffset).getUint32(0);
  const end = LENGTH_BYTES + length;
  if (end > padded.length || padded.length - end >= PADDING_STEP) throw new RangeError('wrong length in padding');
  if (padded.subarray(end).some((byte) => byte !== 0)) throw new RangeError('padding is not zero');
  return copyOf(padded.subarray(LENGTH_BYTES, end));
}
