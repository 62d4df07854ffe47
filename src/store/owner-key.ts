import { hkdfSync } from 'node:crypto';
import type { SqliteStore } from './sqlite/open.ts';
import type { FileVoucher } from './voucher.ts';

const KEY_BYTES = 32;

/**
 * What signs owner tokens: HKDF-SHA256 (RFC 5869) over a key in the database and the voucher beside it. Without the
 * database, where the tombstones are, or without the voucher, every token of before is worthless.
 *
 * @throws StoreError `unusable`
 */
export function ownerKey(store: Pick<SqliteStore, 'serverKey'>, { secret }: FileVoucher): Uint8Array {
  const key = hkdfSync('sha256', store.serverKey('owner'), secret, 'glir owner token', KEY_BYTES);
  return new Uint8Array(key);
}
