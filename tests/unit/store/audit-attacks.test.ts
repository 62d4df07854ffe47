import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type AuditEvent, SERVER } from '../../../src/audit/audit-events.ts';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { createSeals, everyRow, nextRow, type Seals } from '../../../src/audit/chain.ts';
import { purgeAudit } from '../../../src/audit/retention.ts';
import { type KnownHead, verify, verifyAll } from '../../../src/audit/verify.ts';
import { runCli } from '../../../src/cli/glir.ts';
import type { DataKey } from '../../../src/config/secret.ts';
import type { AuditLink, AuditRow } from '../../../src/store/store.ts';
import { drafted } from '../audit/setup.ts';
import { storesOn, TEST_DATABASES, type TestDatabase } from './databases.ts';
import { DAY, dataKey } from './setup.ts';

const NO_KEYS = createSeals([]);
const local = { platform: 'local', tenant: 'local', user: 'local' } as const;

/** Seals as somebody makes them who knows the name of the key, but not the key. */
const STRANGER = createSeals([dataKey('k1')]);

/** A server with ten rows, and somebody who can write its database, but has not its keys. */
async function attacked(database: TestDatabase, keys: readonly DataKey[] = [dataKey('k1')]) {
  const { store, place, clock } = await storesOn(database)({ keys });
  const seals = createSeals(keys);
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const start = (own: Seals = seals, checkedUpTo: AuditLink | null = null) => {
    const audit = new AuditLog({ rows: store.audit, seals: own, clock, log, checkedUpTo });
    onTestFinished(() => audit.close());
    return audit;
  };
  const write = (audit: AuditLog, ...more: AuditEvent[]) => audit.require(...more);
  const audit = start();
  for (let count = 1; count <= 10; count++) await audit.require(drafted({ user: `U${count}` }));

  /** What the database's owner can do: the triggers are no hindrance. */
  async function tamper(...statements: string[]): Promise<void> {
    const free = ['audit_grows', 'audit_stays', 'audit_is_purged'].map((name) => `DROP TRIGGER IF EXISTS ${name}`);
    await place.meddle([...(database.name === 'SQLite' ? free : []), ...statements].join(';\n'));
  }
  const insert = ({ seq, at, record, hash, keyId, seal }: AuditRow) => {
    const quoted = [record, hash, keyId, seal].map((value) => (value === null ? 'NULL' : `'${value}'`));
    return `INSERT INTO audit (seq, at, record, hash, key_id, seal) VALUES (${[seq, at, ...quoted].join(', ')})`;
  };
  const all = async (): Promise<AuditRow[]> => {
    const rows: AuditRow[] = [];
    for await (const row of everyRow(store.audit)) rows.push(row);
    return rows;
  };
  return {
    audit,
    start,
    write,
    store,
    place,
    clock,
    keys,
    seals,
    tamper,
    insert,
    all,
    events: () => lines.map((line) => JSON.parse(line).event),
    last: async (): Promise<AuditRow> => {
      const last = await store.audit.last();
      if (last === undefined) throw new Error('there is no row');
      return last;
    },
    verdict: (head: KnownHead | null = null) => verifyAll(store.audit, seals, head),
    purge: (days = 3) => purgeAudit({ rows: store.audit, seals, days, now: clock.now() }),
  };
}
type Attacked = Awaited<ReturnType<typeof attacked>>;

/** A row that says that everything before it was purged. */
async function purgeRow({ last, clock }: Attacked, seals: Seals): Promise<AuditRow> {
  const { seq, hash } = await last();
  const event = { action: 'audit-purged', ...SERVER, through: seq, throughHash: hash } as const;
  return nextRow({ seq, hash }, event, clock.now(), seals);
}

const mustStop = async ({ audit, events }: Attacked): Promise<void> => {
  await expect(audit.require(drafted())).rejects.toThrow('cannot be written');
  expect(audit.available()).toBe(false);
  expect(events()).toContain('audit-tampered');
};

