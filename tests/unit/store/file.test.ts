import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../../src/store/open-store.ts';
import { standingClock } from '../../support/server/movable-clock.ts';
import { pass } from '../rooms/setup.ts';
import { anything, CLINIC, DAY, dataKey, folder, meddle, PRACTICE, storeErrorOf, storeIn } from './setup.ts';

/** Where links lead that somebody put into the folder. */
let symlinkTarget = '';
const link = (dir: string, name: string) => symlinkSync(symlinkTarget, join(dir, name));
const stranger = (dir: string, name: string) => {
  writeFileSync(join(dir, name), '');
  chownSync(join(dir, name), 54_321, 54_321);
};

const mode = (path: string) => statSync(path).mode & 0o777;

describe("the store's files", () => {
  let umask = 0;
  beforeEach(() => {
    umask = process.umask(0);
  });
  afterEach(() => process.umask(umask));

  it('are for this user alone, and so are folders made for them', async () => {
    const dir = join(folder(), 'share', 'glir');
    const { store } = await storeIn({ dir });
    await store.settings.save(CLINIC, {});
    expect(readdirSync(dir).sort()).toEqual(['glir.db', 'glir.db-shm', 'glir.db-wal']);
    for (const name of readdirSync(dir)) expect(mode(join(dir, name))).toBe(0o600);
    expect(mode(dir)).toBe(0o700);
  });

  it.each<[string, (dir: string) => void]>([
    ['glir.db is a link', (dir) => link(dir, 'glir.db')],
    ['glir.db is a link to nothing', (dir) => symlinkSync('/nowhere/at/all', join(dir, 'glir.db'))],
    ['glir.db-wal is a link', (dir) => link(dir, 'glir.db-wal')],
    ['glir.db-shm is a link', (dir) => link(dir, 'glir.db-shm')],
    ['glir.db-journal is a link', (dir) => link(dir, 'glir.db-journal')],
    ['glir.lock is a link', (dir) => link(dir, 'glir.lock')],
    ['glir.db is a folder', (dir) => mkdirSync(join(dir, 'glir.db'))],
    ...(process.getuid?.() === 0
      ? ([
          ['glir.db is somebody else’s', (dir) => stranger(dir, 'glir.db')],
          ['glir.db-wal is somebody else’s', (dir) => stranger(dir, 'glir.db-wal')],
          ['glir.lock is somebody else’s', (dir) => stranger(dir, 'glir.lock')],
          ['the folder is somebody else’s', (dir) => chownSync(dir, 54_321, 54_321)],
        ] satisfies [string, (dir: string) => void][])
      : []),
  ])('are not opened when %s, and what it leads to stays as it is', async (_what, prepare) => {
    const [dir, elsewhere] = [folder(), folder()];
    writeFileSync(join(elsewhere, 'target'), 'precious', { mode: 0o644 });
    symlinkTarget = join(elsewhere, 'target');
    prepare(dir);
    const settings = { dir, postgres: null, keys: [dataKey()], historyDays: 90 };
    const log = pino({ level: 'silent' });
    const opening = openStore({ settings, clock: standingClock(), log, forServer: 'alone' });
    await expect(opening).rejects.toMatchObject({
      code: 'unusable',
      message: expect.stringContaining('does not open it'),
    });
    expect(readFileSync(symlinkTarget, 'utf8')).toBe('precious');
    expect(mode(symlinkTarget)).toBe(0o644);
  });

  it('may lie in a folder that a link of the admin’s leads to', async () => {
    const [dir, elsewhere] = [join(folder(), 'link'), folder()];
    symlinkSync(elsewhere, dir);
    await storeIn({ dir });
    expect(readdirSync(elsewhere)).toContain('glir.db');
  });

  it('are made so again when somebody let others read them', async () => {
    const { dir, store, again } = await storeIn();
    await store.settings.save(CLINIC, {});
    for (const name of readdirSync(dir)) chmodSync(join(dir, name), 0o644);
    await (await again()).settings.save(CLINIC, {});
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
    const { dir, store, again } = await storeIn();
    await store.close();
    meddle(dir, "INSERT INTO kysely_migration VALUES ('0099', '2026-01-01T00:00:00.000Z')");
    const error = await storeErrorOf(again);
    expect(error.code).toBe('newer-schema');
    expect(error.message).toContain('"0099"');
  });

  it('is not opened without a folder', async () => {
    const { keys, clock } = await storeIn();
    const settings = { dir: null, postgres: null, keys, historyDays: 1 };
    const error = await storeErrorOf(() => openStore({ settings, clock, log: pino({ level: 'silent' }) }));
    expect(error.message).toContain('Set GLIR_DATA_DIR');
  });

  it('can be closed twice, and says nothing more afterwards', async () => {
    const { store, clock, log, dir } = await storeIn();
    await store.close();
    await store.close();
    await pass(clock, DAY);
    expect(log).toEqual([]);
    expect(existsSync(join(dir, 'glir.db-wal'))).toBe(false);
  });
});

