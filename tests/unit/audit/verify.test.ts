import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { SERVER } from '../../../src/audit/audit-events.ts';
import { createSeals, everyRow, nextRow } from '../../../src/audit/chain.ts';
import { ClockJumped, purgeAudit } from '../../../src/audit/retention.ts';
import { verify } from '../../../src/audit/verify.ts';
import type { AuditRow } from '../../../src/store/store.ts';
import { pass } from '../rooms/setup.ts';
import { DAY, dataKey } from '../store/setup.ts';
import { auditIn, collect, drafted, START, tamper } from './setup.ts';

const rotated = { action: 'keys-rotated', ...SERVER, keyId: 'k2', count: 0 } as const;

/** Ten rows by ten doctors. */
async function ten() {
  const all = await auditIn();
  for (let count = 1; count <= 10; count++) await all.audit.require(drafted({ user: `U${count}` }));
  return all;
}

/** What somebody does who knows how the chain is made, but not the keys: every row from `from` on, made anew. */
function forged(rows: readonly AuditRow[], from: number, change: (row: AuditRow) => AuditRow): AuditRow[] {
  const made: AuditRow[] = [];
  for (const row of rows) {
    if (row.seq < from) {
      made.push(row);
      continue;
    }
    const { prev: _prev, v: _v, seq: _seq, at: _at, ...content } = JSON.parse(change(row).record);
    const { keyId, seal } = change(row);
    made.push({ ...nextRow(made.at(-1) ?? null, content, row.at, createSeals([])), keyId, seal });
  }
  return made;
}

describe('a whole audit', () => {
  it('is whole, with its head', async () => {
    const { verdict, rows } = await ten();
    const last = await rows.last();
    expect(await verdict()).toEqual({
      kind: 'whole',
      rows: 10,
      purgedThrough: 0,
      head: { seq: 10, hash: last?.hash },
      unsealed: 0,
    });
    expect(await (await auditIn()).verdict()).toMatchObject({ kind: 'whole', rows: 0, head: null });
  });

  it('holds every head that was written down', async () => {
    const { verdict, rows } = await ten();
    for await (const { hash } of everyRow(rows)) expect((await verdict(hash)).kind).toBe('whole');
  });

  it('can be checked with nothing but SHA-256', async () => {
    const { rows } = await ten();
    let prev = '0'.repeat(64);
    for await (const { record, hash } of everyRow(rows)) {
      expect(JSON.parse(record).prev).toBe(prev);
      expect(Object.keys(JSON.parse(record))).toEqual(Object.keys(JSON.parse(record)).sort());
      prev = createHash('sha256').update(record).digest('hex');
      expect(hash).toBe(prev);
    }
  });
});

