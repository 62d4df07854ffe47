import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeContext, SetupFailure } from '../../../scripts/setup/context.mjs';
import { isTrusted, ownFolder, Untrusted } from '../../../scripts/setup/trusted-paths.mjs';

/** Nobody on this machine. */
const STRANGER = 54_321;
const isRoot = process.getuid?.() === 0;

let root: string;
let cache: string;
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'glir-trust-'));
  cache = path.join(root, 'cache');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function withWorker(): string {
  const folder = path.join(cache, 'worker', 'one');
  mkdirSync(folder, { recursive: true });
  const program = path.join(folder, 'mediasoup-worker');
  writeFileSync(program, '#!/bin/sh\n', { mode: 0o755 });
  ownFolder(cache);
  return program;
}

/** What somebody can do who shares the cache, or had it for a moment. */
const TAMPERED: [string, (program: string) => void][] = [
  [
    'a link in the place of the program',
    (program) => {
      rmSync(program);
      symlinkSync('/bin/true', program);
    },
  ],
  [
    'a link in the place of its folder',
    (program) => {
      const folder = path.dirname(program);
      const elsewhere = path.join(root, 'elsewhere');
      mkdirSync(elsewhere);
      writeFileSync(path.join(elsewhere, 'mediasoup-worker'), '');
      rmSync(folder, { recursive: true });
      symlinkSync(elsewhere, folder);
    },
  ],
  [
    'a link to nothing',
    (program) => {
      rmSync(program);
      symlinkSync('/nowhere', program);
    },
  ],
  ['a program that others may write', (program) => chmodSync(program, 0o777)],
  ['a program that a group may write', (program) => chmodSync(program, 0o775)],
  ['a folder that others may write', (program) => chmodSync(path.dirname(program), 0o777)],
  [
    'a folder in the place of the program',
    (program) => {
      rmSync(program);
      mkdirSync(program);
    },
  ],
  ...(isRoot
    ? ([
        ['somebody else’s program', (program) => chownSync(program, STRANGER, STRANGER)],
        ['somebody else’s folder', (program) => chownSync(path.dirname(program), STRANGER, STRANGER)],
      ] satisfies [string, (program: string) => void][])
    : []),
];

describe('a file in the cache', () => {
  it('is trusted where nobody else could have put it there', () => {
    const program = withWorker();
    expect(isTrusted(cache, program)).toBe(true);
    expect(isTrusted(cache, path.join(cache, 'worker', 'two', 'mediasoup-worker'))).toBe(false);
  });

  it.each(TAMPERED)('is refused: %s', (_what, tamper) => {
    const program = withWorker();
    tamper(program);
    expect(() => isTrusted(cache, program)).toThrow(Untrusted);
    const context = makeContext({ GLIR_CACHE_DIR: cache }, process.stderr);
    expect(() => context.has(program)).toThrow(SetupFailure);
  });

  it('outside of it is never trusted', () => {
    withWorker();
    expect(() => isTrusted(cache, path.join(cache, '..', 'other'))).toThrow(Untrusted);
  });
});

describe('the cache itself', () => {
  it('is meant for good: a link on the way there that leads elsewhere later changes nothing', () => {
    const [one, other, link] = ['one', 'other', 'link'].map((name) => path.join(root, name));
    if (one === undefined || other === undefined || link === undefined) throw new Error('no paths');
    for (const folder of [one, other]) mkdirSync(folder);
    symlinkSync(one, link);
    const context = makeContext({ GLIR_CACHE_DIR: path.join(link, 'cache') }, process.stderr);
    rmSync(link);
    symlinkSync(other, link);
    expect(context.folder('worker')).toBe(path.join(realpathSync(one), 'cache', 'worker'));
    expect(readdirSync(other)).toEqual([]);
  });

  it('is made for this user alone', () => {
    makeContext({ GLIR_CACHE_DIR: cache }, process.stderr);
    for (const folder of [cache, path.join(cache, 'locks'), path.join(cache, 'logs')]) {
      expect(statSync(folder).mode & 0o777).toBe(0o700);
    }
  });

  it('of ours that others could write is taken from them', () => {
    mkdirSync(cache);
    chmodSync(cache, 0o777);
    makeContext({ GLIR_CACHE_DIR: cache }, process.stderr);
    expect(statSync(cache).mode & 0o022).toBe(0);
  });

  it.each<[string, () => void]>([
    [
      'a link',
      () => {
        mkdirSync(path.join(root, 'elsewhere'));
        symlinkSync(path.join(root, 'elsewhere'), cache);
      },
    ],
    [
      'in a folder where everybody can put another one in its place',
      () => {
        mkdirSync(cache);
        chmodSync(root, 0o777);
      },
    ],
    [
      'with a link in the place of its folder of logs',
      () => {
        mkdirSync(cache);
        mkdirSync(path.join(root, 'elsewhere'));
        symlinkSync(path.join(root, 'elsewhere'), path.join(cache, 'logs'));
      },
    ],
    ...(isRoot
      ? ([
          [
            'somebody else’s',
            () => {
              mkdirSync(cache);
              chownSync(cache, STRANGER, STRANGER);
            },
          ],
          [
            'in somebody else’s folder',
            () => {
              mkdirSync(cache);
              chownSync(root, STRANGER, STRANGER);
            },
          ],
        ] satisfies [string, () => void][])
      : []),
  ])('is refused, with what to do, when it is %s', (_what, prepare) => {
    prepare();
    const making = () => makeContext({ GLIR_CACHE_DIR: cache }, process.stderr);
    expect(making).toThrow(SetupFailure);
    expect(making).toThrow(/does not trust its cache/);
  });
});
