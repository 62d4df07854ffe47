import { z } from 'zod';

/** Whether people connect by WebRTC, or talk to the server only, with a reader in each room or without. */
export type Kind = 'reading' | 'talking' | 'writing';

const places = z.array(z.int());

/** What a bench has its people do; `ports` are the places of the nodes that they come to in turn. */
export const orderSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('open'), count: z.int(), atOnce: z.int(), ports: places }),
  /** The oldest rooms, one after the other. */
  z.object({ do: z.literal('revoke'), count: z.int() }),
  /** Rooms are opened and revoked at once. */
  z.object({ do: z.literal('churn'), seconds: z.number(), atOnce: z.int(), ports: places }),
]);
export type Order = z.infer<typeof orderSchema>;

export const answerSchema = z.object({
  /** How long each one took that went well, in milliseconds. */
  times: z.array(z.number()),
  /** What went wrong, the first few. */
  failures: z.array(z.string()),
  failed: z.int(),
  /** Share of the time in which the process had something to do. */
  busy: z.number(),
  cpuMs: z.number(),
});
export type Answer = z.infer<typeof answerSchema>;