describe('tampering is found and the row named:', () => {
  const other = `(SELECT json_set(record, '$.user', 'U99') FROM audit WHERE seq = 5)`;
  it.each<[string, string, number, RegExp]>([
    ['a changed record', `UPDATE audit SET record = ${other} WHERE seq = 5`, 5, /was changed/],
    ['a space in a record', `UPDATE audit SET record = record || ' ' WHERE seq = 5`, 5, /was changed/],
    ['a changed time', 'UPDATE audit SET at = at - 1000 WHERE seq = 5', 5, /its time/],
    ['a changed hash', `UPDATE audit SET hash = '${'b'.repeat(64)}' WHERE seq = 5`, 5, /its hash/],
    ['a changed seal', `UPDATE audit SET seal = '${'c'.repeat(64)}' WHERE seq = 5`, 5, /its seal is wrong/],
    ['a seal that was cut', `UPDATE audit SET seal = 'c0' WHERE seq = 5`, 5, /its seal is wrong/],
    ['a seal taken away', 'UPDATE audit SET seal = NULL, key_id = NULL WHERE seq = 5', 5, /has lost its seal/],
    ['a seal of another key', `UPDATE audit SET key_id = 'k9' WHERE seq = 5`, 5, /GLIR_DATA_KEYS does not hold/],
    ['a removed row', 'DELETE FROM audit WHERE seq = 5', 5, /missing: row 6 comes instead/],
    ['the first rows removed', 'DELETE FROM audit WHERE seq <= 3', 1, /begins with row 4, and no purge says so/],
    [
      'two rows swapped',
      'UPDATE audit SET seq = 99 WHERE seq = 5; UPDATE audit SET seq = 5 WHERE seq = 6; UPDATE audit SET seq = 6 WHERE seq = 99',
      5,
      /was moved: its content is row 6's/,
    ],
    [
      'a row inserted in between',
      `UPDATE audit SET seq = seq + 100 WHERE seq > 5;
       INSERT INTO audit SELECT 6, at, record, hash, key_id, seal FROM audit WHERE seq = 5;
       UPDATE audit SET seq = seq - 99 WHERE seq > 100`,
      6,
      /was moved/,
    ],
    [
      'a copy of a row at the end',
      'INSERT INTO audit SELECT 11, at, record, hash, key_id, seal FROM audit WHERE seq = 5',
      11,
      /was moved/,
    ],
  ])('%s', async (_what, statements, seq, why) => {
    const { dir, verdict } = await ten();
    tamper(dir, statements);
    expect(await verdict()).toMatchObject({ kind: 'broken', seq, why: expect.stringMatching(why) });
  });

  it('rows cut off at the end, when a head from the logs is given', async () => {
    const { dir, rows, verdict, seals } = await ten();
    const hash = (await rows.last())?.hash ?? '';
    tamper(dir, 'DELETE FROM audit WHERE seq > 7');
    expect((await verdict()).kind).toBe('whole');
    expect(await verdict(hash)).toMatchObject({
      kind: 'broken',
      seq: 8,
      why: expect.stringContaining('no row has the given'),
    });
    expect(await verify(everyRow(rows), seals, { seq: 10, hash })).toMatchObject({
      kind: 'broken',
      seq: 8,
      why: expect.stringContaining('once reached row 10'),
    });
  });

  it('a chain made anew from some row on, by somebody without the keys', async () => {
    const { rows, seals } = await ten();
    const all = await collect(everyRow(rows));
    const change = (row: AuditRow) => (row.seq === 4 ? { ...row, record: row.record.replace('"U4"', '"U99"') } : row);
    expect(await verify(forged(all, 4, change), seals)).toMatchObject({
      kind: 'broken',
      seq: 4,
      why: expect.stringMatching(/seal is wrong/),
    });
    const stripped = forged(all, 4, (row) => ({ ...change(row), keyId: null, seal: null }));
    expect(await verify(stripped, seals)).toMatchObject({
      kind: 'broken',
      seq: 4,
      why: expect.stringMatching(/lost its seal/),
    });
    const renamed = forged(all, 4, (row) => ({ ...change(row), keyId: 'k9' }));
    expect(await verify(renamed, seals)).toMatchObject({
      kind: 'broken',
      seq: 4,
      why: expect.stringMatching(/does not hold/),
    });
    const fromTheStart = forged(all, 1, (row) => ({ ...change(row), keyId: null, seal: null }));
    expect(await verify(fromTheStart, seals)).toMatchObject({
      kind: 'broken',
      seq: 1,
      why: expect.stringMatching(/lost its seal/),
    });
    // Without the keys nobody can tell a seal that was made up, except by a head from the logs.
    const madeUp = forged(all, 1, change);
    expect((await verify(madeUp, createSeals([]))).kind).toBe('whole');
    const head = { seq: 9, hash: all[8]?.hash ?? '' };
    expect(await verify(madeUp, createSeals([]), head)).toMatchObject({
      kind: 'broken',
      seq: 9,
      why: expect.stringMatching(/was rewritten/),
    });
  });

  it('a row whose hash was made anew, by the one behind it', async () => {
    const { rows } = await ten();
    const changed = (await collect(everyRow(rows))).map((row) => {
      const record = row.seq === 5 ? row.record.replace('"U5"', '"U99"') : row.record;
      return { ...row, record, hash: createHash('sha256').update(record).digest('hex') };
    });
    expect(await verify(changed, createSeals([]))).toMatchObject({
      kind: 'broken',
      seq: 6,
      why: expect.stringContaining('does not follow row 5'),
    });
  });

  it('a record of another form, however it is hashed', async () => {
    const { audit, rows, seals } = await auditIn();
    await audit.require(drafted());
    const row = await rows.first();
    if (row === undefined) throw new Error('no row');
    for (const record of [
      row.record.replace('{', '{ '),
      row.record.replace('"U-ROSSI"', '"U-ROSSI","note":"take two"'),
      row.record.replace('"note-drafted"', '"note-copied"'),
      row.record.replace('"U-ROSSI"', '"=HYPERLINK(1)"'),
      'null',
      '',
    ]) {
      const hash = createHash('sha256').update(record).digest('hex');
      expect(await verify([{ ...row, record, hash, ...seals.seal(hash) }], seals)).toMatchObject({
        kind: 'broken',
        seq: 1,
      });
    }
  });
});

