import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ownerKey } from '../../../src/store/owner-key.ts';
import { fileVoucher } from '../../../src/store/voucher.ts';
import { bytesIn, DAY, dataKey, folder, meddle, storeIn } from './setup.ts';

const ROOM = 'R'.repeat(22);
const HASH = 'h'.repeat(43);

const tombstone = (keepUntil: number, roomId = ROOM) =>
  ({ roomId, joinHash: HASH, phone: null, reason: 'revoked', endedAt: 1_000, keepUntil }) as const;

describe('what the store keeps of a room', () => {
  it('is not its id, so that nobody who reads the file has the path of a link', () => {
    const { store, dir } = storeIn();
    store.registry.share({ roomId: ROOM, joinHash: HASH, phone: '06 555 0100', openedAt: 1_000, expiresAt: 2_000 });
    expect(bytesIn(dir)).toContain(HASH);
    expect(bytesIn(dir)).not.toContain(ROOM);
    store.registry.bury([tombstone(DAY)]);
    expect(store.registry.tombstone(ROOM)).toEqual(tombstone(DAY));
    expect(bytesIn(dir)).not.toContain(ROOM);
  });

  it('is its first end: a later one does not change how it ended', () => {
    const { store } = storeIn();
    store.registry.bury([tombstone(DAY)]);
    store.registry.bury([{ ...tombstone(2 * DAY), reason: 'lost' }]);
    expect(store.registry.tombstone(ROOM)?.reason).toBe('revoked');
  });

  it('is all of the tombstones or none', () => {
    const { store, dir } = storeIn();
    meddle(
      dir,
      'CREATE TRIGGER no BEFORE INSERT ON tombstones WHEN new.keep_until = 7 BEGIN SELECT RAISE(ABORT, 1); END',
    );
    const other = 'O'.repeat(22);
    expect(() => store.registry.bury([tombstone(DAY), tombstone(7, other)])).toThrow();
    expect(store.registry.tombstone(ROOM)).toBeUndefined();
  });

  it('goes with the housekeeping, when its time is over', () => {
    const { store, clock } = storeIn();
    store.registry.bury([tombstone(clock.now() + DAY)]);
    clock.advance(DAY - 1);
    expect(store.registry.tombstone(ROOM)).toBeDefined();
    clock.advance(DAY);
    expect(store.registry.tombstone(ROOM)).toBeUndefined();
  });

  it('is awaited by the next run alone, and by no other process of the same run', () => {
    const { store, again } = storeIn();
    store.registry.share({ roomId: ROOM, joinHash: HASH, phone: null, openedAt: 1_000, expiresAt: 2_000 });
    expect(store.registry.awaited(ROOM)).toBeUndefined();
    const next = again();
    expect(next.registry.awaited(ROOM)).toEqual({ joinHash: HASH, phone: null, openedAt: 1_000, expiresAt: 2_000 });
    expect(next.registry.buryAwaited(1_500)).toBe(1);
    expect(next.registry.tombstone(ROOM)).toMatchObject({ reason: 'lost', endedAt: 1_500 });
    expect(next.registry.awaited(ROOM)).toBeUndefined();
  });
});

describe("the owner tokens' key", () => {
  it('is the same after a start, and is nowhere in the folder in the clear where there are data keys', () => {
    const { store, dir, again } = storeIn();
    const voucher = fileVoucher(dir);
    voucher.restore();
    const key = ownerKey(store, voucher);
    expect(key).toHaveLength(32);
    expect(ownerKey(again(), fileVoucher(dir))).toEqual(key);
    const secret = Buffer.from(store.serverKey('owner'));
    for (const form of ['latin1', 'base64', 'hex'] as const) expect(bytesIn(dir)).not.toContain(secret.toString(form));
  });

  it.each([
    ['the database', 'glir.db'],
    ['the voucher', 'glir.voucher'],
  ])('is another one when %s is gone', async (_what, file) => {
    const { store, dir } = storeIn();
    const voucher = fileVoucher(dir);
    voucher.restore();
    const key = ownerKey(store, voucher);
    await store.close();
    for (const suffix of ['', '-wal', '-shm']) rmSync(join(dir, `${file}${suffix}`), { force: true });
    expect(ownerKey(storeIn({ dir }).store, fileVoucher(dir))).not.toEqual(key);
  });

  it('is another one in another folder', () => {
    const [one, other] = [storeIn(), storeIn()];
    expect(ownerKey(one.store, fileVoucher(one.dir))).not.toEqual(ownerKey(other.store, fileVoucher(other.dir)));
  });

  it('stays when data keys are set for the first time, and when they are changed', () => {
    const { store, dir } = storeIn({ keys: [] });
    const key = store.serverKey('owner');
    const old = dataKey('old');
    expect(Buffer.from(storeIn({ dir, keys: [old] }).store.serverKey('owner'))).toEqual(Buffer.from(key));
    const fresh = dataKey('new');
    expect(Buffer.from(storeIn({ dir, keys: [fresh, old] }).store.serverKey('owner'))).toEqual(Buffer.from(key));
    expect(Buffer.from(storeIn({ dir, keys: [fresh] }).store.serverKey('owner'))).toEqual(Buffer.from(key));
  });

  it.each([
    ['its data key is gone', [dataKey('other')]],
    ['there are no data keys any more', []],
  ])('is a new one when %s, and the log says so', (_why, keys) => {
    const { store, dir } = storeIn({ keys: [dataKey('k1')] });
    const key = store.serverKey('owner');
    const next = storeIn({ dir, keys });
    expect(Buffer.from(next.store.serverKey('owner'))).not.toEqual(Buffer.from(key));
    expect(next.log.join('')).toContain('server-key-replaced');
  });
});

describe('the voucher', () => {
  it('is for this user alone, and is the same after a start', () => {
    const dir = folder();
    const voucher = fileVoucher(dir);
    voucher.restore();
    expect(statSync(join(dir, 'glir.voucher')).mode & 0o777).toBe(0o600);
    expect(Buffer.from(fileVoucher(dir).secret)).toEqual(Buffer.from(voucher.secret));
    expect(readdirSync(dir)).toEqual(['glir.voucher']);
  });

  it('is another one after it was withdrawn, unless the same process brings it back', () => {
    const dir = folder();
    const voucher = fileVoucher(dir);
    voucher.restore();
    voucher.withdraw();
    expect(existsSync(join(dir, 'glir.voucher'))).toBe(false);
    expect(Buffer.from(fileVoucher(dir).secret)).not.toEqual(Buffer.from(voucher.secret));
    voucher.restore();
    expect(Buffer.from(fileVoucher(dir).secret)).toEqual(Buffer.from(voucher.secret));
  });

  it('of another process is left alone, and half a file counts as none', () => {
    const dir = folder();
    const [mine, theirs] = [fileVoucher(dir), fileVoucher(dir)];
    theirs.restore();
    mine.restore();
    expect(Buffer.from(fileVoucher(dir).secret)).toEqual(Buffer.from(theirs.secret));
    writeFileSync(join(dir, 'glir.voucher'), 'half');
    mine.restore();
    expect(Buffer.from(fileVoucher(dir).secret)).toEqual(Buffer.from(mine.secret));
  });

  it('may be withdrawn twice, and says when it cannot be brought back', () => {
    const dir = folder();
    const voucher = fileVoucher(dir);
    voucher.withdraw();
    voucher.withdraw();
    expect(() => fileVoucher(join(dir, 'nowhere')).restore()).toThrow();
  });
});
