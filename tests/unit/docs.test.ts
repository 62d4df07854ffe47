import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAILURE_CODES } from '../../src/limits/failure-log.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const DOCUMENTS = globSync(['*.md', 'docs/*.md', 'mediasoup-config/worker-build/*.md'], { cwd: ROOT }).sort();

/** What looks like a path from the repository's root, in prose, in tables and in diagrams. */
const REPOSITORY_PATH =
  /(?<![\w/.-])(?:src|bots|web-[a-z]+|mediasoup-config|languages|tests|docs|scripts)\/[\w./-]*\w/g;
const LINK = /\]\(([^)\s]+)\)/g;

function textOf(document: string): string {
  return readFileSync(path.join(ROOT, document), 'utf8');
}

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(document: string): string[] {
  const headings = textOf(document).matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** What is wrong with the target of a link in a document; null when it leads somewhere, or out of the repository. */
function brokenLink(document: string, target: string): string | null {
  if (/^[a-z]+:/.test(target)) return null;
  const [file = '', anchor] = target.split('#');
  const linked = file === '' ? document : path.join(path.dirname(document), file);
  if (!existsSync(path.join(ROOT, linked))) return target;
  return anchor === undefined || anchorsOf(linked).includes(anchor) ? null : target;
}

describe.each(DOCUMENTS)('%s', (document) => {
  it('names only files and folders that there are', () => {
    const named = [...textOf(document).matchAll(REPOSITORY_PATH)].map(([found]) => found);
    expect(named.filter((found) => !existsSync(path.join(ROOT, found)))).toEqual([]);
  });

  it('links only to what there is', () => {
    const links = [...textOf(document).matchAll(LINK)].map(([, target = '']) => target);
    expect(links.map((target) => brokenLink(document, target)).filter((broken) => broken !== null)).toEqual([]);
  });
});

it.each(FAILURE_CODES)('operators are told what "%s" in the log means, and what to do', (code) => {
  expect(textOf('docs/OPERATIONS.md')).toMatch(new RegExp(`^\\| \`${code}\` \\| \\S.* \\| \\S.* \\|$`, 'm'));
});
