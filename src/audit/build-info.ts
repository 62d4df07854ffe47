import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const ROOT = path.join(import.meta.dirname, '../..');
const COMMIT = /^[0-9a-f]{40}$/;
const packageSchema = z.object({ version: z.string() });

/** Which GLIR runs: its version, and the commit that is checked out, or that its archive was made of, where that is known. */
export function ownBuild(root = ROOT): { version: string; commit: string | null } {
  const { version } = packageSchema.parse(JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')));
  const found = [checkedOut(root), read(root, 'scripts/setup/commit.txt')];
  return { version, commit: found.find((text) => COMMIT.test(text)) ?? null };
}

/** Git's own files (gitrepository-layout): a commit, or the name of a branch that is in a file or among the packed ones. */
function checkedOut(root: string): string {
  const head = read(root, '.git/HEAD');
  const [, branch] = /^ref: (refs\/[A-Za-z0-9._/-]+)$/.exec(head) ?? [];
  if (branch === undefined || branch.includes('..')) return head;
  const packed = read(root, '.git/packed-refs').split('\n');
  const line = packed.find((text) => text.endsWith(` ${branch}`)) ?? '';
  return read(root, `.git/${branch}`) || line.slice(0, line.indexOf(' '));
}

function read(root: string, file: string): string {
  try {
    return readFileSync(path.join(root, file), 'utf8').trim();
  } catch {
    return '';
  }
}
