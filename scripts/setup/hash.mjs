import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * A fingerprint of files' names and content; times and order of creation do not matter.
 * @param {string} root folder that `entries` are relative to
 * @param {readonly string[]} entries files and folders; those that do not exist count as empty
 * @param {(file: string) => boolean} [counts] whether a file (path relative to `root`) is taken in
 * @returns {string} SHA-256, hexadecimal
 */
export function hashFiles(root, entries, counts = () => true) {
  const files = entries.flatMap((entry) => filesIn(root, entry)).filter(counts);
  const hash = createHash('sha256');
  for (const file of [...new Set(files)].sort()) {
    const content = readFileSync(path.join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} file
 * @returns {string} SHA-256, hexadecimal
 */
export function hashFile(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/**
 * @param {string} root
 * @param {string} entry
 * @returns {string[]} with `/` on every system
 */
function filesIn(root, entry) {
  const stat = statSync(path.join(root, entry), { throwIfNoEntry: false });
  if (!stat) return [];
  if (!stat.isDirectory()) return [entry];
  return readdirSync(path.join(root, entry))
    .filter((name) => name !== 'node_modules')
    .flatMap((name) => filesIn(root, `${entry}/${name}`));
}

/**
 * @param {string} file
 * @returns {string} its text, or an empty string when it is not there
 */
export function readStamp(file) {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
