import { type Kysely, sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import type { Database } from '../../../src/store/database/migrations.ts';
import { migrate } from '../../../src/store/database/migrations.ts';
import { TEST_DATABASES } from './databases.ts';
import { storeErrorOf } from './setup.ts';

describe.each(TEST_DATABASES)('migrations in $name', ({ open, traits }) => {
  const step = (statement: string) => ({
    up: (db: Kysely<never>) =>
      sql
        .raw(statement)
        .execute(db)
        .then(() => undefined),
  });
  const steps = {
    '0001': step('CREATE TABLE a (x TEXT)'),
    '0002': step("INSERT INTO a VALUES ('kept')"),
    '0003': step('ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 7'),
  };
  const { '0001': first, '0002': second } = steps;
  const rowsIn = async (db: Database) => (await sql`SELECT * FROM a`.execute(db)).rows;

  it('run once each, from the version that is there', async () => {
    const db = await open();
    await migrate(db, traits, { '0001': first, '0002': second });
    expect(await rowsIn(db)).toEqual([{ x: 'kept' }]);
    await migrate(db, traits, steps);
    await migrate(db, traits, steps);
    expect(await rowsIn(db)).toEqual([{ x: 'kept', y: 7 }]);
  });

  it('that fail leave the version before, so that the next start tries again', async () => {
    const db = await open();
    await migrate(db, traits, { '0001': first });
    await expect(migrate(db, traits, { '0001': first, '0002': second, '0003': step('nonsense') })).rejects.toThrow();
    expect(await rowsIn(db)).toEqual([]);
    await migrate(db, traits, steps);
    expect(await rowsIn(db)).toEqual([{ x: 'kept', y: 7 }]);
  });

  it('of a newer GLIR are refused, and leave the database as it is', async () => {
    const db = await open();
    await migrate(db, traits, steps);
    const error = await storeErrorOf(() => migrate(db, traits, { '0001': first }));
    expect(error.code).toBe('newer-schema');
    expect(error.message).toContain('"0002"');
    expect(await rowsIn(db)).toEqual([{ x: 'kept', y: 7 }]);
  });
});
