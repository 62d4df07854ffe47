import * as z from 'zod/mini';
import { ADMISSIONS, LIMITS } from './constants.ts';

/** What only the composer and one reader can read, of what goes over the signalling. */

const base64url = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,128}$/));
const count = z.int().check(z.minimum(0));

/**
 * The content of a reader's knock, its first sealed message. `readmissionToken` (on the wire a proof of it) lets a reader
 * in again that was admitted before its connection broke. `admission` is what the server told the reader's page, so that
 * a server that lies about it is found out. `first` names the first knock of the same page, with a proof that it is its own.
 */
export const helloSchema = z.strictObject({
  language: z.string().check(z.maxLength(35)),
  admission: z.exactOptional(z.enum(ADMISSIONS)),
  readmissionToken: z.exactOptional(base64url),
  first: z.exactOptional(z.strictObject({ commit: base64url, enc: base64url, proof: base64url })),
});
export type Hello = Omit<z.infer<typeof helloSchema>, 'first'>;

/** A PIN: digits only, as typed or read out. */
export const pinSchema = z
  .string()
  .check(z.regex(new RegExp(`^[0-9]{${LIMITS.pinDigitsMin},${LIMITS.pinDigitsMax}}$`)));

/** A position in the note that a reader can point at: a line of the text, or a medicine, both counted from 0. */
export const placeSchema = z.strictObject({ part: z.enum(['text', 'medicines']), index: count });
export type Place = z.infer<typeof placeSchema>;

/** Composer to reader, over the signalling. */
export const toReaderSchema = z.discriminatedUnion('kind', [
  /** Reveals `nD`, so that both sides can show the short code. */
  z.strictObject({ kind: z.literal('reveal'), nD: base64url }),
  /** The PIN is not right; this many tries are left for everybody together. */
  z.strictObject({ kind: z.literal('wrong-pin'), triesLeft: count }),
  /** Answers the ping of this number: the note is still open. `rev` is the last version that was sent, 0 for none. */
  z.strictObject({ kind: z.literal('pong'), number: count, rev: count }),
  /** What came from the reader was altered on the way; this reader is turned away. */
  z.strictObject({ kind: z.literal('tampered') }),
]);
export type ToReader = z.infer<typeof toReaderSchema>;

/** Reader to composer, over the signalling: its PIN, and afterwards what became of the note on its screen. */
export const toComposerSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('pin'), pin: pinSchema }),
  /** Asks whether the note is still open; the reader's page shows it only while somebody answers. */
  z.strictObject({ kind: z.literal('ping'), number: count }),
  /** What came from the composer was altered on the way; the reader's page shows nothing of it and leaves. */
  z.strictObject({ kind: z.literal('tampered') }),
  /** Revision `rev` is on the screen, which also acknowledges its transfer. */
  z.strictObject({ kind: z.literal('shown'), rev: count }),
  /** Whether the page can be seen: its tab is in front and its device awake. */
  z.strictObject({ kind: z.literal('screen'), visible: z.boolean() }),
  z.strictObject({ kind: z.literal('end-reached'), rev: count }),
  z.strictObject({ kind: z.literal('understood'), rev: count }),
  /** "I don't understand this", at a position of revision `rev`; `on` is false when the reader takes it back. */
  z.strictObject({ kind: z.literal('point'), rev: count, place: placeSchema, on: z.boolean() }),
]);
export type ToComposer = z.infer<typeof toComposerSchema>;
