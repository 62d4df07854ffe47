import { describe, expect, it } from 'vitest';
import { pass } from '../rooms/setup.ts';
import { storesOn, TEST_DATABASES } from './databases.ts';
import { HOUR } from './setup.ts';

const KEY = 'T1 Ev0PV52K21 who said what';

describe.each(TEST_DATABASES)('a delivery of a chat platform in $name', (database) => {
  const storeIn = storesOn(database);

  it('is taken once, by whichever node asks first', async () => {
    const { store, again } = await storeIn();
    const other = await again();
    expect(await store.deliveries.take(KEY, HOUR)).toBe(true);
    expect(await store.deliveries.take(KEY, HOUR)).toBe(false);
    expect(await other.deliveries.take(KEY, HOUR)).toBe(false);
    expect(await other.deliveries.take(`${KEY}.`, HOUR)).toBe(true);
  });

  it('is taken by one of many that ask at once', async () => {
    const { store, again } = await storeIn();
    const other = await again();
    for (let round = 0; round < 20; round++) {
      const asked = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? store : other));
      const taken = await Promise.all(asked.map(({ deliveries }) => deliveries.take(`${KEY} ${round}`, HOUR)));
      expect(taken.filter(Boolean)).toHaveLength(1);
    }
  });

  it('that was given back is taken by the next one', async () => {
    const { store, again } = await storeIn();
    const other = await again();
    await store.deliveries.take(KEY, HOUR);
    await store.deliveries.take('another', HOUR);
    await store.deliveries.giveBack(KEY);
    expect(await other.deliveries.take(KEY, HOUR)).toBe(true);
    expect(await store.deliveries.take(KEY, HOUR)).toBe(false);
    expect(await other.deliveries.take('another', HOUR)).toBe(false);
  });

  it('is remembered over a restart until its time is over, and counts from the first time', async () => {
    const { store, clock, again } = await storeIn();
    expect(await store.deliveries.take(KEY, HOUR)).toBe(true);
    await store.close();
    const reopened = await again();
    await pass(clock, HOUR - 1);
    expect(await reopened.deliveries.take(KEY, HOUR)).toBe(false);
    await pass(clock, 1);
    const asked = await Promise.all([1, 2, 3].map(() => reopened.deliveries.take(KEY, HOUR)));
    expect(asked.filter(Boolean)).toHaveLength(1);
    expect(await reopened.deliveries.take(KEY, HOUR)).toBe(false);
  });

  it('is forgotten by the hourly purge alone once its time is over', async () => {
    const { store, clock, place } = await storeIn();
    await store.deliveries.take(KEY, HOUR);
    await store.deliveries.take('short', 1_000);
    await pass(clock, 1_000);
    await store.deliveries.purge();
    expect(await store.deliveries.take(KEY, HOUR)).toBe(false);
    await pass(clock, HOUR);
    await store.deliveries.purge();
    expect(await place.meddle('SELECT hash FROM deliveries')).toEqual([]);
  });

  it('is kept as a hash', async () => {
    const { store, place } = await storeIn();
    await store.deliveries.take(KEY, HOUR);
    expect(await place.bytes()).not.toContain(KEY);
  });
});