describe('rotated keys', () => {
  const [old, fresh] = [dataKey('k1'), dataKey('k2')];

  it('leave an audit that is whole without the old key, once a row says that they were rotated', async () => {
    const { audit, rows, dir } = await auditIn({ keys: [old] });
    await audit.require(drafted(), drafted());
    await audit.close();
    const only = createSeals([fresh]);
    expect(await verify(everyRow(rows), only)).toMatchObject({ kind: 'unknown', seq: 1, needs: 'key' });
    const after = await auditIn({ dir, keys: [fresh, old] });
    await after.audit.require(rotated);
    expect(await verify(everyRow(rows), only)).toMatchObject({ kind: 'whole', rows: 3, unsealed: 2 });
    // Whoever puts rows under an unknown key after that is found.
    await after.audit.require(drafted());
    tamper(dir, `UPDATE audit SET key_id = 'k9' WHERE seq = 4`);
    expect(await verify(everyRow(rows), only)).toMatchObject({
      kind: 'broken',
      seq: 4,
      why: expect.stringContaining('"k9"'),
    });
  });

  it('and the trial before there was a key, are no tampering', async () => {
    const { audit, rows, dir } = await auditIn({ keys: [] });
    await audit.require(drafted({ platform: 'local', tenant: 'local', user: 'local' }));
    await audit.close();
    const after = await auditIn({ dir, keys: [fresh] });
    await after.audit.require(drafted());
    expect(await after.verdict()).toMatchObject({ kind: 'whole', unsealed: 1 });
    expect(await verify(everyRow(rows), createSeals([]))).toMatchObject({ kind: 'whole', unsealed: 2 });
  });
});

describe('a restored backup', () => {
  const restored = { action: 'store-restored', ...SERVER, lost: 'unknown' } as const;

  it('explains why an older head is missing, and hides no row that is missing since', async () => {
    const { audit, verdict, rows, dir, start } = await ten();
    const before = (await rows.last())?.hash ?? '';
    await audit.close();
    tamper(dir, 'DELETE FROM audit WHERE seq > 5');
    expect(await verdict(before)).toMatchObject({ kind: 'broken', seq: 6 });
    const after = start();
    await after.require(restored, drafted());
    expect(await verdict()).toMatchObject({ kind: 'whole', rows: 7 });
    expect(await verdict(before)).toMatchObject({ kind: 'unknown', seq: 6, needs: 'time-of-head' });
    const since = (await rows.last())?.hash ?? '';
    expect(await verdict(since)).toMatchObject({ kind: 'whole' });
    tamper(dir, 'DELETE FROM audit WHERE seq = 5');
    expect(await verdict()).toMatchObject({ kind: 'broken', seq: 5 });
  });

  it('is believed with a good seal alone', async () => {
    const { rows, verdict, audit, dir } = await ten();
    const before = (await rows.last())?.hash ?? '';
    await audit.close();
    tamper(dir, 'DELETE FROM audit WHERE seq > 5');
    await rows.append(async (last) => [nextRow(last, restored, Date.parse(START), createSeals([dataKey()]))]);
    expect(await verdict(before)).toMatchObject({ kind: 'broken' });
  });
});

