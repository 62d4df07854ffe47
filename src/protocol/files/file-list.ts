import * as z from 'zod/mini';
import { type Bytes, copyOf, fromUtf8, utf8 } from '../bytes.ts';

/** The files of a note, as the composer seals them for each reader, over the note's own stream. */

/** Files of one note at a time. */
export const FILES_COUNT_MAX = 50;

/** Longest name, in characters. */
export const FILE_NAME_MAX = 120;

/** Bytes of a file that may be the largest at any server. */
const FILE_BYTES_MAX = 2_000 * 1024 * 1024;

/** What a file is, found from its content; what is none of the others can only be saved. */
const FILE_KINDS = ['jpeg', 'png', 'gif', 'webp', 'pdf', 'text', 'other'] as const;
export type FileKind = (typeof FILE_KINDS)[number];

const key = z.string().check(z.regex(/^[A-Za-z0-9_-]{22}$/));

const offeredFileSchema = z.strictObject({
  /** Counts up in the life of a room; no number is used for two files. */
  id: z.int().check(z.minimum(1), z.maximum(0xff_ff_ff_ff)),
  name: z.string().check(z.minLength(1), z.maxLength(FILE_NAME_MAX)),
  kind: z.enum(FILE_KINDS),
  bytes: z.int().check(z.minimum(0), z.maximum(FILE_BYTES_MAX)),
  /** The content key, 16 bytes in base64url. */
  key,
  /** `fileHash` of the content, 32 bytes in base64url. */
  hash: z.string().check(z.regex(/^[A-Za-z0-9_-]{43}$/)),
  /** Whether the doctor allows the reader to save it. It hinders; it cannot prevent. */
  save: z.boolean(),
});
/** One file as a reader hears of it. */
export type OfferedFile = z.infer<typeof offeredFileSchema>;

const fileListSchema = z.strictObject({
  /** The key for what the reader says over the files' own channel, 16 random bytes in base64url; one for each handshake. */
  replyKey: key,
  /** All files there are from now on: what is not in it was withdrawn. */
  files: z.array(offeredFileSchema).check(z.maxLength(FILES_COUNT_MAX)),
});
type FileList = z.infer<typeof fileListSchema>;

export function encodeFileList(list: FileList): Bytes {
  return utf8(JSON.stringify(list));
}

/** Throws when it is none, or names a file twice. */
export function decodeFileList(bytes: Bytes): FileList {
  const list = fileListSchema.parse(JSON.parse(fromUtf8(copyOf(bytes))));
  if (new Set(list.files.map(({ id }) => id)).size < list.files.length) throw new RangeError('a file is named twice');
  return list;
}
