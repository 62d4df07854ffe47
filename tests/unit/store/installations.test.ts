import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { storesOn, TEST_DATABASES } from './databases.ts';
import type { Place } from './places.ts';
import { anything, CLINIC, dataKey, PRACTICE, storeErrorOf } from './setup.ts';

const TOKEN = 'xoxb-MARKER-of-a-token';
const DATA = { botToken: TOKEN, team: { name: 'Clinic MARKER' } };
const data = z.object({ botToken: z.string(), team: z.object({ name: z.string() }) });

describe.each(TEST_DATABASES)('an installation in $name', (database) => {
  const storeIn = storesOn(database);

  it('comes back as it was saved, also after a restart', async () => {
    const { store, again } = await storeIn();
    expect(await store.installations.find(CLINIC, data)).toBeNull();
    await store.installations.save(CLINIC, DATA);
    expect(await store.installations.find(CLINIC, data)).toEqual(DATA);
    await store.close();
    expect(await (await again()).installations.find(CLINIC, data)).toEqual(DATA);
  });

  it('is replaced by a later one', async () => {
    const { store } = await storeIn();
    await store.installations.save(CLINIC, DATA);
    await store.installations.save(CLINIC, { ...DATA, botToken: 'other' });
    expect(await store.installations.find(CLINIC, data)).toMatchObject({ botToken: 'other' });
  });

  it('belongs to its platform and tenant alone', async () => {
    const { store } = await storeIn();
    await store.installations.save(CLINIC, DATA);
    expect(await store.installations.find(PRACTICE, data)).toBeNull();
    expect(await store.installations.find({ ...CLINIC, platform: 'teams' }, data)).toBeNull();
    await store.installations.save(PRACTICE, DATA);
    expect(await store.installations.tenants('slack')).toEqual([CLINIC, PRACTICE]);
    expect(await store.installations.tenants('teams')).toEqual([]);
  });

  it('is gone once it is removed', async () => {
    const { store } = await storeIn();
    await store.installations.save(CLINIC, DATA);
    expect(await store.installations.remove(CLINIC)).toBe(true);
    expect(await store.installations.remove(CLINIC)).toBe(false);
    expect(await store.installations.find(CLINIC, anything)).toBeNull();
  });

  it('does not come out when it has another form than asked for, and is not repeated in the error', async () => {
    const { store } = await storeIn();
    await store.installations.save(CLINIC, { botToken: 7, team: TOKEN });
    const error = await storeErrorOf(() => store.installations.find(CLINIC, data));
    expect(error.code).toBe('unreadable');
    expect(error.message).toContain('(botToken, team)');
    expect(inspect(error)).not.toContain('MARKER');
  });
});

describe.each(TEST_DATABASES)('tokens on the disk in $name', (database) => {
  const storeIn = storesOn(database);

  it('are nowhere in the clear, the write-ahead log included', async () => {
    const { store, place, again } = await storeIn();
    await store.installations.save(CLINIC, DATA);
    await store.settings.save(CLINIC, { seen: 'PLAIN-MARKER' });
    // What is not encrypted is found, so the search would find a token as well.
    expect(await place.bytes()).toContain('PLAIN-MARKER');
    for (const clear of [TOKEN, 'of-a-token', Buffer.from(TOKEN).toString('base64'), 'Clinic MARKER']) {
      expect(await place.bytes()).not.toContain(clear);
    }
    await store.close();
    expect(await place.bytes()).not.toContain('of-a-token');
    expect(await (await again()).installations.find(CLINIC, data)).toEqual(DATA);
  });

  it('never look the same twice', async () => {
    const { store, place } = await storeIn();
    await store.installations.save(CLINIC, DATA);
    const first = await place.bytes();
    await store.installations.save(CLINIC, DATA);
    const { nonce, box } = await readRow(place);
    expect(nonce).toHaveLength(12);
    expect(first).not.toContain(Buffer.from(nonce).toString('latin1'));
    expect(first).not.toContain(Buffer.from(box).toString('latin1'));
  });
});

