import { createHash } from 'node:crypto';
import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../clock.ts';
import { randomBytes, toBase64Url } from '../../protocol/bytes.ts';
import type { OneTimeStates } from '../store.ts';
import { dataRow, fitting, fittingJson, promised } from './rows.ts';

const STATE_BYTES = 32;
const WHAT = "A state's data";

/** One-time states in SQLite, with what the housekeeping needs. */
export interface SqliteStates extends OneTimeStates {
  /** Deletes states whose time is over. */
  purge(): void;
}

/** Keeps only the states' hashes, so that whoever reads the file can use none of them. */
export function sqliteStates(db: DatabaseSync, clock: Clock): SqliteStates {
  const add = db.prepare('INSERT INTO states (hash, data, until) VALUES (?, ?, ?)');
  // One statement, so that of several that ask at once only one finds the row.
  const take = db.prepare('DELETE FROM states WHERE hash = ? AND until > ? RETURNING data');
  const purge = db.prepare('DELETE FROM states WHERE until <= ?');

  return {
    issue: (data, lifeSeconds) =>
      promised(() => {
        const state = toBase64Url(randomBytes(STATE_BYTES));
        add.run(hashOf(state), JSON.stringify(data), clock.now() + lifeSeconds * 1000);
        return state;
      }),
    redeem: (state, schema) =>
      promised(() => {
        const row = take.get(hashOf(state), clock.now());
        return row === undefined ? null : fittingJson(schema, fitting(dataRow, row, WHAT).data, WHAT);
      }),
    purge: () => void purge.run(clock.now()),
  };
}

function hashOf(state: string): Uint8Array {
  return createHash('sha256').update(state).digest();
}
