import {
  closeSync,
  copyFileSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SERVER } from '../../../src/audit/audit-events.ts';
import { createSeals, everyRow, nextRow } from '../../../src/audit/chain.ts';
import { verifyAll } from '../../../src/audit/verify.ts';
import { runCli } from '../../../src/cli/glir.ts';
import { openStore } from '../../../src/store/open-store.ts';
import type { AuditRow, Store } from '../../../src/store/store.ts';
import { standingClock } from '../../support/server/movable-clock.ts';
import { anything, CLINIC, dataKey, folder, meddle, PRACTICE, storeIn } from './setup.ts';

/** Bytes of a page of SQLite. */
const PAGE = 4_096;

const mode = (path: string) => statSync(path).mode & 0o777;

/** A store with an installation and some rows of the audit. */
async function clinic() {
  const key = dataKey();
  const { dir, store, clock } = await storeIn({ keys: [key] });
  const seals = createSeals([key]);
  const audited = (count: number) =>
    store.audit.append((last) => {
      const rows: AuditRow[] = [];
      for (let index = 0; index < count; index += 1) {
        rows.push(
          nextRow(
            rows.at(-1) ?? last,
            { action: 'keys-rotated', ...SERVER, keyId: 'k1', count: 0 },
            clock.now(),
            seals,
          ),
        );
      }
      return Promise.resolve(rows);
    });
  await store.installations.save(CLINIC, { token: 'first' });
  await audited(3);
  const env = { GLIR_DATA_DIR: dir, GLIR_DATA_KEYS: `${key.id}:${key.key.reveal()}` };
  const glir = async (...words: string[]) => {
    let text = '';
    const take = (more: string) => {
      text += more;
    };
    const code = await runCli(words, env, { out: take, err: take });
    return { code, text };
  };
  const backup = join(folder(), 'backup.db');
  return { dir, key, store, clock, seals, audited, glir, backup };
}

async function opened(dir: string, key: ReturnType<typeof dataKey>): Promise<Store> {
  const settings = { dir, postgres: null, keys: [key], historyDays: 90 };
  const store = await openStore({ settings, clock: standingClock(), log: pino({ level: 'silent' }) });
  onTestFinished(() => store.close());
  return store;
}

async function actionsOf(store: Store): Promise<string[]> {
  const actions: string[] = [];
  for await (const { record } of everyRow(store.audit)) actions.push(JSON.parse(record).action);
  return actions;
}

describe('npm run glir -- backup', () => {
  it('writes a whole copy for this user alone while the server goes on, and the audit says so', async () => {
    const { glir, backup, store } = await clinic();
    expect(await glir('backup', backup)).toMatchObject({ code: 0, text: expect.stringContaining('checked') });
    expect(mode(backup)).toBe(0o600);
    expect(readdirSync(join(backup, '..'))).toEqual(['backup.db']);
    await store.installations.save(PRACTICE, { token: 'later' });
    expect((await actionsOf(store)).at(-1)).toBe('store-backed-up');
  });

  it('makes no copy without the keys that the audit needs to tell of it', async () => {
    const { dir, backup } = await clinic();
    const nothing = { out: () => undefined, err: () => undefined };
    await expect(runCli(['backup', backup], { GLIR_DATA_DIR: dir }, nothing)).rejects.toThrow(/Set GLIR_DATA_KEYS/);
    expect(existsSync(backup)).toBe(false);
  });

  it('overwrites nothing, and says where nothing can be written', async () => {
    const { glir, backup } = await clinic();
    writeFileSync(backup, 'mine');
    await expect(glir('backup', backup)).rejects.toThrow(/is there already/);
    expect(readFileSync(backup, 'utf8')).toBe('mine');
    await expect(glir('backup', join(backup, 'below'))).rejects.toThrow(/cannot be made/);
  });
});

