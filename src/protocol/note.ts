import * as z from 'zod/mini';

/** What a doctor writes and a patient reads: text, and a list of medicines where there is one. */

/** Times of the day that a medicine is taken at, in their order. */
export const DAY_TIMES = ['morning', 'noon', 'evening', 'night'] as const;
export type DayTime = (typeof DAY_TIMES)[number];

/** Longest list, and longest field in characters. */
export const MEDICINES_MAX = 300;
export const FIELD_MAX = 500;

/** Stands in a plan where something is taken, but neither the plan nor the dose says how much. */
export const AMOUNT_UNSAID = '•';

const field = z.string().check(z.maxLength(FIELD_MAX));

/** One medicine as the doctor wrote it. An empty field says nothing. */
export const medicineSchema = z.strictObject({
  name: field,
  /** Such as `400 mg`. */
  strength: field,
  /** What is taken at a time when the plan does not say how much, such as `1 tablet`. */
  dose: field,
  /** How much at each time of the day, such as `1`, `½` or `10 drops`; empty at the times when none is taken. */
  plan: z.strictObject({ morning: field, noon: field, evening: field, night: field }),
  /** When else, in the doctor's words: `every 8 hours`, `when it hurts`. */
  when: field,
  /** How long, such as `7 days`. */
  duration: field,
  remarks: field,
});
export type Medicine = z.infer<typeof medicineSchema>;

export const medicinesSchema = z.array(medicineSchema).check(z.maxLength(MEDICINES_MAX));

/** Whether the other side would read this list: it refuses a note with a longer one, or with a longer field. */
export function fitsIntoNote(medicines: readonly Medicine[]): boolean {
  return medicinesSchema.safeParse(medicines).success;
}

/** Whether the text is shown as it is, or with light Markdown: headings, lists and bold. */
export const TEXT_FORMATS = ['plain', 'markdown'] as const;
export type TextFormat = (typeof TEXT_FORMATS)[number];

export interface Note {
  text: string;
  format: TextFormat;
  medicines: readonly Medicine[];
}
