import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const RENEW_MS = 2_000;
/** A lock that was not renewed for so long, in milliseconds, is nobody's any more. */
export const STALE_MS = 20_000;
const RETRY_MS = 300;

/** Locks this process holds, removed should it exit early. @type {Set<string>} */
const held = new Set();
process.on('exit', () => {
  for (const file of held) rmSync(file, { force: true });
});

/**
 * Does a piece of work that two setups must not do at the same time. The lock is a file that names its owner and whose
 * time the owner renews every 2 seconds; one that is 20 seconds old was left by a process that died.
 * The work itself still has to be atomic: a computer that slept may find its lock taken over.
 * @template T
 * @param {string} file the lock; its folder exists
 * @param {() => void} onWait called once when another setup holds it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(file, onWait, work) {
  const owner = randomUUID();
  let waiting = false;
  while (!take(file, owner)) {
    if (removeStale(file)) continue;
    if (!waiting) onWait();
    waiting = true;
    await pause(RETRY_MS);
  }
  held.add(file);
  const renewal = setInterval(() => renew(file), RENEW_MS);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    held.delete(file);
    if (ownerOf(file) === owner) rmSync(file, { force: true });
  }
}

function take(/** @type {string} */ file, /** @type {string} */ owner) {
  try {
    writeFileSync(file, owner, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} file */
function renew(file) {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // Taken over while this computer slept; the work goes on and ends atomically.
  }
}

/**
 * @param {string} file
 * @returns {boolean} whether it is worth trying to take the lock again at once
 */
function removeStale(file) {
  const owner = ownerOf(file);
  const renewedAt = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  if (renewedAt === undefined) return true;
  if (Date.now() - renewedAt < STALE_MS) return false;
  // Renamed first, so that of several waiting setups only one removes it.
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch {
    return true;
  }
  if (ownerOf(aside) === owner) rmSync(aside, { recursive: true, force: true });
  else renameSync(aside, file);
  return true;
}

/** @param {string} file */
function ownerOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
