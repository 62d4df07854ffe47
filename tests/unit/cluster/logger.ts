import { pino } from 'pino';
import { z } from 'zod';

const lineSchema = z.looseObject({ event: z.string() });

/** A logger, and what it logged. */
export function logger() {
  const logged: z.infer<typeof lineSchema>[] = [];
  const log = pino({ base: null }, { write: (line) => logged.push(lineSchema.parse(JSON.parse(line))) });
  return { log, logged, events: () => logged.map(({ event }) => event) };
}
