/** A note as a file on the doctor's own disk, because GLIR stores none. */
import * as z from 'zod/mini';
import { LIMITS } from '../../src/protocol/constants.ts';
import { medicinesSchema, type Note, TEXT_FORMATS } from '../../src/protocol/note.ts';

/** Larger than any file that GLIR writes. */
export const TEMPLATE_BYTES_MAX = 2 * 1024 * 1024;
export const TEMPLATE_FILE = 'glir-note.json';

const templateSchema = z.object({
  glir: z.literal('template'),
  version: z.literal(1),
  text: z.string().check(z.maxLength(LIMITS.noteBytes)),
  format: z.enum(TEXT_FORMATS),
  medicines: medicinesSchema,
});

/** The file's content. It has the note and nothing else: no link, no PIN, no name but those in the text. */
export function writeTemplate({ text, format, medicines }: Note): string {
  return `${JSON.stringify({ glir: 'template', version: 1, text, format, medicines }, null, 2)}\n`;
}

/** The note in a file that `writeTemplate` made; null for any other text. */
export function readTemplate(file: string): Note | null {
  try {
    const template = templateSchema.safeParse(JSON.parse(file));
    if (!template.success) return null;
    const { text, format, medicines } = template.data;
    return { text, format, medicines };
  } catch {
    return null;
  }
}
