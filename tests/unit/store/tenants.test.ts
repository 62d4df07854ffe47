import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Store } from '../../../src/store/store.ts';
import { storesOn, TEST_DATABASES } from './databases.ts';
import { anything, CLINIC, PRACTICE, pastNote, ROSSI, storeErrorOf, WEBER } from './setup.ts';

const COLLEAGUE = { ...PRACTICE, user: 'U-ROSSI' };

async function fill(store: Store, now: number): Promise<void> {
  for (const person of [ROSSI, WEBER, COLLEAGUE]) {
    await store.installations.save(person, { token: 'x' });
    await store.settings.save(person, { phone: '112' });
    await store.conversations.save(person, { id: person.user });
    await store.history.add(person, pastNote(now));
  }
}

describe.each(TEST_DATABASES)("a tenant's settings in $name", (database) => {
  const storeIn = storesOn(database);

  it('come back as they were saved last', async () => {
    const { store, again } = await storeIn();
    expect(await store.settings.find(CLINIC, anything)).toBeNull();
    await store.settings.save(CLINIC, { readersMax: 2 });
    await store.settings.save(CLINIC, { readersMax: 3 });
    expect(await (await again()).settings.find(CLINIC, anything)).toEqual({ readersMax: 3 });
    expect(await store.settings.find(PRACTICE, anything)).toBeNull();
  });

  it.each([
    ['no JSON', "'{MARKER'"],
    ['another form', `'{"readersMax": "MARKER"}'`],
  ])('are refused when they are damaged: %s', async (_what, value) => {
    const { store, place } = await storeIn();
    await store.settings.save(CLINIC, { readersMax: 2 });
    await place.meddle(`UPDATE settings SET data = ${value}`);
    const error = await storeErrorOf(() => store.settings.find(CLINIC, z.object({ readersMax: z.int() })));
    expect(error.code).toBe('unreadable');
    expect(error.message).not.toContain('MARKER');
  });
});

describe.each(TEST_DATABASES)("a person's conversation in $name", (database) => {
  const storeIn = storesOn(database);

  it('comes back as it was saved last, to that person alone', async () => {
    const { store } = await storeIn();
    await store.conversations.save(ROSSI, { id: 1 });
    await store.conversations.save(ROSSI, { id: 2 });
    expect(await store.conversations.find(ROSSI, anything)).toEqual({ id: 2 });
    expect(await store.conversations.find(WEBER, anything)).toBeNull();
    expect(await store.conversations.find(COLLEAGUE, anything)).toBeNull();
    expect(await store.conversations.remove(ROSSI)).toBe(true);
    expect(await store.conversations.remove(ROSSI)).toBe(false);
    expect(await store.conversations.find(ROSSI, anything)).toBeNull();
  });
});

describe.each(TEST_DATABASES)("a doctor's preferences in $name", (database) => {
  const storeIn = storesOn(database);

  it('are kept one by one, for that doctor alone, and go with the doctor or the tenant', async () => {
    const { store } = await storeIn();
    const of = (doctor: typeof ROSSI) => store.preferences.ofDoctor(doctor, z.record(z.string(), z.unknown()));
    expect(await of(ROSSI)).toEqual({});
    await store.preferences.save(ROSSI, 'name', 'Dr Anna Rossi');
    await store.preferences.save(ROSSI, 'language', 'it');
    await store.preferences.save(ROSSI, 'language', null);
    await store.preferences.save(WEBER, 'name', 'Dr Jonas Weber');
    expect(await of(ROSSI)).toEqual({ name: 'Dr Anna Rossi', language: null });
    expect(await of(COLLEAGUE)).toEqual({});
    await store.removeDoctor(ROSSI);
    expect(await of(ROSSI)).toEqual({});
    expect(await of(WEBER)).toEqual({ name: 'Dr Jonas Weber' });
    await store.removeTenant(CLINIC);
    expect(await of(WEBER)).toEqual({});
  });
});

describe.each(TEST_DATABASES)('a tenant that removes GLIR in $name', (database) => {
  const storeIn = storesOn(database);

  it('leaves nothing, and takes nothing from others', async () => {
    const { store, clock } = await storeIn();
    await fill(store, clock.now());
    await store.removeTenant(CLINIC);
    expect(await store.installations.find(CLINIC, anything)).toBeNull();
    expect(await store.settings.find(CLINIC, anything)).toBeNull();
    for (const person of [ROSSI, WEBER]) {
      expect(await store.conversations.find(person, anything)).toBeNull();
      expect(await store.history.ofDoctor(person, 20)).toEqual([]);
    }
    expect(await store.installations.find(PRACTICE, anything)).toEqual({ token: 'x' });
    expect(await store.settings.find(PRACTICE, anything)).toEqual({ phone: '112' });
    expect(await store.conversations.find(COLLEAGUE, anything)).toEqual({ id: 'U-ROSSI' });
    expect(await store.history.ofDoctor(COLLEAGUE, 20)).toHaveLength(1);
  });

  it('is in nothing that is kept any more', async () => {
    const { store, clock, place } = await storeIn();
    await fill(store, clock.now());
    expect(await place.bytes()).toContain('T-CLINIC');
    expect(await place.bytes()).toContain('U-WEBER');
    await store.removeTenant(CLINIC);
    expect(await place.bytes()).not.toContain('T-CLINIC');
    expect(await place.bytes()).not.toContain('U-WEBER');
    expect(await place.bytes()).toContain('T-PRACTICE');
  });

  it('goes wholly or not at all', async () => {
    const { store, clock, place } = await storeIn();
    await fill(store, clock.now());
    await place.meddle(database.refusing('DELETE', 'history', `old."user" = 'U-WEBER'`));
    expect((await storeErrorOf(() => store.removeTenant(CLINIC))).code).toBe('unusable');
    expect(await store.installations.find(CLINIC, anything)).toEqual({ token: 'x' });
    expect(await store.history.ofDoctor(ROSSI, 20)).toHaveLength(1);
  });

  it('can come back', async () => {
    const { store } = await storeIn();
    await store.installations.save(CLINIC, { token: 1 });
    await store.removeTenant(CLINIC);
    await store.removeTenant(CLINIC);
    await store.installations.save(CLINIC, { token: 2 });
    expect(await store.installations.find(CLINIC, anything)).toEqual({ token: 2 });
  });
});

describe.each(TEST_DATABASES)('a person who removes GLIR in $name', (database) => {
  const storeIn = storesOn(database);

  it('leaves no conversation and no history; the tenant and colleagues keep theirs', async () => {
    const { store, clock, place } = await storeIn();
    await fill(store, clock.now());
    await store.removeDoctor(WEBER);
    expect(await place.bytes()).not.toContain('U-WEBER');
    expect(await store.conversations.find(ROSSI, anything)).toEqual({ id: 'U-ROSSI' });
    expect(await store.history.ofDoctor(ROSSI, 20)).toHaveLength(1);
    expect(await store.settings.find(CLINIC, anything)).toEqual({ phone: '112' });
  });
});