describe.each(TEST_DATABASES)('somebody who can write the database in $name, but has not the keys,', (database) => {
  describe.each([
    ['without a seal', NO_KEYS],
    ['with a seal made up under the key’s name', STRANGER],
    ['with a seal of a key that nobody knows', createSeals([dataKey('k9')])],
  ])('wipes the audit with one row that says it was purged, %s:', (_how, forger) => {
    it('the running server finds it', async () => {
      const all = await attacked(database);
      const row = await purgeRow(all, forger);
      await all.tamper(all.insert(row), `DELETE FROM audit WHERE seq < ${row.seq}`);
      await mustStop(all);
      expect(await all.verdict()).toMatchObject({ kind: 'broken' });
    });

    it('a server that is started behind it says so, and "verify" finds it, with and without a head', async () => {
      const all = await attacked(database);
      const head = await all.last();
      const row = await purgeRow(all, forger);
      await all.audit.close();
      await all.tamper(all.insert(row), `DELETE FROM audit WHERE seq < ${row.seq}`);
      expect(await all.verdict(head)).toMatchObject({ kind: 'broken' });
      await all.start().require(drafted());
      expect(all.events()).toContain('audit-tampered');
      expect(await all.verdict()).toMatchObject({ kind: 'broken' });
      expect(await all.verdict(head)).toMatchObject({ kind: 'broken' });
    });

    it('no key is rotated over it', async () => {
      const all = await attacked(database);
      const row = await purgeRow(all, forger);
      await all.tamper(all.insert(row), `DELETE FROM audit WHERE seq < ${row.seq}`);
      const [old] = all.keys;
      const fresh = dataKey('k2');
      const GLIR_DATA_KEYS = [fresh, old].map((key) => `${key?.id}:${key?.key.reveal()}`).join(',');
      let err = '';
      const code = await runCli(
        ['rotate-keys'],
        { ...all.place.env, GLIR_DATA_KEYS },
        { out: () => undefined, err: (text) => (err += text) },
      );
      expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('tampered') });
    });
  });

  it('makes the audit look like a trial that was purged: a head from the logs is not excused', async () => {
    const all = await attacked(database);
    const head = await all.last();
    await all.audit.close();
    const trial = nextRow(null, { ...drafted(local) }, all.clock.now(), NO_KEYS);
    const purged = nextRow(
      { seq: head.seq, hash: head.hash },
      { action: 'audit-purged', ...SERVER, through: head.seq, throughHash: head.hash },
      all.clock.now(),
      NO_KEYS,
    );
    await all.tamper('DELETE FROM audit', all.insert(trial));
    expect(await all.verdict(head)).toMatchObject({ kind: 'broken' });
    await all.tamper('DELETE FROM audit', all.insert(purged));
    expect(await all.verdict(head)).toMatchObject({ kind: 'broken', why: expect.stringContaining('has no seal') });
    await all.start().require(drafted());
    expect(await all.verdict(head)).toMatchObject({ kind: 'broken', why: expect.stringContaining('has no seal') });
    // And without the keys, as soon as a sealed row follows.
    expect(await verifyAll(all.store.audit, NO_KEYS, head)).toMatchObject({ kind: 'broken' });
  });

  it('takes the rows between a true purge and its own row away, or moves that row', async () => {
    const all = await attacked(database);
    for (let day = 0; day < 5; day++) {
      all.clock.advance(DAY);
      await all.audit.require(drafted(), drafted());
    }
    expect(await all.purge()).toBeGreaterThan(0);
    await all.audit.require(drafted());
    const rows = await all.all();
    const [first] = rows;
    const purged = rows.find(({ record }) => record.includes('audit-purged'));
    if (first === undefined || purged === undefined) throw new Error('nothing was purged');
    expect(await all.verdict()).toMatchObject({ kind: 'whole' });
    const restore = async () => {
      await all.tamper('DELETE FROM audit', ...rows.map(all.insert));
      expect(await all.verdict()).toMatchObject({ kind: 'whole' });
    };
    for (const statements of [
      [`DELETE FROM audit WHERE seq < ${purged.seq}`],
      [`DELETE FROM audit WHERE seq = ${first.seq}`],
      [`DELETE FROM audit WHERE seq = ${first.seq + 1}`],
      [
        `DELETE FROM audit WHERE seq = ${first.seq + 1} OR seq >= ${purged.seq}`,
        all.insert({ ...purged, seq: first.seq + 1 }),
      ],
      [`DELETE FROM audit WHERE seq > ${first.seq}`, all.insert({ ...purged, seq: first.seq + 1 })],
      [`DELETE FROM audit WHERE seq <> ${purged.seq}`, `UPDATE audit SET seq = ${first.seq}`],
    ]) {
      await all.tamper(...statements);
      expect(await all.verdict(), statements.join('; ')).toMatchObject({ kind: 'broken' });
      await restore();
    }
    await all.tamper(`DELETE FROM audit WHERE seq < ${purged.seq}`);
    await mustStop(all);
  });

  it('lets the server itself purge too much, by making rows look old', async () => {
    const all = await attacked(database);
    await all.tamper(`UPDATE audit SET at = 1 WHERE seq <= 9`);
    await expect(all.purge()).rejects.toThrow('its time is another one');
    expect(await all.all()).toHaveLength(10);
    await mustStop(all);
  });

  it('adds a row while the server checks what it will purge', async () => {
    const all = await attacked(database);
    all.clock.advance(10 * DAY);
    const { purge } = all.store.audit;
    const row = nextRow(await all.last(), drafted({ user: 'U99' }), all.clock.now(), NO_KEYS);
    const late: typeof purge = async (...given) => {
      await all.tamper(all.insert(row));
      return purge(...given);
    };
    const { clock, seals, store } = all;
    const purging = purgeAudit({ rows: { ...store.audit, purge: late }, seals, days: 3, now: clock.now() });
    await expect(purging).rejects.toThrow('lost its seal');
    expect(await all.all()).toHaveLength(11);
  });

  it.each<[string, (all: Attacked) => Promise<string[]>]>([
    ['a smuggled row at the end without a seal', async (all) => [all.insert(await smuggled(all, NO_KEYS))]],
    ['a smuggled row at the end with a made-up seal', async (all) => [all.insert(await smuggled(all, STRANGER))]],
    [
      'a smuggled row of a key that nobody knows',
      async (all) => [all.insert(await smuggled(all, createSeals([dataKey('k9')])))],
    ],
    [
      'a smuggled row with a name of a key, and no seal',
      async (all) => [all.insert({ ...(await smuggled(all, NO_KEYS)), keyId: 'k1' })],
    ],
    [
      'a copy of a good row at the end',
      async ({ all, insert }) => [insert({ ...((await all())[3] ?? raise()), seq: 11 })],
    ],
    ['the last rows cut off', () => Promise.resolve(['DELETE FROM audit WHERE seq > 7'])],
    ['all rows cut off', () => Promise.resolve(['DELETE FROM audit'])],
    ['the first rows cut off', () => Promise.resolve(['DELETE FROM audit WHERE seq <= 3'])],
    ['a row cut out of the middle', () => Promise.resolve(['DELETE FROM audit WHERE seq = 5'])],
    [
      'two rows swapped',
      () =>
        Promise.resolve([
          'UPDATE audit SET seq = 99 WHERE seq = 5',
          'UPDATE audit SET seq = 5 WHERE seq = 6',
          'UPDATE audit SET seq = 6 WHERE seq = 99',
        ]),
    ],
    [
      'another person in an older row',
      () => Promise.resolve([`UPDATE audit SET record = replace(record, 'U5', 'U6') WHERE seq = 5`]),
    ],
    [
      'another person in the last row, whose hash stays',
      () => Promise.resolve([`UPDATE audit SET record = replace(record, 'U10', 'U11') WHERE seq = 10`]),
    ],
    ['another time beside a row', () => Promise.resolve(['UPDATE audit SET at = at + 1000 WHERE seq = 5'])],
    ['seals taken away', () => Promise.resolve(['UPDATE audit SET key_id = NULL, seal = NULL WHERE seq > 4'])],
    ['one seal taken away', () => Promise.resolve(['UPDATE audit SET key_id = NULL, seal = NULL WHERE seq = 10'])],
    ['all seals taken away', () => Promise.resolve(['UPDATE audit SET key_id = NULL, seal = NULL'])],
    ['a seal given to another row', () => Promise.resolve([swapSeals(5, 6)])],
    ['the chain made anew without seals from some row on', async (all) => rewritten(all, 5, NO_KEYS, 'U5')],
    ['the chain made anew with made-up seals', async (all) => rewritten(all, 5, STRANGER, 'U5')],
    ['the chain made anew from its start, as a trial’s', async (all) => rewritten(all, 1, NO_KEYS, 'U5')],
  ])('is found by the running server with its next row: %s', async (_what, statements) => {
    const all = await attacked(database);
    await all.tamper(...(await statements(all)));
    await mustStop(all);
  });

  it('takes away what a node wrote that died: another one has seen it', async () => {
    const all = await attacked(database);
    const other = all.start();
    await other.require(drafted(), drafted());
    // Not by a row of its own: it only looks, as it does every ten seconds.
    await all.audit.follow();
    await other.close();
    expect(all.audit.available()).toBe(true);
    await all.tamper('DELETE FROM audit WHERE seq > 10');
    await all.audit.follow();
    await mustStop(all);
  });

  it('is found by the running server within the hour, also where nobody writes and the audit is long', async () => {
    const all = await attacked(database);
    for (let count = 0; count < 10; count++) await all.audit.require(...Array(100).fill(drafted()));
    await all.audit.check();
    expect(all.audit.available()).toBe(true);
    await all.tamper('UPDATE audit SET at = at + 1000 WHERE seq = 500');
    // More rows than a write looks at lie in front of it.
    await all.audit.check();
    await mustStop(all);
  });

  it.each([
    ['has no seal', NO_KEYS],
    ['has a made-up seal', STRANGER],
    ['has a seal of a key that nobody knows', createSeals([dataKey('k9')])],
  ])(
    'adds a row that %s while no server runs: the next one writes down that it trusts nothing before',
    async (_what, forger) => {
      const all = await attacked(database);
      await all.audit.close();
      await all.tamper(all.insert(await smuggled(all, forger)));
      await all.start().require(drafted());
      const [mistrust] = (await all.all()).slice(-2);
      expect(JSON.parse(mistrust?.record ?? '')).toMatchObject({ action: 'audit-mistrusted', through: 11 });
      expect(await all.verdict()).toMatchObject({ kind: 'broken', seq: 11 });
    },
  );

  it('cannot add a row between the check of "rotate-keys" and its own row', async () => {
    const all = await attacked(database);
    const whole = await all.verdict();
    if (whole.kind !== 'whole') throw new Error('broken');
    await all.audit.close();
    await all.tamper(all.insert(await smuggled(all, NO_KEYS)));
    const rotating = all.start(all.seals, whole.head);
    const rotated = { action: 'keys-rotated', ...SERVER, keyId: 'k2', count: 0 } as const;
    await expect(rotating.require(rotated)).rejects.toThrow('cannot be written');
  });

  it('is not helped by an export without the keys', async () => {
    const all = await attacked(database);
    const write = { out: () => undefined, err: () => undefined };
    await expect(runCli(['audit', 'export'], { ...all.place.env }, write)).rejects.toThrow('GLIR_DATA_KEYS');
    await all.audit.require(drafted());
    expect(await all.verdict()).toMatchObject({ kind: 'whole', rows: 11 });
  });
});

