import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cacheFolder, duration, makeContext, SetupFailure } from '../../../scripts/setup/context.mjs';

let cache: string;

beforeEach(() => {
  cache = mkdtempSync(path.join(tmpdir(), 'glir-context-'));
});

afterEach(() => {
  rmSync(cache, { recursive: true });
});

const contextHere = () => makeContext({ GLIR_CACHE_DIR: cache }, process.stderr);
const node = (source: string) => [process.execPath, ['-e', source]] as const;
const words = { problem: 'It could not be built', next: 'Try again.' };

describe('a step of the setup', () => {
  it('that fails says what to do next, quotes its log and keeps it', async () => {
    const failing = contextHere().run('build', ...node('console.error("no space left"); process.exit(3)'), words);
    const failure = await failing.catch((error) => error);
    expect(failure).toBeInstanceOf(SetupFailure);
    expect(failure.next).toBe('Try again.');
    expect(failure.message).toMatch(/^It could not be built \(exit code 3\)\.\n.*\n.*\n {2}\| no space left$/);
    expect(readdirSync(path.join(cache, 'logs'))).toHaveLength(1);
  });

  it('that succeeds leaves no log', async () => {
    await contextHere().run('build', ...node('console.log("fine")'), words);
    expect(readdirSync(path.join(cache, 'logs'))).toEqual([]);
  });

  it('that takes too long is ended', async () => {
    const [command, args] = node('setInterval(() => {}, 1000)');
    const endless = contextHere().run('build', command, args, { ...words, timeoutMs: 300 });
    await expect(endless).rejects.toThrow('ended by SIGKILL');
  });

  it('is done by one of two setups, while the other one waits', async () => {
    let done = 0;
    const step = () =>
      contextHere().once(
        'step',
        'doing it',
        () => done > 0,
        () => {
          done += 1;
          return Promise.resolve();
        },
      );
    await Promise.all([step(), step()]);
    expect(done).toBe(1);
  });
});

describe('the cache', () => {
  it('is where GLIR_CACHE_DIR says, otherwise in the user’s cache folder', () => {
    expect(cacheFolder({ GLIR_CACHE_DIR: '/big/glir', XDG_CACHE_HOME: '/xdg' }, '/home/eva')).toBe('/big/glir');
    expect(cacheFolder({ XDG_CACHE_HOME: '/xdg' }, '/home/eva')).toBe('/xdg/glir');
    expect(cacheFolder({}, '/home/eva')).toBe('/home/eva/.cache/glir');
  });
});

describe('durations', () => {
  it.each([
    [40, '0.0 s'],
    [9_940, '9.9 s'],
    [9_960, '10 s'],
    [59_600, '1 min 0 s'],
    [215_000, '3 min 35 s'],
  ])('%d ms read as %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });
});
