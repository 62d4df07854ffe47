import { describe, expect, it } from 'vitest';
import { createDeduplicator } from '../../../bots/commands/deduplicate.ts';
import { standingClock } from '../../support/server/movable-clock.ts';

describe('the deduplicator', () => {
  it('carries out a delivery once, and gives every repetition the first result', async () => {
    const deduplicator = createDeduplicator<number>(standingClock());
    let runs = 0;
    const work = () => Promise.resolve(++runs);
    const results = await Promise.all(Array.from({ length: 100 }, () => deduplicator.run('key', work)));
    expect(results.map(({ result }) => result)).toEqual(Array(100).fill(1));
    expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(await deduplicator.run('other', work)).toEqual({ result: 2, repeated: false });
  });

  it('tries again what failed', async () => {
    const deduplicator = createDeduplicator<string>(standingClock());
    await expect(deduplicator.run('key', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await deduplicator.run('key', () => Promise.resolve('up'))).toEqual({ result: 'up', repeated: false });
  });

  it('forgets after an hour', async () => {
    const clock = standingClock();
    const deduplicator = createDeduplicator<number>(clock);
    let runs = 0;
    const work = () => Promise.resolve(++runs);
    await deduplicator.run('key', work);
    clock.advance(60 * 60 * 1000 - 1);
    expect((await deduplicator.run('key', work)).repeated).toBe(true);
    clock.advance(1);
    await deduplicator.run('another', work);
    expect((await deduplicator.run('key', work)).repeated).toBe(false);
  });
});
