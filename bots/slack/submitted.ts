import { z } from 'zod';
import type { Choices } from '../commands/view.ts';

const submittedSchema = z.object({
  state: z.object({
    values: z.record(z.string(), z.record(z.string(), z.object({ selected_option: z.object({ value: z.string() }) }))),
  }),
});

/** What was chosen in a submitted modal; nothing when it is not one of ours. */
export function choicesIn(view: unknown): Choices {
  const submitted = submittedSchema.safeParse(view);
  if (!submitted.success) return {};
  const fields = Object.entries(submitted.data.state.values);
  return Object.fromEntries(
    fields.map(([id, actions]) => [id, Object.hasOwn(actions, id) ? (actions[id]?.selected_option.value ?? '') : '']),
  );
}
