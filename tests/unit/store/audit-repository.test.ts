import { describe, expect, it } from 'vitest';
import type { AuditRow } from '../../../src/store/store.ts';
import { storesOn, TEST_DATABASES } from './databases.ts';

const purgeRecord = (through: number) => JSON.stringify({ action: 'audit-purged', through });

function row(seq: number, more: Partial<AuditRow> = {}): AuditRow {
  return { seq, at: 1_000 + seq, record: '{"action":"other"}', hash: `h${seq}`, keyId: null, seal: null, ...more };
}

const rows = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => row(from + index));

describe.each(TEST_DATABASES)("the audit's rows in $name", (database) => {
  const storeIn = storesOn(database);

  it('come back as they were written, in their order', async () => {
    const { store } = await storeIn();
    expect(await store.audit.last()).toBeUndefined();
    const sealed = row(3, { keyId: 'k1', seal: 'ff' });
    expect(await store.audit.append(() => Promise.resolve([...rows(1, 2), sealed]))).toMatchObject({ seq: 3 });
    expect(await store.audit.page(0, 10)).toEqual([row(1), row(2), sealed]);
    expect(await store.audit.page(1, 1)).toEqual([row(2)]);
    expect(await store.audit.find(3)).toEqual(sealed);
    expect(await store.audit.first()).toEqual(row(1));
    expect(await store.audit.append(() => Promise.resolve([]))).toBeNull();
  });

  it('are written all or none', async () => {
    const { store } = await storeIn();
    await expect(store.audit.append(() => Promise.resolve([row(1), row(3)]))).rejects.toThrow();
    expect(await store.audit.last()).toBeUndefined();
  });

  it.each([
    ['added behind a gap', "INSERT INTO audit VALUES (9, 1, '{}', 'h', NULL, NULL)"],
    ['added in front', "INSERT INTO audit VALUES (0, 1, '{}', 'h', NULL, NULL)"],
    ['changed', "UPDATE audit SET record = '{}' WHERE seq = 1"],
    ['deleted', 'DELETE FROM audit WHERE seq = 1'],
    ['deleted at the end', 'DELETE FROM audit WHERE seq = 3'],
    ['all deleted', 'DELETE FROM audit'],
  ])('are not %s by what uses our own connection', async (_what, statement) => {
    const { store, place } = await storeIn();
    await store.audit.append(() => Promise.resolve(rows(1, 3)));
    await expect(place.asServer(statement)).rejects.toThrow();
    expect(await store.audit.page(0, 10)).toEqual(rows(1, 3));
  });

  it('are deleted when the last row says so, and no further than it says', async () => {
    const { store, place } = await storeIn();
    await store.audit.append(() => Promise.resolve(rows(1, 2_500)));
    const purged = row(2_501, { record: purgeRecord(2_400) });
    await store.audit.purge({ seq: 2_400, hash: 'h2400' }, () => Promise.resolve([purged]));
    expect(await store.audit.first()).toEqual(row(2_401));
    await expect(place.asServer('DELETE FROM audit WHERE seq <= 2401')).rejects.toThrow();
    await expect(place.asServer('DELETE FROM audit')).rejects.toThrow();
    expect(await store.audit.last()).toEqual(purged);
    expect(await store.audit.first()).toEqual(row(2_401));
  });

  it('are not purged when the row that says so cannot be written', async () => {
    const { store } = await storeIn();
    await store.audit.append(() => Promise.resolve(rows(1, 3)));
    const wrong = row(9, { record: purgeRecord(2) });
    await expect(store.audit.purge({ seq: 2, hash: 'h2' }, () => Promise.resolve([wrong]))).rejects.toThrow();
    expect(await store.audit.page(0, 10)).toEqual(rows(1, 3));
  });
});
