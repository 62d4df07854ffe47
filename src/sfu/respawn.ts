/** A worker that lived so long was all right when it started. */
const SETTLED_MS = 10_000;
const FIRST_WAIT_MS = 250;
/** Short enough that rooms are back within five seconds of whatever was in the way. */
const LONGEST_WAIT_MS = 4_000;

/** How long to wait before a worker is started again. */
export interface Respawn {
  /** A worker was started; milliseconds of the clock's uptime, as below. */
  started(now: number): void;
  /** It died, or did not start: milliseconds to wait before the next one. */
  failed(now: number): number;
}

/**
 * None after a worker that lived a while; after one that did not, or did not start, twice as long each time. Otherwise a
 * worker that cannot run would keep the machine busy with starting it.
 */
export function createRespawn(): Respawn {
  let startedAt: number | null = null;
  let failures = 0;
  return {
    started(now) {
      startedAt = now;
    },
    failed(now) {
      if (startedAt !== null && now - startedAt >= SETTLED_MS) failures = 0;
      startedAt = null;
      failures += 1;
      return failures === 1 ? 0 : Math.min(FIRST_WAIT_MS * 2 ** (failures - 2), LONGEST_WAIT_MS);
    },
  };
}
