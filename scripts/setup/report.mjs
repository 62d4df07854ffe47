import { performance } from 'node:perf_hooks';

const QUIET_INTERVAL_MS = 30_000;
const ANNOUNCE_AFTER_MS = 2_000;

/**
 * Says what the setup does, one line a step, on the given stream. On a terminal, progress overwrites
 * itself; elsewhere (a log file, CI) a line of progress appears every 30 seconds at most.
 * @typedef {ReturnType<typeof makeReport>} Report
 * @param {NodeJS.WriteStream} out
 */
export function makeReport(out) {
  let progressShown = false;
  let lastProgressAt = performance.now();

  function clearProgress() {
    if (progressShown) out.write('\r\x1b[K');
    progressShown = false;
  }

  /** @param {string} text */
  function line(text) {
    clearProgress();
    out.write(`setup: ${text}\n`);
    lastProgressAt = performance.now();
  }

  /** @param {string} text */
  function progress(text) {
    if (out.isTTY) {
      out.write(`\r\x1b[Ksetup: ${text}`);
      progressShown = true;
    } else if (performance.now() - lastProgressAt >= QUIET_INTERVAL_MS) {
      line(text);
    }
  }

  /**
   * Does a piece of work and says how long it took. What takes longer than a moment is announced as well.
   * @template T
   * @param {string} doing for example `installing dependencies`
   * @param {() => Promise<T>} work
   * @returns {Promise<T>}
   */
  async function timed(doing, work) {
    const startedAt = performance.now();
    if (out.isTTY) progress(`${doing} ...`);
    const announcement = out.isTTY ? undefined : setTimeout(() => line(`${doing} ...`), ANNOUNCE_AFTER_MS);
    try {
      const result = await work();
      line(`${doing}: done in ${duration(performance.now() - startedAt)}`);
      return result;
    } finally {
      clearTimeout(announcement);
    }
  }

  return { line, progress, timed, clearProgress };
}

/**
 * @param {number} ms
 * @returns {string} for example `0.4 s`, `12 s`, `3 min 35 s`
 */
export function duration(ms) {
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