describe('npm run glir -- restore', () => {
  it('brings everything back after a crash that left a write-ahead log, and keeps the younger rows of the audit', async () => {
    const { dir, key, store, seals, audited, glir, backup } = await clinic();
    await glir('backup', backup);
    await store.installations.save(CLINIC, { token: 'second' });
    await audited(2);
    // A killed server leaves its log beside the file.
    const crashed = folder();
    for (const name of readdirSync(dir)) copyFileSync(join(dir, name), join(crashed, name));
    await store.close();
    for (const name of readdirSync(crashed)) copyFileSync(join(crashed, name), join(dir, name));
    expect(existsSync(join(dir, 'glir.db-wal'))).toBe(true);

    expect(await glir('restore', backup)).toMatchObject({ code: 0, text: expect.stringContaining('Start GLIR') });
    const restored = await opened(dir, key);
    expect(await restored.installations.find(CLINIC, anything)).toEqual({ token: 'first' });
    expect(await verifyAll(restored.audit, seals)).toMatchObject({ kind: 'whole', rows: 7 });
    expect((await actionsOf(restored)).slice(3)).toEqual([
      'store-backed-up',
      'keys-rotated',
      'keys-rotated',
      'store-restored',
    ]);
    expect(mode(join(dir, 'glir.db'))).toBe(0o600);
    // What was replaced can be looked at.
    const replaced = readdirSync(dir).find((name) => name.startsWith('glir-replaced-')) ?? '';
    const old = folder();
    copyFileSync(join(dir, replaced), join(old, 'glir.db'));
    expect(await (await opened(old, key)).installations.find(CLINIC, anything)).toEqual({ token: 'second' });
  });

  it('takes the place of a store that is damaged, and of none', async () => {
    const { dir, key, store, glir, backup, seals } = await clinic();
    await glir('backup', backup);
    await store.close();
    writeFileSync(join(dir, 'glir.db'), 'no database at all, but larger than a header'.repeat(10));
    expect(await glir('restore', backup)).toMatchObject({
      code: 0,
      text: expect.stringContaining('younger than the backup are lost'),
    });
    const restored = await opened(dir, key);
    expect(await restored.installations.find(CLINIC, anything)).toEqual({ token: 'first' });
    expect(await verifyAll(restored.audit, seals)).toMatchObject({ kind: 'whole' });
  });

  it('is refused while a server runs, and for what is damaged or no backup; then nothing is changed', async () => {
    const { dir, key, clock, store, glir, backup } = await clinic();
    await glir('backup', backup);
    await store.close();
    const settings = { dir, postgres: null, keys: [key], historyDays: 90 };
    const server = await openStore({ settings, clock, log: pino({ level: 'silent' }), forServer: 'alone' });
    await expect(glir('restore', backup)).rejects.toThrow(/Another server runs/);
    await server.close();
    const before = readFileSync(join(dir, 'glir.db'));
    const damaged = join(folder(), 'damaged.db');
    copyFileSync(backup, damaged);
    const file = openSync(damaged, 'r+');
    for (let page = 2; page < 20; page += 1) writeSync(file, Buffer.alloc(PAGE, 0x5a), 0, PAGE, page * PAGE);
    closeSync(file);
    await expect(glir('restore', damaged)).rejects.toThrow(/damaged|cannot be copied/);
    const other = folder();
    meddle(other, 'CREATE TABLE letters (text TEXT)');
    await expect(glir('restore', join(other, 'glir.db'))).rejects.toThrow(/no backup of GLIR/);
    await expect(glir('restore', join(other, 'nothing.db'))).rejects.toThrow(/no file/);
    // Somebody who could write the backup has given it a will of its own.
    const willed = folder();
    copyFileSync(backup, join(willed, 'glir.db'));
    meddle(willed, `CREATE TRIGGER forget AFTER INSERT ON history BEGIN DELETE FROM history; END`);
    await expect(glir('restore', join(willed, 'glir.db'))).rejects.toThrow(/triggers or views that are not GLIR's/);
    expect(readFileSync(join(dir, 'glir.db')).equals(before)).toBe(true);
    expect(readdirSync(dir).sort()).toEqual(['glir.db', 'glir.lock']);
  });
});

describe('a server whose file is damaged', () => {
  it('says so, and begins nothing', async () => {
    const { dir, key, clock, store } = await clinic();
    await store.close();
    const [index] = meddle(dir, "SELECT rootpage AS page FROM sqlite_schema WHERE name = 'history_by_end'");
    const file = openSync(join(dir, 'glir.db'), 'r+');
    writeSync(file, Buffer.alloc(PAGE, 0x5a), 0, PAGE, (Number(index?.['page']) - 1) * PAGE);
    closeSync(file);
    const lines: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
    const settings = { dir, postgres: null, keys: [key], historyDays: 90 };
    const damaged = await openStore({ settings, clock, log, forServer: 'alone' });
    onTestFinished(() => damaged.close());
    expect(lines.join('')).toContain('store-damaged');
    await expect(damaged.rooms.renewLease({ time: clock.now(), boot: null })).rejects.toThrow(
      /npm run glir -- restore/,
    );
  });
});
