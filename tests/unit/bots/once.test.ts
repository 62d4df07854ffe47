import { describe, expect, it } from 'vitest';
import { createDeduplicator } from '../../../bots/commands/once.ts';
import { standingClock } from '../../support/server/movable-clock.ts';

describe('once', () => {
  it('carries out a delivery once, and gives every repetition the first result', async () => {
    const once = createDeduplicator<number>(standingClock());
    let made = 0;
    const make = () => Promise.resolve(++made);
    const results = await Promise.all(Array.from({ length: 100 }, () => once.run('key', make)));
    expect(results.map(({ result }) => result)).toEqual(Array(100).fill(1));
    expect(results.filter(({ again }) => !again)).toHaveLength(1);
    expect(await once.run('other', make)).toEqual({ result: 2, again: false });
  });

  it('tries again what failed', async () => {
    const once = createDeduplicator<string>(standingClock());
    await expect(once.run('key', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await once.run('key', () => Promise.resolve('up'))).toEqual({ result: 'up', again: false });
  });

  it('forgets after an hour', async () => {
    const clock = standingClock();
    const once = createDeduplicator<number>(clock);
    let made = 0;
    const make = () => Promise.resolve(++made);
    await once.run('key', make);
    clock.advance(60 * 60 * 1000 - 1);
    expect((await once.run('key', make)).again).toBe(true);
    clock.advance(1);
    await once.run('another', make);
    expect((await once.run('key', make)).again).toBe(false);
  });
});
