import { createHash } from 'node:crypto';
import type { Clock } from '../clock.ts';
import type { Database } from './database/migrations.ts';
import type { Deliveries } from './store.ts';

/** Keeps only the keys' hashes: a key may come from a request that says who did what. */
export function createDeliveries(db: Database, clock: Clock): Deliveries {
  return {
    async take(key, lifeMs) {
      const now = Math.floor(clock.now());
      const until = now + Math.ceil(lifeMs);
      // One statement, so that of several nodes that take it at once only one gets the row.
      const row = await db
        .insertInto('deliveries')
        .values({ hash: hashOf(key), until })
        .onConflict((conflict) => conflict.column('hash').doUpdateSet({ until }).where('deliveries.until', '<=', now))
        .returning('until')
        .executeTakeFirst();
      return row !== undefined;
    },
    async giveBack(key) {
      await db.deleteFrom('deliveries').where('hash', '=', hashOf(key)).execute();
    },
    async purge() {
      await db.deleteFrom('deliveries').where('until', '<=', Math.floor(clock.now())).execute();
    },
  };
}

function hashOf(key: string): Uint8Array {
  return createHash('sha256').update(key).digest();
}
