import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sourceOf } from '../../../scripts/build-hashes.mjs';
import { INPUTS } from '../../../scripts/setup/pages.mjs';
import { fingerprintOf, sha256, withFingerprint } from '../../../web-build/fingerprint.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const run = promisify(execFile);

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'glir-hashes-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What `npm run build:hashes` prints of the source in `root`, line by line, without the line that names the commit. */
async function hashesOf(root: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const options = { cwd: root, env: { ...process.env, ...env }, timeout: 120_000 };
  const { stdout } = await run(process.execPath, ['web-build/hashes.ts'], options);
  return stdout.trim().split('\n');
}

/** A copy of everything that the pages are made from. */
function copyInto(name: string): string {
  const copy = path.join(folder, name);
  mkdirSync(copy, { recursive: true });
  for (const input of INPUTS) cpSync(path.join(ROOT, input), path.join(copy, input), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  return copy;
}

describe('the build of all pages', () => {
  let here: string[];
  let there: string[];
  beforeAll(async () => {
    const other = { NODE_ENV: 'development', TZ: 'Asia/Kathmandu', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' };
    here = await hashesOf(ROOT, { NODE_ENV: '' });
    there = await hashesOf(copyInto('a folder/whose name is longer'), other);
  }, 240_000);

  it('gives the same bytes in another folder, time zone, language and environment', () => {
    expect(there).toEqual(here);
  });

  it('prints the fingerprint, and what is served where in each language', () => {
    expect(here.slice(0, 2)).toEqual([
      expect.stringMatching(/^version \d+\.\d+\.\d+$/),
      expect.stringMatching(/^fingerprint( [0-9a-f]{4}){4}$/),
    ]);
    const served = here.slice(2).map((line) => line.split('  ').slice(1).join(' '));
    for (const language of ['en', 'it', 'de', 'fr', 'es', 'pt', 'ar', 'uk']) {
      for (const at of ['/n/ROOM', '/compose', '/teams/compose', `/strings/composer/${language}.json`]) {
        expect(served).toContain(`${at} ${language}`);
      }
    }
    expect(new Set(served).size).toBe(served.length);
  });

  it('is what lies ready to be served', () => {
    const built = (file: string) => readFileSync(path.join(ROOT, 'dist', file), 'utf8');
    for (const [file, at] of [
      ['composer.de.html', '/compose  de'],
      ['receiver.ar.html', '/n/ROOM  ar'],
      ['teams.en.html', '/teams/compose  en'],
      ['receiver.uk.strings.json', '/strings/receiver/uk.json  uk'],
      ['chat.html', '/  en'],
    ] as const) {
      expect(here, 'run "npm run build" first').toContain(`${sha256(built(file))}  ${at}`);
    }
    const shown = /<meta name="glir-fingerprint" content="([^"]*)">/.exec(built('composer.de.html'))?.[1];
    expect(`fingerprint ${shown}`).toBe(here[1]);
    expect(built('composer.de.html')).toContain(`<meta name="glir-version" content="${here[0]?.split(' ')[1]}">`);
  });
});

describe('the fingerprint', () => {
  const page = '<head><meta name="glir-fingerprint" content=""></head>';
  const files = [
    { name: 'b.html', text: 'b' },
    { name: 'a.html', text: page },
  ];

  it('is the beginning of the hash that sha256sum would give of its own list', () => {
    const list = `${sha256(page)}  a.html\n${sha256('b')}  b.html\n`;
    expect(fingerprintOf(files).replaceAll(' ', '')).toBe(sha256(list).slice(0, 16));
    expect(fingerprintOf(files.toReversed())).toBe(fingerprintOf(files));
  });

  it('is another one when any file is another one, or has another name', () => {
    const [one, other] = files.map((file) => [file]);
    const fingerprints = [files, one, other, [{ name: 'b.html', text: 'c' }], [{ name: 'c.html', text: 'b' }]];
    expect(new Set(fingerprints.map((each) => fingerprintOf(each ?? []))).size).toBe(fingerprints.length);
  });

  it('stands in a page that has a place for it, and can be taken out again', () => {
    const shown = withFingerprint(page, fingerprintOf(files));
    expect(shown).toContain(`content="${fingerprintOf(files)}"`);
    expect(shown.replace(/(name="glir-fingerprint" content=)"[^"]*"/, '$1""')).toBe(page);
    expect(withFingerprint('<head></head>', 'x')).toBe('<head></head>');
  });
});

describe('the source of the pages', () => {
  const commitFile = 'scripts/setup/commit.txt';
  const git = async (cwd: string, ...args: string[]) => {
    const me = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'commit.gpgsign=false'];
    return (await run('git', [...me, ...args], { cwd })).stdout.trim();
  };

  it('is the commit of the checkout, and says when the pages were changed since', async () => {
    const root = path.join(folder, 'checkout');
    mkdirSync(path.join(root, 'languages'), { recursive: true });
    mkdirSync(path.join(root, 'scripts/setup'), { recursive: true });
    for (const file of [commitFile, '.gitattributes']) cpSync(path.join(ROOT, file), path.join(root, file));
    writeFileSync(path.join(root, 'languages/en.json'), '{}');
    await git(root, 'init', '--quiet');
    expect(sourceOf(root)).toBe('unknown');
    await git(root, 'add', '.');
    await git(root, 'commit', '--quiet', '-m', 'first');
    const commit = await git(root, 'rev-parse', 'HEAD');
    expect(sourceOf(root)).toBe(`commit ${commit}`);

    const archived = path.join(folder, 'archive');
    mkdirSync(archived);
    await git(root, 'archive', '-o', path.join(folder, 'archive.tar'), 'HEAD');
    await run('tar', ['-xf', path.join(folder, 'archive.tar'), '-C', archived]);
    expect(sourceOf(archived)).toBe(`commit ${commit}`);
    expect(sourceOf(path.join(root, 'languages'))).toBe('unknown');

    writeFileSync(path.join(root, 'languages/en.json'), '{"new":1}');
    expect(sourceOf(root)).toBe(`commit ${commit} with changes`);
  });
});