describe("a server's folder", () => {
  const server = async (dir: string) => {
    const settings = { dir, postgres: null, keys: [dataKey()], historyDays: 1 };
    const store = await openStore({
      settings,
      clock: standingClock(),
      log: pino({ level: 'silent' }),
      forServer: 'alone',
    });
    onTestFinished(() => store.close());
    return store;
  };

  it('is refused to a second one, which is told what to set, until the first one stops', async () => {
    const dir = folder();
    const first = await server(dir);
    const error = await storeErrorOf(() => server(dir));
    expect(error.code).toBe('in-use');
    expect(error.message).toContain(`Another server runs on the folder ${dir}.`);
    expect(error.message).toMatch(/GLIR_DATA_DIR.*GLIR_DATABASE_URL/);
    await first.close();
    await server(dir);
  });

  it('is free again when the first one was killed, and tools work beside it', async () => {
    const dir = folder();
    const lock = new URL('../../../src/store/database/folder-lock.ts', import.meta.url).href;
    const program = `import { lockFolder } from '${lock}'; globalThis.lock = lockFolder(process.env.DIR);
      process.stdout.write('locked'); setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], { env: { DIR: dir } });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    expect((await storeErrorOf(() => server(dir))).code).toBe('in-use');
    const { store } = await storeIn({ dir });
    await store.settings.save(CLINIC, {});
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    await server(dir);
    expect(mode(join(dir, 'glir.lock'))).toBe(0o600);
  });

  it('is free when the store could not be opened', async () => {
    const dir = folder();
    mkdirSync(join(dir, 'glir.db'));
    expect((await storeErrorOf(() => server(dir))).code).toBe('unusable');
    rmdirSync(join(dir, 'glir.db'));
    await server(dir);
  });
});

describe('a database of GLIR 0.1', () => {
  it('is taken over with its settings, its history, its audit and how its notes ended', async () => {
    const dir = folder();
    meddle(dir, readFileSync(join(import.meta.dirname, 'glir-0.1.sql'), 'utf8'));
    meddle(
      dir,
      `INSERT INTO tenants VALUES ('slack', 'T-CLINIC');
       INSERT INTO settings VALUES ('slack', 'T-CLINIC', '{"kept":true}');
       INSERT INTO history (platform, tenant, user, room_tag, created_at, opened_at, ended_at, reason, read_by)
         VALUES ('slack', 'T-CLINIC', 'U-ROSSI', 'tag', 1, 2, 3, 'expired', 1);
       INSERT INTO audit VALUES (1, 5, '{}', 'hash', NULL, NULL);
       INSERT INTO tombstones VALUES (x'${'00'.repeat(32)}', NULL, NULL, 'revoked', 1, 9007199254740991);
       INSERT INTO states VALUES (x'00', '{}', 1);`,
    );
    const { store } = await storeIn({ dir });
    expect(await store.settings.find(CLINIC, anything)).toEqual({ kept: true });
    expect((await store.audit.last())?.hash).toBe('hash');
    await store.audit.append(() =>
      Promise.resolve([{ seq: 2, at: 6, record: '{}', hash: 'next', keyId: null, seal: null }]),
    );
    await store.settings.save(PRACTICE, {});
    await store.close();
    const { store: again } = await storeIn({ dir });
    expect(await again.settings.find(PRACTICE, anything)).toEqual({});
    const db = new DatabaseSync(join(dir, 'glir.db'));
    expect(db.prepare('SELECT count(*) AS kept FROM tombstones').get()).toEqual({ kept: 1 });
    expect(db.prepare("SELECT name FROM sqlite_master WHERE name IN ('states', 'checks')").all()).toEqual([]);
    db.close();
  });
});
