import { describe, expect, it } from 'vitest';
import { standingClock } from '../../support/server/movable-clock.ts';
import { pass } from '../rooms/setup.ts';
import { storesOn, TEST_DATABASES } from './databases.ts';
import { CLINIC, DAY, HOUR, PRACTICE, pastNote, ROSSI, storeErrorOf, WEBER } from './setup.ts';

describe.each(TEST_DATABASES)("a doctor's history in $name", (database) => {
  const storeIn = storesOn(database);

  it('holds the notes that are over, the last ended first', async () => {
    const { store, clock } = await storeIn();
    const [first, second, third] = [3, 2, 1].map((ago) => pastNote(clock.now() - ago, { readBy: ago }));
    for (const note of [first, third, second]) if (note !== undefined) await store.history.add(ROSSI, note);
    expect(await store.history.ofDoctor(ROSSI, 20)).toEqual([third, second, first]);
    expect(await store.history.ofDoctor(ROSSI, 2)).toEqual([third, second]);
  });

  it("is nobody else's", async () => {
    const { store, clock } = await storeIn();
    await store.history.add(ROSSI, pastNote(clock.now()));
    for (const other of [WEBER, { ...ROSSI, ...PRACTICE }, { ...ROSSI, platform: 'teams' as const }]) {
      expect(await store.history.ofDoctor(other, 20)).toEqual([]);
    }
  });

  it('forgets a note after the days that the admin chose, without a restart', async () => {
    const { store, clock, place } = await storeIn({ historyDays: 2 });
    await store.history.add(ROSSI, pastNote(clock.now()));
    await pass(clock, 2 * DAY - 1);
    expect(await store.history.ofDoctor(ROSSI, 20)).toHaveLength(1);
    expect(await store.history.purge()).toBe(0);
    await pass(clock, 1);
    expect(await store.history.ofDoctor(ROSSI, 20)).toEqual([]);
    await pass(clock, HOUR);
    // By the housekeeping alone.
    await expect.poll(() => place.meddle('SELECT id FROM history'), { timeout: 10_000 }).toEqual([]);
  });

  it('deletes what is too old from the file, by itself at the next opening', async () => {
    const clock = standingClock();
    const { store, place, keys } = await storeIn({ historyDays: 2, clock });
    await store.history.add(ROSSI, pastNote(clock.now() - 3 * DAY));
    await store.history.add(ROSSI, pastNote(clock.now() - 1 * DAY));
    expect(await store.history.purge()).toBe(1);
    await store.history.add(ROSSI, pastNote(clock.now() - 3 * DAY));
    await store.close();
    const { store: later } = await storeIn({ place, keys, historyDays: 2, clock });
    expect(await later.history.purge()).toBe(0);
    expect(await later.history.ofDoctor(ROSSI, 20)).toHaveLength(1);
  });

  it('is not kept at all when the admin chose 0 days, and what was there goes', async () => {
    const { store, place, keys, clock } = await storeIn();
    await store.history.add(ROSSI, pastNote(clock.now()));
    const { store: none } = await storeIn({ place, keys, clock, historyDays: 0 });
    await none.history.add(ROSSI, pastNote(clock.now()));
    expect(await none.history.ofDoctor(ROSSI, 20)).toEqual([]);
    expect(await store.history.ofDoctor(ROSSI, 20)).toEqual([]);
  });

  it('refuses a row that GLIR did not write', async () => {
    const { store, place, clock } = await storeIn();
    await store.history.add(ROSSI, pastNote(clock.now()));
    await place.meddle("UPDATE history SET reason = 'MARKER'");
    const error = await storeErrorOf(() => store.history.ofDoctor(ROSSI, 20));
    expect(error.code).toBe('unreadable');
    expect(error.message).not.toContain('MARKER');
  });

  it('goes on when the housekeeping cannot work, and says so in the log', async () => {
    const { store, place, clock, log } = await storeIn();
    await store.settings.save(CLINIC, {});
    await place.meddle('DROP TABLE one_time_states');
    await pass(clock, DAY);
    await expect.poll(() => log.join(''), { timeout: 10_000 }).toContain('store-housekeeping');
    await store.history.add(ROSSI, pastNote(clock.now()));
    expect(await store.history.ofDoctor(ROSSI, 20)).toHaveLength(1);
  });
});
