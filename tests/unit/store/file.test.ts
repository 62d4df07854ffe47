import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { migrate } from '../../../src/store/sqlite/migrations.ts';
import { openStore } from '../../../src/store/sqlite/open.ts';
import { CLINIC, DAY, folder, meddle, storeErrorOf, storeIn } from './setup.ts';

const mode = (path: string) => statSync(path).mode & 0o777;

describe("the store's files", () => {
  let umask = 0;
  beforeEach(() => {
    umask = process.umask(0);
  });
  afterEach(() => process.umask(umask));

  it('are for this user alone, and so are folders made for them', async () => {
    const dir = join(folder(), 'share', 'glir');
    const { store } = storeIn({ dir });
    await store.settings.save(CLINIC, {});
    expect(readdirSync(dir).sort()).toEqual(['glir.db', 'glir.db-shm', 'glir.db-wal']);
    for (const name of readdirSync(dir)) expect(mode(join(dir, name))).toBe(0o600);
    expect(mode(dir)).toBe(0o700);
  });

  it('are made so again when somebody let others read them', async () => {
    const { dir, store, again } = storeIn();
    await store.settings.save(CLINIC, {});
    for (const name of readdirSync(dir)) chmodSync(join(dir, name), 0o644);
    await again().settings.save(CLINIC, {});
    for (const name of readdirSync(dir)) expect(mode(join(dir, name))).toBe(0o600);
  });
});

describe('a store that cannot be used', () => {
  it('because its folder is a file, says which setting to change', async () => {
    const dir = join(folder(), 'taken');
    writeFileSync(dir, '');
    const error = await storeErrorOf(() => storeIn({ dir }));
    expect(error.code).toBe('unusable');
    expect(error.message).toMatch(/^.*taken\/glir\.db cannot be .*\((EEXIST|ENOTDIR)\)\. Set GLIR_DATA_DIR to /);
  });

  it('because glir.db is a folder, says so too', async () => {
    const dir = folder();
    mkdirSync(join(dir, 'glir.db'));
    expect((await storeErrorOf(() => storeIn({ dir }))).code).toBe('unusable');
  });

  it('because the file is something else, leaves it as it is', async () => {
    const dir = folder();
    writeFileSync(join(dir, 'glir.db'), 'not a database, '.repeat(1_000));
    const error = await storeErrorOf(() => storeIn({ dir }));
    expect(error.code).toBe('unusable');
    expect(error.message).toContain('backup');
    expect(statSync(join(dir, 'glir.db')).size).toBe(16_000);
  });

  it('because a newer GLIR made it, leaves it as it is', async () => {
    const { dir, store, again } = storeIn();
    await store.close();
    meddle(dir, 'PRAGMA user_version = 99');
    const error = await storeErrorOf(again);
    expect(error.code).toBe('newer-schema');
    expect(error.message).toContain('version 99');
  });

  it('is not opened without a folder', async () => {
    const { keys, clock } = storeIn();
    const settings = { dir: null, keys, historyDays: 1 };
    const error = await storeErrorOf(() => openStore({ settings, clock, log: pino({ level: 'silent' }) }));
    expect(error.message).toContain('Set GLIR_DATA_DIR');
  });

  it('can be closed twice, and says nothing more afterwards', async () => {
    const { store, clock, log, dir } = storeIn();
    await store.close();
    await store.close();
    clock.advance(DAY);
    expect(log).toEqual([]);
    expect(existsSync(join(dir, 'glir.db-wal'))).toBe(false);
  });
});

describe('migrations', () => {
  const steps = [
    'CREATE TABLE a (x TEXT) STRICT',
    "INSERT INTO a VALUES ('kept')",
    'ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 7',
  ];
  const rows = (db: DatabaseSync) => db.prepare('SELECT * FROM a').all();

  it('run once each, from the version that is there', () => {
    const db = new DatabaseSync(':memory:');
    migrate(db, steps.slice(0, 2));
    expect(rows(db)).toEqual([{ x: 'kept' }]);
    migrate(db, steps);
    migrate(db, steps);
    expect(rows(db)).toEqual([{ x: 'kept', y: 7 }]);
  });

  it('that fail leave the version before, so that the next start tries again', () => {
    const db = new DatabaseSync(':memory:');
    const broken = "INSERT INTO a VALUES ('half'); nonsense;";
    expect(() => migrate(db, [...steps.slice(0, 2), broken])).toThrow();
    expect(rows(db)).toEqual([{ x: 'kept' }]);
    migrate(db, steps);
    expect(rows(db)).toEqual([{ x: 'kept', y: 7 }]);
  });
});
