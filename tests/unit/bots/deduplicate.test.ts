import { describe, expect, it } from 'vitest';
import { createDeduplicator } from '../../../bots/commands/deduplicate.ts';
import { pass } from '../rooms/setup.ts';
import { botContextFor } from './setup.ts';

const HOUR = 60 * 60 * 1000;

async function setUp() {
  const { bot, clock, store, logged } = await botContextFor();
  let runs = 0;
  const work = () => Promise.resolve(++runs);
  return { bot, clock, store, logged, work, runs: () => runs };
}

describe('the deduplicator', () => {
  it('carries out a delivery once, and gives every repetition the first result', async () => {
    const { bot, work } = await setUp();
    const deduplicator = createDeduplicator<number>('test', bot);
    const results = await Promise.all(Array.from({ length: 100 }, () => deduplicator.run('key', work)));
    expect(results.map((delivered) => delivered?.result)).toEqual(Array(100).fill(1));
    expect(results.filter((delivered) => delivered?.repeated === false)).toHaveLength(1);
    expect(await deduplicator.run('other', work)).toEqual({ result: 2, repeated: false });
  });

  it('tries again what failed, also on another node', async () => {
    const { bot } = await setUp();
    const [one, other] = [1, 2].map(() => createDeduplicator<string>('test', bot));
    await expect(one?.run('key', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await one?.run('key', () => Promise.resolve('up'))).toEqual({ result: 'up', repeated: false });
    await expect(other?.run('too', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await one?.run('too', () => Promise.resolve('up'))).toEqual({ result: 'up', repeated: false });
  });

  it('forgets after an hour', async () => {
    const { bot, clock, work } = await setUp();
    const deduplicator = createDeduplicator<number>('test', bot);
    await deduplicator.run('key', work);
    clock.advance(HOUR - 1);
    expect((await deduplicator.run('key', work))?.repeated).toBe(true);
    clock.advance(1);
    await deduplicator.run('another', work);
    expect((await deduplicator.run('key', work))?.repeated).toBe(false);
  });

  it('carries out on one of several nodes only, and tells keys of other kinds apart', async () => {
    const { bot, work, runs } = await setUp();
    const nodes = Array.from({ length: 10 }, () => createDeduplicator<number>('test', bot));
    const results = await Promise.all(nodes.map((node) => node.run('key', work)));
    expect(runs()).toBe(1);
    expect(results.filter((delivered) => delivered !== null)).toEqual([{ result: 1, repeated: false }]);
    for (const node of nodes) await node.run('key', work);
    expect(runs()).toBe(1);
    expect(await createDeduplicator<number>('other', bot).run('key', work)).toEqual({ result: 2, repeated: false });
  });

  it('knows what it has seen itself while the store fails or hangs', async () => {
    const { bot, clock, store, logged, work } = await setUp();
    let take = () => Promise.reject<boolean>(new Error('away'));
    const deliveries = { ...store.deliveries, take: () => take() };
    const deduplicator = createDeduplicator<number>('test', { ...bot, store: { ...store, deliveries } });
    expect(await deduplicator.run('one', work)).toEqual({ result: 1, repeated: false });
    expect(await deduplicator.run('one', work)).toEqual({ result: 1, repeated: true });
    take = () => new Promise<boolean>(() => undefined);
    const answer = deduplicator.run('two', work);
    await pass(clock, 500);
    expect(await answer).toEqual({ result: 2, repeated: false });
    expect(logged().filter(({ event }) => event === 'delivery-not-shared')).toHaveLength(2);
  });
});
