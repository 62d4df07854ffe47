/** Which request or socket a line of the log belongs to. */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from './clock.ts';
import { randomBytes, toBase64Url } from './protocol/bytes.ts';

const ID_BYTES = 9;

/** `request`: of an HTTP request or a chat's delivery; `socket`: of a page's signalling socket. */
type LogFields = Readonly<Partial<Record<'request' | 'socket', string>>>;

const context = new AsyncLocalStorage<LogFields>();

/** A random id for what begins now, of 12 characters. */
export function newLogId(): string {
  return toBase64Url(randomBytes(ID_BYTES));
}

/** Every line that `run` writes, and what it causes later, has these fields. */
export function withLogFields<Result>(fields: LogFields, run: () => Result): Result {
  return context.run(fields, run);
}

/** The fields for a line that is written now, as pino's `mixin` wants them. */
export function logFields(): LogFields {
  return context.getStore() ?? {};
}

/** What a timer does is caused by time, and not by whoever happened to set it. */
export function withoutLogFields(clock: Clock): Clock {
  return { ...clock, after: (ms, run) => clock.after(ms, () => context.run({}, run)) };
}
