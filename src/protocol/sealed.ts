import * as z from 'zod/mini';
import { type Bytes, concat, copyOf, fromUtf8, utf8 } from './bytes.ts';
import { END_REASONS, LIMITS } from './terms.ts';

/** What only the composer and one reader can read: the contents of sealed messages. */

const base64url = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,128}$/));

/**
 * The reader's first sealed message. `pass` is the proof of a pass: it lets a reader in
 * again that was admitted before its connection broke.
 */
export const helloSchema = z.strictObject({
  language: z.string().check(z.maxLength(35)),
  pass: z.exactOptional(base64url),
});
export type Hello = z.infer<typeof helloSchema>;

/** Composer to reader, over the signalling: reveals `nD`, so that both sides can show the short code. */
export const toReaderSchema = z.strictObject({ kind: z.literal('reveal'), nD: base64url });
export type ToReader = z.infer<typeof toReaderSchema>;

/** Reader to composer, over the signalling: revision `rev` is on the screen, which also acknowledges its transfer. */
export const toComposerSchema = z.strictObject({ kind: z.literal('shown'), rev: z.number() });

const noteHeaderSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('note'),
    rev: z.number(),
    nD: base64url,
    pass: base64url,
    /** Milliseconds that the note may still be shown: the composer's word, which no server can stretch. */
    leftMs: z.number().check(z.minimum(0), z.maximum(LIMITS.expiryMaxSeconds * 1000)),
  }),
  z.strictObject({ kind: z.literal('wipe'), reason: z.enum(END_REASONS) }),
]);
/** What travels over the SFU: the note itself with its revision, or the order to wipe it. */
export type NoteMessage = z.infer<typeof noteHeaderSchema> & { text: string };

const HEADER_LENGTH_BYTES = 2;

/** Header length (2 bytes), header as JSON, then the note as it is in UTF-8. */
export function encodeNoteMessage({ text, ...header }: NoteMessage): Bytes {
  const json = utf8(JSON.stringify(header));
  return concat(Uint8Array.of(json.length >> 8, json.length & 0xff), json, utf8(text));
}

/** Throws when the bytes are not a note message or the note is larger than 64 KiB. */
export function decodeNoteMessage(bytes: Bytes): NoteMessage {
  const headerEnd = HEADER_LENGTH_BYTES + new DataView(bytes.buffer, bytes.byteOffset).getUint16(0);
  const header = noteHeaderSchema.parse(JSON.parse(fromUtf8(copyOf(bytes.subarray(HEADER_LENGTH_BYTES, headerEnd)))));
  const body = bytes.subarray(headerEnd);
  if (body.length > LIMITS.noteBytes) throw new RangeError('the note is larger than 64 KiB');
  return { ...header, text: fromUtf8(body) };
}
