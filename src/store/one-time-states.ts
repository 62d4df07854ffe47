import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import type { Database } from './database/migrations.ts';
import { parseStored, parseStoredJson } from './errors.ts';
import type { OneTimeStates } from './store.ts';

const STATE_BYTES = 32;
const rowSchema = z.object({ data: z.string() });
const WHAT = "A state's data";

/** Keeps only the states' hashes, so that whoever reads the database can use none of them. */
export function createOneTimeStates(db: Database, clock: Clock): OneTimeStates {
  return {
    async issue(data, lifeSeconds) {
      const state = toBase64Url(randomBytes(STATE_BYTES));
      const until = Math.floor(clock.now() + lifeSeconds * 1000);
      await db
        .insertInto('one_time_states')
        .values({ hash: hashOf(state), data: JSON.stringify(data), until })
        .execute();
      return state;
    },
    async redeem(state, schema) {
      // One statement, so that of several that ask at once only one finds the row.
      const row = await db
        .deleteFrom('one_time_states')
        .where('hash', '=', hashOf(state))
        .where('until', '>', clock.now())
        .returning('data')
        .executeTakeFirst();
      return row === undefined ? null : parseStoredJson(schema, parseStored(rowSchema, row, WHAT).data, WHAT);
    },
    async purge() {
      await db.deleteFrom('one_time_states').where('until', '<=', clock.now()).execute();
    },
  };
}

function hashOf(state: string): Uint8Array {
  return createHash('sha256').update(state).digest();
}