describe('rows whose time is over', () => {
  async function overFiveDays() {
    const all = await auditIn();
    for (let day = 0; day < 5; day++) {
      await all.audit.require(drafted(), drafted());
      await pass(all.clock, DAY);
    }
    return all;
  }

  it('are deleted by whole days, and the rest is whole', async () => {
    const { rows, seals, clock, verdict, actions, audit } = await overFiveDays();
    expect(await purgeAudit({ rows, seals, days: 3, now: clock.now() })).toBe(4);
    expect(await verdict()).toMatchObject({ kind: 'whole', rows: 7, purgedThrough: 4 });
    expect(await actions()).toEqual([...Array(6).fill('note-drafted'), 'audit-purged']);
    expect(await purgeAudit({ rows, seals, days: 3, now: clock.now() })).toBe(0);
    await audit.require(drafted());
    expect(await verdict()).toMatchObject({ kind: 'whole', rows: 8 });
    await pass(clock, 30 * DAY);
    expect(await purgeAudit({ rows, seals, days: 3, now: clock.now() })).toBe(8);
    expect(await verdict()).toMatchObject({ kind: 'whole', rows: 1, purgedThrough: 12 });
    await audit.require(drafted());
    expect(await verdict()).toMatchObject({ kind: 'whole', rows: 2 });
  });

  it('do not hide that more was deleted, or something else', async () => {
    const { rows, seals, clock, verdict, dir } = await overFiveDays();
    await purgeAudit({ rows, seals, days: 3, now: clock.now() });
    tamper(dir, 'DELETE FROM audit WHERE seq <= 6');
    expect(await verdict()).toMatchObject({
      kind: 'broken',
      seq: 5,
      why: expect.stringMatching(/begins with row 7, and no purge says so/),
    });
  });

  it('stay when the server starts with a clock that is years ahead, also once it is set right', async () => {
    const { audit, rows, seals, clock, actions } = await overFiveDays();
    const purge = () => purgeAudit({ rows, seals, days: 100, now: clock.now() });
    const right = clock.now();
    await pass(clock, 3_000 * DAY);
    await expect(purge()).rejects.toThrow(/clock went from 2023-11-18.* to 2032-/);
    await audit.require(drafted());
    await pass(clock, DAY);
    await audit.require(drafted());
    await expect(purge()).rejects.toThrow(/If it is wrong now, set it right/);
    clock.advance(right - clock.now());
    await audit.require(drafted());
    expect(await purge()).toBe(0);
    expect(await actions()).toEqual(Array(13).fill('note-drafted'));
  });

  it('are deleted a week after a long silence, when nobody has set the clock right', async () => {
    const { audit, rows, seals, clock } = await overFiveDays();
    const purge = () => purgeAudit({ rows, seals, days: 30, now: clock.now() });
    await pass(clock, 40 * DAY);
    await audit.require(drafted());
    await expect(purge()).rejects.toThrow(ClockJumped);
    for (let day = 0; day < 7; day++) await pass(clock, DAY);
    expect(await purge()).toBe(10);
  });

  it('stay while younger ones are before them: a clock that was set back deletes nothing too early', async () => {
    const { audit, rows, seals, clock, verdict } = await auditIn();
    await audit.require(drafted());
    const old = nextRow((await rows.last()) ?? null, drafted(), clock.now() - 10 * DAY, seals);
    await rows.append(() => Promise.resolve([old]));
    expect(await purgeAudit({ rows, seals, days: 3, now: clock.now() })).toBe(0);
    expect(await verdict()).toMatchObject({ kind: 'whole', rows: 2 });
  });
});
