import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/**
 * A fingerprint of files' names and content; times and order of creation do not matter.
 * @param {string} root folder that `entries` are relative to
 * @param {readonly string[]} entries files and folders; those that do not exist count as empty
 * @returns {string} SHA-256, hexadecimal
 */
export function hashFiles(root, entries) {
  const hash = createHash('sha256');
  for (const file of filesIn(root, entries)) {
    const content = readFileSync(path.join(root, file));
    hash.update(`${file}\0${content.length}\0`).update(content);
  }
  return hash.digest('hex');
}

/**
 * @param {string} root
 * @param {readonly string[]} entries files and folders in `root`
 * @returns {string[]} all files, each once, sorted, with `/` on every system; none from node_modules
 */
export function filesIn(root, entries) {
  /** @type {(entry: string) => string[]} */
  const walk = (entry) => {
    const stat = statSync(path.join(root, entry), { throwIfNoEntry: false });
    if (!stat) return [];
    if (!stat.isDirectory()) return [entry];
    const names = readdirSync(path.join(root, entry)).filter((name) => name !== 'node_modules');
    return names.flatMap((name) => walk(`${entry}/${name}`));
  };
  return [...new Set(entries.flatMap(walk))].sort();
}
