/** A note that is not shared yet, on its way from one window to another of the same browser. */
import * as z from 'zod/mini';
import { policySchema } from '../../src/protocol/messages.ts';
import { medicinesSchema, type Note, TEXT_FORMATS } from '../../src/protocol/note.ts';
import type { NoteFiles } from '../files/note-files.ts';
import type { NoteModel } from './note-model.ts';
import type { ComposerState } from './state.ts';

/** What lets a page into its room: a ticket, or the owner token of a draft begun in another window. */
export type Entry = { ticket: string } | { ownerToken: string };

export const draftSchema = z.strictObject({
  entry: z.union([z.strictObject({ ticket: z.string() }), z.strictObject({ ownerToken: z.string() })]),
  policy: policySchema,
  pin: z.string(),
  options: z.strictObject({ format: z.enum(TEXT_FORMATS), copy: z.boolean(), print: z.boolean() }),
  text: z.string(),
  medicines: z.readonly(medicinesSchema),
  /** As they would be sent: without what was taken out of photos. */
  files: z.readonly(z.array(z.strictObject({ name: z.string(), content: z.instanceof(Uint8Array<ArrayBuffer>) }))),
});
export type Draft = z.infer<typeof draftSchema>;

export function createDraft(
  entry: Entry,
  { policy, pin }: Pick<ComposerState & { name: 'writing' }, 'policy' | 'pin'>,
  { note: { text, medicines }, options }: Pick<NoteModel, 'note' | 'options'>,
  { contents: files }: Pick<NoteFiles, 'contents'>,
): Draft {
  return { entry, policy, pin, options, text, medicines, files };
}

export type NoteContent = Pick<Note, 'text' | 'medicines'>;
