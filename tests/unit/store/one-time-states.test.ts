import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { pass } from '../rooms/setup.ts';
import { storesOn, TEST_DATABASES } from './databases.ts';
import { HOUR, storeErrorOf } from './setup.ts';

const data = z.object({ returnTo: z.string() });
const DATA = { returnTo: '/slack/done' };

describe.each(TEST_DATABASES)('a one-time state in $name', (database) => {
  const storeIn = storesOn(database);

  it('gives its data once', async () => {
    const { store } = await storeIn();
    const state = await store.states.issue(DATA, 600);
    expect(state).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await store.states.redeem(state, data)).toEqual(DATA);
    expect(await store.states.redeem(state, data)).toBeNull();
  });

  it('is good until its time is over, also after a restart', async () => {
    const { store, clock, again } = await storeIn();
    const [early, late] = [await store.states.issue(DATA, 600), await store.states.issue(DATA, 600)];
    await store.close();
    const reopened = await again();
    await pass(clock, 599_999);
    expect(await reopened.states.redeem(early, data)).toEqual(DATA);
    await pass(clock, 1);
    expect(await reopened.states.redeem(late, data)).toBeNull();
  });

  it.each(['', 'A'.repeat(43), 'x'.repeat(100_000), "' OR 1 = 1 --", '\u0000'])(
    'is not what somebody made up: %.20s',
    async (guess) => {
      const { store } = await storeIn();
      await store.states.issue(DATA, 600);
      expect(await store.states.redeem(guess, data)).toBeNull();
    },
  );

  it('goes to one of many who ask at once, through whichever connection', async () => {
    const { store, again } = await storeIn();
    const other = await again();
    for (let round = 0; round < 20; round++) {
      const state = await store.states.issue(DATA, 600);
      const asked = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? store : other));
      const answers = await Promise.all(asked.map(({ states }) => states.redeem(state, data)));
      expect(answers.filter((answer) => answer !== null)).toEqual([DATA]);
    }
  });

  it('is kept as a hash, which opens nothing', async () => {
    const { store, place } = await storeIn();
    const state = await store.states.issue(DATA, 600);
    expect(await place.bytes()).toContain('/slack/done');
    expect(await place.bytes()).not.toContain(state);
    expect(await place.bytes()).not.toContain(Buffer.from(state, 'base64url').toString('latin1'));
  });

  it('is used up even when its data is not what was asked for', async () => {
    const { store } = await storeIn();
    const state = await store.states.issue({ other: 1 }, 600);
    expect((await storeErrorOf(() => store.states.redeem(state, data))).code).toBe('unreadable');
    expect(await store.states.redeem(state, data)).toBeNull();
  });

  it('is kept no longer when its time is over', async () => {
    const { store, place, clock } = await storeIn();
    await store.states.issue({ returnTo: 'STATE-MARKER' }, 600);
    expect(await place.bytes()).toContain('STATE-MARKER');
    await pass(clock, HOUR);
    await expect.poll(() => place.bytes(), { timeout: 10_000 }).not.toContain('STATE-MARKER');
  });
});
