/** Everything that the doctor is alerted to, the most serious first. */
const ALERTS = [
  'tampered',
  'shut',
  'many-codes',
  'chat',
  'more-time',
  'room-full',
  'not-restricted',
  'choice-kept',
  'time-kept',
] as const;
export type AlertKind = (typeof ALERTS)[number];

/** The alerts of an open room, of which the page shows one. */
export class Alerts {
  readonly #raised = new Set<AlertKind>();

  get mostSerious(): AlertKind | null {
    return ALERTS.find((kind) => this.#raised.has(kind)) ?? null;
  }

  raise(kind: AlertKind): void {
    this.#raised.add(kind);
  }

  /** The cause is gone. Gives whether it was raised. */
  clear(kind: AlertKind): boolean {
    return this.#raised.delete(kind);
  }
}
