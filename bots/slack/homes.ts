import type { Logger } from 'pino';
import type { Clock, Timer } from '../../src/clock.ts';
import type { DoctorId } from '../../src/store/store.ts';
import { faultOf } from './sdk-log.ts';

/** How long after a doctor looked at the Home tab it is kept up to date; looking at it again brings it up to date anyway. */
const WATCHED_MS = 60 * 60 * 1000;
/** What changes within this time costs one call. */
const PACE_MS = 1_000;
/** Doctors whose Home tab is kept up to date at a time. */
const WATCHED_MAX = 5_000;

/** The Home tabs that doctors look at. */
export interface Homes {
  /** The doctor looks at it now. Never rejects. */
  opened(doctor: DoctorId): Promise<void>;
  /** Shows what is true now, to a doctor who looked at it lately. Never rejects. */
  publish(doctor: DoctorId): Promise<void>;
  /** Something about the doctor's notes changed: like `publish`, soon. */
  changed(doctor: DoctorId): void;
  /** Publishes no more. */
  close(): void;
}

/** @param publish shows a doctor's Home tab */
export function createHomes(publish: (doctor: DoctorId) => Promise<void>, clock: Clock, log: Logger): Homes {
  const watched = new Map<string, number>();
  const due = new Map<string, Timer>();
  const keyOf = ({ tenant, user }: DoctorId) => `${tenant} ${user}`;

  function isWatched(doctor: DoctorId): boolean {
    const at = watched.get(keyOf(doctor));
    return at !== undefined && clock.now() - at < WATCHED_MS;
  }

  async function show(doctor: DoctorId): Promise<void> {
    try {
      await publish(doctor);
    } catch (error) {
      log.warn({ event: 'slack-home-not-shown', ...faultOf(error) });
    }
  }

  return {
    async opened(doctor) {
      watched.delete(keyOf(doctor));
      watched.set(keyOf(doctor), clock.now());
      const [oldest] = watched.keys();
      if (watched.size > WATCHED_MAX && oldest !== undefined) watched.delete(oldest);
      await show(doctor);
    },
    async publish(doctor) {
      if (isWatched(doctor)) await show(doctor);
    },
    changed(doctor) {
      const key = keyOf(doctor);
      if (due.has(key) || !isWatched(doctor)) return;
      due.set(
        key,
        clock.after(PACE_MS, () => {
          due.delete(key);
          void show(doctor);
        }),
      );
    },
    close() {
      for (const timer of due.values()) timer.cancel();
      watched.clear();
    },
  };
}
