import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../../scripts/setup/lock.mjs';

let folder: string;
let lock: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'glir-lock-'));
  lock = path.join(folder, 'step');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('two setups at once', () => {
  it('take turns, and the second is told that it waits', async () => {
    const order: string[] = [];
    const first = Promise.withResolvers<void>();
    const firstRun = withLock(
      lock,
      () => order.push('first waits'),
      async () => {
        order.push('first begins');
        await first.promise;
        order.push('first ends');
      },
    );
    const secondWaits = Promise.withResolvers<void>();
    const secondRun = withLock(lock, secondWaits.resolve, () => {
      order.push('second begins');
      return Promise.resolve();
    });
    await secondWaits.promise;
    first.resolve();
    await Promise.all([firstRun, secondRun]);
    expect(order).toEqual(['first begins', 'first ends', 'second begins']);
    expect(existsSync(lock)).toBe(false);
  });

  it('a step that fails lets the next one in', async () => {
    await expect(
      withLock(
        lock,
        () => undefined,
        () => Promise.reject(new Error('no network')),
      ),
    ).rejects.toThrow('no network');
    await expect(
      withLock(
        lock,
        () => undefined,
        () => Promise.resolve('done'),
      ),
    ).resolves.toBe('done');
  });

  it('a lock whose owner died is taken over at once', async () => {
    mkdirSync(lock);
    utimesSync(lock, 1, 1);
    let waited = false;
    const result = await withLock(
      lock,
      () => {
        waited = true;
      },
      () => Promise.resolve('done'),
    );
    expect(result).toBe('done');
    expect(waited).toBe(false);
  });
});
