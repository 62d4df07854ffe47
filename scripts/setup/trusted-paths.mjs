import { chmodSync, lstatSync, mkdirSync, realpathSync } from 'node:fs';
import path from 'node:path';

const PRIVATE = 0o700;
const OTHERS_MAY_WRITE = 0o002;
const GROUP_MAY_WRITE = 0o020;
const STICKY = 0o1000;

/** A file or folder that somebody else could have put there, or could change. */
export class Untrusted extends Error {
  /**
   * @param {string} place
   * @param {string} why completes the sentence that begins with the path
   */
  constructor(place, why) {
    super(`${place} ${why}`);
    this.name = 'Untrusted';
  }
}

/**
 * Makes a folder for this user alone where it is missing, and takes the right to write there from everybody else where it is
 * ours.
 * @param {string} folder absolute
 * @throws {Untrusted} when it is a link or somebody else's, or when somebody else could put another one in its place
 */
export function ownFolder(folder) {
  mkdirSync(folder, { recursive: true, mode: PRIVATE });
  mustBeOurs(folder, 'a folder');
  const { mode, uid } = lstatSync(folder);
  if (isForeign(mode) && uid === process.getuid?.()) chmodSync(folder, mode & 0o7755);
  else if (isForeign(mode)) throw new Untrusted(folder, 'can be written by others');
  for (let above = path.dirname(realpathSync(folder)); ; above = path.dirname(above)) {
    mustKeepItsEntries(above);
    if (above === path.dirname(above)) return;
  }
}

/**
 * Whether a file is there. From `base`, which is `ownFolder`'s, down to the file itself nothing may be a link, somebody
 * else's, or writable by others.
 * @param {string} base
 * @param {string} file below it
 * @returns {boolean}
 * @throws {Untrusted}
 */
export function isTrusted(base, file) {
  const parts = path.relative(base, file).split(path.sep);
  if (parts.length === 0 || parts[0] === '..') throw new Untrusted(file, `is not in ${base}`);
  let place = base;
  for (const [index, part] of parts.entries()) {
    place = path.join(place, part);
    if (lstatSync(place, { throwIfNoEntry: false }) === undefined) return false;
    mustBeOurs(place, index === parts.length - 1 ? 'a file' : 'a folder');
    if (isForeign(lstatSync(place).mode)) throw new Untrusted(place, 'can be written by others');
  }
  return true;
}

/**
 * @param {string} place
 * @param {'a file' | 'a folder'} kind
 */
function mustBeOurs(place, kind) {
  const stat = lstatSync(place);
  if (stat.isSymbolicLink()) throw new Untrusted(place, 'is a link');
  if (kind === 'a folder' ? !stat.isDirectory() : !stat.isFile()) throw new Untrusted(place, `is not ${kind}`);
  if (!isOurs(stat.uid)) throw new Untrusted(place, 'belongs to somebody else');
}

/** @param {number} uid */
function isOurs(uid) {
  const own = process.getuid?.();
  // Windows knows no such ids; root could do anything in any case.
  return own === undefined || uid === own || uid === 0;
}

/** @param {number} mode */
function isForeign(mode) {
  return process.getuid !== undefined && (mode & (OTHERS_MAY_WRITE | GROUP_MAY_WRITE)) !== 0;
}

/**
 * Whoever may rename in a folder above can put another folder in the place of ours.
 * @param {string} above
 */
function mustKeepItsEntries(above) {
  const { mode, uid } = lstatSync(above);
  if (process.getuid === undefined) return;
  if (!isOurs(uid)) throw new Untrusted(above, 'belongs to somebody else');
  if ((mode & OTHERS_MAY_WRITE) !== 0 && (mode & STICKY) === 0) throw new Untrusted(above, 'can be written by others');
}
