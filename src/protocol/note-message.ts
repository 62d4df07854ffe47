import * as z from 'zod/mini';
import { type Bytes, concat, copyOf, fromUtf8, utf8 } from './bytes.ts';
import { END_REASONS, LIMITS } from './constants.ts';
import { type Medicine, medicinesSchema, type Note, TEXT_FORMATS } from './note.ts';

/** What travels over the SFU, from the composer to one reader. */

const base64url = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,128}$/));
const milliseconds = z.number().check(z.minimum(0), z.maximum(LIMITS.expiryMaxSeconds * 1000));

/** Longest name that is sent, in characters. */
export const NAME_MAX = 200;

const noteHeader = z.strictObject({
  kind: z.literal('note'),
  /** Grows with every sending of the note. */
  rev: z.int().check(z.minimum(1)),
  nD: base64url,
  /** The readmission token, which lets this reader in again after a broken connection. */
  token: base64url,
  /** Milliseconds that the note may still be shown: the composer's word, which no server can stretch. */
  leftMs: milliseconds,
  /** The doctor is changing the note at this moment: what stands there may be half of a word or of a number. */
  editing: z.boolean(),
  /** Whether the doctor allows the reader to copy and to print. It hinders; it cannot prevent. */
  copy: z.boolean(),
  print: z.boolean(),
  /** The doctor's name as the doctor's page knows it, null when the doctor keeps it private. */
  who: z.exactOptional(z.nullable(z.string().check(z.maxLength(NAME_MAX)))),
  format: z.enum(TEXT_FORMATS),
  /** Bytes of the text when medicines follow it. */
  textBytes: z.exactOptional(z.int().check(z.minimum(0), z.maximum(LIMITS.noteBytes))),
});
export const headerSchema = z.discriminatedUnion('kind', [
  noteHeader,
  /** The doctor gives the note more time. */
  z.strictObject({ kind: z.literal('time'), addedMs: milliseconds }),
  z.strictObject({ kind: z.literal('wipe'), reason: z.enum(END_REASONS) }),
  /** The files that there are, as `src/protocol/files` writes them; what follows the header is read by whoever needs it. */
  z.strictObject({ kind: z.literal('files') }),
]);
type Header = z.infer<typeof headerSchema>;
type NoteHeader = z.infer<typeof noteHeader>;

/** A note with what the doctor says about it. */
export type SentNote = Omit<NoteHeader, 'textBytes' | 'format'> & { note: Note };
/** The list of files, see `src/protocol/files/file-list.ts`. */
export interface FilesMessage {
  kind: 'files';
  list: Bytes;
}
export type NoteMessage = SentNote | FilesMessage | Exclude<Header, NoteHeader | { kind: 'files' }>;

const HEADER_LENGTH_BYTES = 2;

/** Header length (2 bytes), header as JSON, the text as it is in UTF-8, and the medicines as JSON if there are any. */
export function encodeNoteMessage(message: NoteMessage): Bytes {
  if (message.kind === 'files') return framed({ kind: 'files' }, message.list);
  if (message.kind !== 'note') return framed(message);
  const { note, ...rest } = message;
  const text = utf8(note.text);
  const header = { ...rest, format: note.format };
  if (note.medicines.length === 0) return framed(header, text);
  return framed({ ...header, textBytes: text.length }, text, medicinesBytes(note.medicines));
}

/** Throws when the bytes are not a note message or the note is larger than 64 KiB. */
export function decodeNoteMessage(bytes: Bytes): NoteMessage {
  const headerEnd = HEADER_LENGTH_BYTES + new DataView(bytes.buffer, bytes.byteOffset).getUint16(0);
  const header = headerSchema.parse(JSON.parse(fromUtf8(copyOf(bytes.subarray(HEADER_LENGTH_BYTES, headerEnd)))));
  const body = bytes.subarray(headerEnd);
  if (header.kind === 'files') return { kind: 'files', list: copyOf(body) };
  if (header.kind !== 'note') return header;
  if (body.length > LIMITS.noteBytes) throw new RangeError('the note is larger than 64 KiB');
  const { format, textBytes = body.length, ...rest } = header;
  if (textBytes > body.length) throw new RangeError('the text is longer than its message');
  const list = fromUtf8(copyOf(body.subarray(textBytes)));
  const medicines = list === '' ? [] : medicinesSchema.parse(JSON.parse(list));
  return { ...rest, note: { text: fromUtf8(copyOf(body.subarray(0, textBytes))), format, medicines } };
}

/** Bytes that a note takes of the 64 KiB. */
export function noteBytes({ text, medicines }: Pick<Note, 'text' | 'medicines'>): number {
  return utf8(text).length + medicinesBytes(medicines).length;
}

function medicinesBytes(medicines: readonly Medicine[]): Bytes {
  return utf8(medicines.length === 0 ? '' : JSON.stringify(medicines));
}

function framed(header: Header, ...body: Bytes[]): Bytes {
  const json = utf8(JSON.stringify(header));
  return concat(Uint8Array.of(json.length >> 8, json.length & 0xff), json, ...body);
}
