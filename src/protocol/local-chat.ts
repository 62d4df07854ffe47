import * as z from 'zod/mini';

/** The local chat's own messages: what its page posts to `/local/command`, and what comes back. */

/** Body of the page's POST: what the doctor typed. */
export interface LocalCommand {
  text: string;
}

const count = z.int().check(z.minimum(0));

/** A live room in the doctor's list; `id` is what `/glir revoke` takes. */
const listedRoom = z.object({
  id: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,22}$/)),
  state: z.enum(['draft', 'open', 'interrupted']),
  readers: count,
  leftSeconds: count,
});
export type ListedRoom = z.infer<typeof listedRoom>;

const answer = z.discriminatedUnion('kind', [
  /** `url` is the compose link; `ticketUntil` is in milliseconds since the Unix epoch. */
  z.object({
    kind: z.literal('compose'),
    url: z.string().check(z.regex(/^https?:\/\//)),
    expirySeconds: count,
    ticketUntil: count,
  }),
  z.object({ kind: z.literal('list'), rooms: z.array(listedRoom) }),
  z.object({ kind: z.literal('revoked'), count }),
  z.object({ kind: z.literal('not-found') }),
  z.object({ kind: z.literal('help') }),
  z.object({ kind: z.literal('do-not-type') }),
  /** `next` is a whole sentence on what to do. */
  z.object({ kind: z.literal('error'), next: z.string() }),
]);
export type ChatAnswer = z.infer<typeof answer>;

export const localAnswerSchema = z.object({ messages: z.array(answer) });
export type LocalAnswer = z.infer<typeof localAnswerSchema>;