describe.each(TEST_DATABASES)('a row that was changed outside of GLIR is refused in $name', (database) => {
  const storeIn = storesOn(database);

  it.each([
    ['its text', 'box', (box: Buffer) => Buffer.concat([Buffer.alloc(16), box.subarray(16)])],
    ['its end', 'box', (box: Buffer) => box.subarray(0, -1)],
    ['nearly all of it', 'box', () => Buffer.alloc(1)],
    ['its nonce', 'nonce', () => Buffer.alloc(12)],
    ['the length of its nonce', 'nonce', () => Buffer.alloc(0)],
  ] as const)('%s', async (_what, column, change) => {
    const { store, place } = await storeIn();
    await store.installations.save(CLINIC, DATA);
    const changed = change(Buffer.from((await readRow(place))[column]));
    await place.meddle(`UPDATE installations SET ${column} = ${database.literal(changed)}`);
    const error = await storeErrorOf(() => store.installations.find(CLINIC, data));
    expect(error.code).toBe('tampered');
    expect(error.message).toContain('"k1"');
    expect(inspect(error)).not.toContain('MARKER');
  });

  it.each([
    ['moved to another tenant', "tenant = 'T-PRACTICE'", PRACTICE],
    ['moved to another platform', "platform = 'teams'", { ...CLINIC, platform: 'teams' as const }],
  ])('%s', async (_what, change, thief) => {
    const { store, place } = await storeIn();
    await store.installations.save(CLINIC, DATA);
    await place.meddle(`UPDATE installations SET ${change}`);
    expect((await storeErrorOf(() => store.installations.find(thief, data))).code).toBe('tampered');
  });

  it('given the id of another key', async () => {
    const { store, place } = await storeIn({ keys: [dataKey('k2'), dataKey('k1')] });
    await store.installations.save(CLINIC, DATA);
    await place.meddle("UPDATE installations SET key_id = 'k1'");
    expect((await storeErrorOf(() => store.installations.find(CLINIC, data))).code).toBe('tampered');
  });
});

describe.each(TEST_DATABASES)('the keys in $name', (database) => {
  const storeIn = storesOn(database);

  it('can be rotated: the first encrypts, the others decrypt, and afterwards they can go', async () => {
    const [old, fresh] = [dataKey('2025'), dataKey('2026')];
    const before = await storeIn({ keys: [old] });
    await before.store.installations.save(CLINIC, DATA);
    await before.store.installations.save(PRACTICE, DATA);
    await before.store.close();

    const { store } = await storeIn({ place: before.place, keys: [fresh, old] });
    expect(await store.installations.find(CLINIC, data)).toEqual(DATA);
    expect((await readRow(before.place)).key_id).toBe('2025');
    expect(await store.installations.rotate()).toBe(2);
    expect(await store.installations.rotate()).toBe(0);
    await store.close();

    const after = await storeIn({ place: before.place, keys: [fresh] });
    expect(await after.store.installations.find(CLINIC, data)).toEqual(DATA);
    expect(await after.store.installations.find(PRACTICE, data)).toEqual(DATA);
  });

  it('are named by their id when one is missing', async () => {
    const before = await storeIn({ keys: [dataKey('lost-one')] });
    await before.store.installations.save(CLINIC, DATA);
    const { store } = await storeIn({ place: before.place, keys: [dataKey('k9')] });
    for (const work of [() => store.installations.find(CLINIC, data), () => store.installations.rotate()]) {
      const error = await storeErrorOf(work);
      expect(error.code).toBe('missing-key');
      expect(error.message).toMatch(/"lost-one".* Add that key again/);
    }
  });

  it('change for all rows or for none', async () => {
    const old = dataKey('old');
    const before = await storeIn({ keys: [old] });
    await before.store.installations.save(CLINIC, DATA);
    await before.store.installations.save(PRACTICE, DATA);
    const nothing = database.literal(Buffer.alloc(12));
    await before.place.meddle(`UPDATE installations SET nonce = ${nothing} WHERE tenant = 'T-PRACTICE'`);
    const { store } = await storeIn({ place: before.place, keys: [dataKey('new'), old] });
    expect((await storeErrorOf(() => store.installations.rotate())).code).toBe('tampered');
    expect(await before.store.installations.find(CLINIC, data)).toEqual(DATA);
  });

  it('are needed to keep an installation, and never printed with the store', async () => {
    const { store: keyless } = await storeIn({ keys: [] });
    const error = await storeErrorOf(() => keyless.installations.save(CLINIC, DATA));
    expect(error.message).toContain('Set GLIR_DATA_KEYS');
    const key = dataKey();
    const { store } = await storeIn({ keys: [key] });
    expect(inspect({ store, key }, { depth: 9, showHidden: true })).not.toContain(key.key.reveal());
  });
});

async function readRow(place: Place): Promise<{ key_id: string; nonce: Uint8Array; box: Uint8Array }> {
  const [row] = await place.meddle('SELECT key_id, nonce, box FROM installations ORDER BY tenant');
  return z.object({ key_id: z.string(), nonce: z.instanceof(Uint8Array), box: z.instanceof(Uint8Array) }).parse(row);
}
