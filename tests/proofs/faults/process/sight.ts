import { type Outcome, within } from '../fault.ts';
import type { PatientSeat } from '../stage.ts';

/** How long whoever looks waits before it says "never". */
const PATIENCE_MS = 20_000;
/** What the pages promise for an end: wiped within a second. */
export const WIPED_MS = 1_000;
/** What they promise for the return of a worker or a server. */
export const BACK_MS = 5_000;
/** The server's grace for a lost composer, and the time until the patient's page gives up by itself. */
const GRACE_MS = 30_000;
export const FORGOTTEN_MS = GRACE_MS + 10_000;

/** A length of time as the table says it; `null` is "never". */
export function said(ms: number | null): string {
  if (ms === null) return 'never';
  return ms < 995 ? `after ${Math.round(ms)} ms` : `after ${(ms / 1000).toFixed(1)} s`;
}

/**
 * Whether the note came back after `at`, the moment from which it could: `since` is when the trouble began. The note may
 * be hidden meanwhile, and may as well stay on the screen where nothing of the trouble reached the patient's page.
 */
export async function back({ watch }: PatientSeat, since: number, at: number): Promise<Outcome> {
  const hidden = await watch.vanishes(since, PATIENCE_MS / 4);
  const shown = await watch.appears(hidden ?? since, PATIENCE_MS);
  const took = shown === null ? null : Math.max(0, shown - at);
  const left = hidden === null ? null : hidden - since;
  return { seen: `hidden ${said(left)}, back ${said(took)}`, recoveredMs: took, ok: within(BACK_MS, took) };
}

/** Whether nothing of the note was in the page any more `limitMs` after `at`, and nothing came back until now. */
export async function gone(
  { watch, patient }: PatientSeat,
  at: number,
  limitMs = WIPED_MS,
  heading = 'This note is gone',
): Promise<Outcome> {
  const left = await watch.vanishes(at, limitMs + PATIENCE_MS);
  const told = await patient.page
    .getByRole('heading', { name: heading })
    .waitFor({ timeout: FORGOTTEN_MS + PATIENCE_MS })
    .then(
      () => true,
      () => false,
    );
  const again = left !== null && (await watch.shownSince(left + 1));
  const took = left === null ? null : left - at;
  const words = told ? `and the page says "${heading}"` : `but the page does not say "${heading}"`;
  return {
    seen: `off the screen ${said(took)}${again ? ', AND ON IT AGAIN LATER' : ''}, ${words}`,
    recoveredMs: null,
    ok: within(limitMs, took) && told && !again,
  };
}

/** Both have to be right; the first one's time counts where both have one. */
export function both(first: Outcome, second: Outcome): Outcome {
  return {
    seen: `${first.seen}; ${second.seen}`,
    recoveredMs: first.recoveredMs ?? second.recoveredMs,
    ok: first.ok && second.ok,
  };
}

/** One more thing that has to be so, in words. */
export function also(outcome: Outcome, seen: string, ok: boolean): Outcome {
  return both(outcome, { seen, recoveredMs: null, ok });
}
