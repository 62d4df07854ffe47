import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildProgress, compilersAtOnce, ensureWorker } from '../../../scripts/setup/mediasoup-worker.mjs';
import { dataDir } from '../../support/server/data-dir.ts';

const GiB = 2 ** 30;

describe('building the worker', () => {
  it('uses every core, but no more compilers than there is memory for', () => {
    expect(compilersAtOnce(2, 24 * GiB)).toBe(2);
    expect(compilersAtOnce(8, 4 * GiB)).toBe(4);
    expect(compilersAtOnce(4, GiB / 2)).toBe(1);
  });

  it('shows how far it is', () => {
    expect(buildProgress('[120/213] Building CXX object x.cpp.o')).toBe('120 of 213 files');
    expect(buildProgress('warning: [1/2] of nothing')).toBeUndefined();
  });
});

describe('a worker that somebody put where mediasoup’s own download arrives', () => {
  /** A checkout whose mediasoup has a ready-made worker, or whose install script brings one, which tells when it is started. */
  function attacked(brings: 'has it' | 'downloads it') {
    const { path: root, remove } = dataDir();
    onTestFinished(remove);
    const source = path.join(root, 'node_modules', 'mediasoup');
    const release = path.join(source, 'worker', 'out', 'Release');
    const [marker, hostile] = [path.join(root, 'started'), path.join(root, 'hostile')];
    const cache = path.join(root, 'cache');
    for (const folder of [release, cache]) mkdirSync(folder, { recursive: true });
    writeFileSync(path.join(source, 'package.json'), '{"version":"3.0.0"}');
    // As mediasoup's worker does when somebody else starts it.
    writeFileSync(hostile, `#!/bin/sh\ntouch ${marker}\nexit 41\n`);
    chmodSync(hostile, 0o755);
    const bring = () => cpSync(hostile, path.join(release, 'mediasoup-worker'));
    if (brings === 'has it') bring();
    cpSync('mediasoup-config/worker-build', path.join(root, 'mediasoup-config', 'worker-build'), { recursive: true });
    const asked: string[] = [];
    const context = {
      root,
      cache,
      folder: (name: string) => path.join(cache, name),
      has: existsSync,
      locked: (_name: string, work: () => unknown) => work(),
      notice: () => undefined,
      progress: () => undefined,
      // What a build would compile is another test's.
      once: (name: string) => Promise.resolve(asked.push(name)),
      run(name: string) {
        asked.push(name);
        if (name === 'worker-download') bring();
        return Promise.resolve();
      },
    };
    const inCache = () => readdirSync(cache, { recursive: true, encoding: 'utf8' });
    return { context: context as never, asked, marker, inCache };
  }

  it.each(['has it', 'downloads it'] as const)('is neither started nor kept, where the package %s', async (brings) => {
    const { context, asked, marker, inCache } = attacked(brings);
    await expect(ensureWorker(context, process.execPath, {})).rejects.toThrow('does not start');
    expect(asked).toContain('worker-build');
    expect(asked).not.toContain('worker-download');
    expect(existsSync(marker)).toBe(false);
    expect(inCache().filter((file) => file.endsWith('mediasoup-worker'))).toEqual([]);
  });

  it('is not brought by the installation of the packages either: no install script of a package runs', () => {
    expect(readFileSync('.npmrc', 'utf8').split('\n')).toContain('ignore-scripts=true');
  });
});