describe.each(TEST_DATABASES)('what is no tampering in $name:', (database) => {
  it('another server that writes and purges, also what this one had written', async () => {
    const all = await attacked(database);
    const other = all.start();
    await other.require(drafted());
    await all.audit.require(drafted());
    for (let day = 0; day < 5; day++) {
      all.clock.advance(DAY);
      await other.require(drafted(), drafted());
    }
    expect(await all.purge()).toBe(14);
    await all.audit.require(drafted());
    all.clock.advance(30 * DAY);
    expect(await all.purge()).toBeGreaterThan(5);
    await other.require(drafted());
    await all.audit.require(drafted());
    for (const audit of [all.audit, other]) await audit.check();
    expect([all.audit.available(), other.available()]).toEqual([true, true]);
    expect(await all.verdict()).toMatchObject({ kind: 'whole' });
    expect(all.events()).not.toContain('audit-tampered');
  });

  it('a trial without keys that gets them', async () => {
    const all = await attacked(database, [dataKey('k1')]);
    await all.audit.close();
    const trial = nextRow(null, drafted(local), all.clock.now(), NO_KEYS);
    await all.tamper('DELETE FROM audit', all.insert(trial));
    const keyed = all.start();
    await keyed.require(drafted());
    await keyed.require(drafted());
    await keyed.check();
    expect(keyed.available()).toBe(true);
    expect(await verify(everyRow(all.store.audit), all.seals)).toMatchObject({ kind: 'whole', rows: 3, unsealed: 1 });
    expect(all.events()).not.toContain('audit-tampered');
  });

  it('a trial without the keys on a server’s data, which goes on working and leaves rows that "verify" names', async () => {
    const all = await attacked(database);
    await all.audit.close();
    const trial = all.start(NO_KEYS);
    for (let count = 0; count < 4; count++) await trial.require(drafted(local));
    await trial.check();
    expect(trial.available()).toBe(true);
    expect(await all.verdict()).toMatchObject({ kind: 'broken', seq: 11 });
  });

  it('keys that are rotated while a server runs that has both', async () => {
    const [old, fresh] = [dataKey('k1'), dataKey('k2')];
    const all = await attacked(database, [old]);
    await all.audit.close();
    const before = all.start(createSeals([old, fresh]));
    await before.require(drafted());
    const after = all.start(createSeals([fresh, old]));
    await after.require({ action: 'keys-rotated', ...SERVER, keyId: 'k2', count: 0 });
    await before.require(drafted());
    await after.require(drafted());
    expect([before.available(), after.available()]).toEqual([true, true]);
  });
});

function raise(): never {
  throw new Error('there is no such row');
}

async function smuggled({ last, clock }: Attacked, seals: Seals): Promise<AuditRow> {
  return nextRow(await last(), drafted({ user: 'U99' }), clock.now(), seals);
}

function swapSeals(one: number, other: number): string {
  return `UPDATE audit SET seal = (SELECT twin.seal FROM audit twin WHERE twin.seq = ${one + other} - audit.seq)
    WHERE seq IN (${one}, ${other})`;
}

/** Statements that make every row from `from` on anew, without what `user` did. */
async function rewritten(all: Attacked, from: number, seals: Seals, user: string): Promise<string[]> {
  const made: AuditRow[] = [];
  for (const row of await all.all()) {
    const { v: _v, seq, at: _at, prev: _prev, ...content } = JSON.parse(row.record);
    const changed = content.user === user ? { ...content, user: 'U99' } : content;
    const rest = from === 1 ? { ...changed, ...local } : changed;
    made.push(seq < from ? row : nextRow(made.at(-1) ?? null, rest, row.at, seals));
  }
  return ['DELETE FROM audit', ...made.map(all.insert)];
}
