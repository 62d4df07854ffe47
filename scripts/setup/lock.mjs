import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const BEAT_MS = 2_000;
const STALE_MS = 20_000;
const RETRY_MS = 300;

/** Lock folders this process holds, taken away should it exit early. @type {Set<string>} */
const held = new Set();
process.on('exit', () => {
  for (const folder of held) rmSync(folder, { recursive: true, force: true });
});

/**
 * Does a piece of work that two setups must not do at the same time. The lock is a folder whose time
 * the holder renews every 2 seconds; one that is 20 seconds old was left by a process that died.
 * The work itself still has to be atomic: a computer that slept may find its lock taken over.
 * @template T
 * @param {string} folder the lock; its parent exists
 * @param {() => void} onWait called once when another setup holds it
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withLock(folder, onWait, work) {
  const owner = randomUUID();
  let waiting = false;
  while (!take(folder, owner)) {
    if (removeStale(folder)) continue;
    if (!waiting) onWait();
    waiting = true;
    await pause(RETRY_MS);
  }
  held.add(folder);
  const beat = setInterval(() => renew(folder), BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    held.delete(folder);
    if (ownerOf(folder) === owner) rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} folder
 * @param {string} owner
 */
function take(folder, owner) {
  try {
    mkdirSync(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  writeFileSync(path.join(folder, 'owner'), owner);
  return true;
}

/** @param {string} folder */
function renew(folder) {
  const now = new Date();
  try {
    utimesSync(folder, now, now);
  } catch {
    // Taken over while this computer slept; the work goes on and ends atomically.
  }
}

/**
 * @param {string} folder
 * @returns {boolean} whether it is worth trying to take the lock again at once
 */
function removeStale(folder) {
  const owner = ownerOf(folder);
  const renewedAt = statSync(folder, { throwIfNoEntry: false })?.mtimeMs;
  if (renewedAt === undefined) return true;
  if (Date.now() - renewedAt < STALE_MS) return false;
  // Renamed first, so that of several waiting setups only one takes it away.
  const aside = `${folder}.${randomUUID()}`;
  try {
    renameSync(folder, aside);
  } catch {
    return true;
  }
  if (ownerOf(aside) === owner) rmSync(aside, { recursive: true, force: true });
  else renameSync(aside, folder);
  return true;
}

/** @param {string} folder */
function ownerOf(folder) {
  try {
    return readFileSync(path.join(folder, 'owner'), 'utf8');
  } catch {
    return undefined;
  }
}
