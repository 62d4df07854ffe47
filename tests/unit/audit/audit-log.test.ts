import { describe, expect, it } from 'vitest';
import { SERVER } from '../../../src/audit/audit-events.ts';
import { createSeals, nextRow } from '../../../src/audit/chain.ts';
import { pass } from '../rooms/setup.ts';
import { dataKey, meddle } from '../store/setup.ts';
import { auditIn, drafted, START, tamper, WAITING_MAX } from './setup.ts';

const resumed = {
  action: 'note-resumed',
  platform: 'local',
  tenant: 'local',
  user: 'local',
  room: 'AbCd1234',
} as const;

describe('the audit', () => {
  it('writes what is required at once, and the rest soon, in the order in which it happened', async () => {
    const { audit, clock, records, actions } = await auditIn();
    await audit.require(drafted());
    expect(await records()).toEqual([{ v: 1, seq: 1, at: START, prev: '0'.repeat(64), ...drafted() }]);
    audit.record(resumed);
    expect(await actions()).toEqual(['note-drafted']);
    await pass(clock, 25);
    expect(await actions()).toEqual(['note-drafted', 'note-resumed']);
    audit.record(resumed);
    await pass(clock, 1);
    await audit.require(drafted());
    expect((await records()).map(({ at }) => String(at).slice(-5))).toEqual(['.000Z', '.000Z', '.025Z', '.026Z']);
  });

  it('writes what waits when it is closed, and nothing afterwards', async () => {
    const { audit, actions } = await auditIn();
    audit.record(resumed);
    await audit.close();
    expect(await actions()).toEqual(['note-resumed']);
    audit.record(resumed);
    await expect(audit.require(drafted())).rejects.toThrow('cannot be written');
    expect(await actions()).toEqual(['note-resumed']);
  });

  it('tells the log its head when it closes, every thousand rows, and not twice', async () => {
    const { audit, logged, rows } = await auditIn();
    const heads = () => logged().flatMap(({ event, head }) => (event === 'audit-head' ? [head] : []));
    audit.record(...Array(999).fill(resumed));
    await audit.require(drafted());
    expect(heads()).toEqual([`1000:${(await rows.last())?.hash}`]);
    audit.logHead();
    await audit.require(drafted());
    await audit.close();
    expect(heads()).toEqual([expect.stringMatching(/^1000:/), `1001:${(await rows.last())?.hash}`]);
  });
});

describe('while the audit cannot be written,', () => {
  const broken = async () => {
    const all = await auditIn();
    await all.audit.require(drafted());
    all.state.failing = new Error('disk full');
    return all;
  };

  it('what is required is refused and leaves nothing, everything else waits, and one line says why', async () => {
    const { audit, state, clock, actions, logged, records } = await broken();
    expect(audit.available()).toBe(true);
    await expect(audit.require(drafted())).rejects.toThrow('cannot be written');
    expect(audit.available()).toBe(false);
    await expect(audit.require(drafted())).rejects.toThrow('cannot be written');
    audit.record(resumed);
    await pass(clock, 500);
    expect(logged().filter(({ event }) => event === 'audit-failing')).toMatchObject([{ reason: 'disk full' }]);

    state.failing = null;
    await pass(clock, 4_000);
    expect(audit.available()).toBe(true);
    expect(await actions()).toEqual(['note-drafted', 'note-resumed', 'audit-resumed']);
    expect((await records()).at(-1)).toMatchObject({ since: START, refused: 2, lost: 0 });
    await audit.require(drafted());
    expect((await actions()).at(-1)).toBe('note-drafted');
  });

  it('tries again by itself every few seconds and not with each note, because a try may take its time', async () => {
    const { audit, state, clock } = await broken();
    for (let count = 0; count < 100; count++) await expect(audit.require(drafted())).rejects.toThrow();
    expect(state.tries).toBe(2);
    await pass(clock, 60_000);
    const before = state.tries;
    await pass(clock, 4_000);
    expect(state.tries).toBe(before + 1);
  });

  it('keeps as many rows as may wait, counts what is lost beyond that, and writes both down', async () => {
    const { audit, state, clock, actions, records, logged, verdict } = await broken();
    await expect(audit.require(drafted())).rejects.toThrow();
    for (let count = 0; count < WAITING_MAX + 7; count++) audit.record(resumed);
    expect(logged().filter(({ event }) => event === 'audit-losing')).toHaveLength(1);
    state.failing = null;
    await pass(clock, 4_000);
    expect(await actions()).toHaveLength(WAITING_MAX + 2);
    expect((await records()).at(-1)).toMatchObject({ action: 'audit-resumed', lost: 7, refused: 1 });
    expect((await verdict()).kind).toBe('whole');
  });

  it('says at the end how many rows are lost', async () => {
    const { audit, logged } = await broken();
    for (let count = 0; count < 3; count++) audit.record(resumed);
    await audit.close();
    expect(logged().at(-1)).toMatchObject({ event: 'audit-lost', lost: 3 });
  });
});

describe('many rows at once', () => {
  it('are all written, also more than may wait', async () => {
    const { audit, clock, actions } = await auditIn();
    for (let count = 0; count < WAITING_MAX * 3 + 1; count++) audit.record(resumed);
    await pass(clock, 25);
    expect(await actions()).toHaveLength(WAITING_MAX * 3 + 1);
  });
});

describe('a running server whose audit somebody tampers with', () => {
  it.each([
    ['removes the last row', 'DELETE FROM audit WHERE seq = 2'],
    ['removes all rows', 'DELETE FROM audit'],
    ['changes the last row', `UPDATE audit SET hash = '${'a'.repeat(64)}' WHERE seq = 2`],
  ])('opens no more notes and says so, when somebody %s', async (_what, statements) => {
    const { audit, dir, logged, clock, start } = await auditIn();
    await audit.require(drafted());
    await audit.require(drafted());
    tamper(dir, statements);
    await expect(audit.require(drafted())).rejects.toThrow('cannot be written');
    expect(logged().at(-1)).toMatchObject({ event: 'audit-tampered', reason: expect.stringContaining('audit verify') });
    await pass(clock, 60_000);
    expect(audit.available()).toBe(false);
    // A new start goes on: doctors have to work, and `verify` names the row from now on.
    await start().require(drafted());
  });

  it('opens no more notes when somebody without the keys adds a row that fits', async () => {
    const { audit, rows } = await auditIn();
    await audit.require(drafted());
    const stranger = createSeals([dataKey('k1')]);
    await rows.append((last) => Promise.resolve([nextRow(last, drafted(), 0, stranger)]));
    await expect(audit.require(drafted())).rejects.toThrow('cannot be written');
    expect(audit.available()).toBe(false);
  });

  it('goes on beside another process that adds rows', async () => {
    const { audit, start, verdict } = await auditIn();
    const other = start();
    for (let count = 0; count < 3; count++) for (const each of [audit, other]) await each.require(drafted());
    expect(await verdict()).toMatchObject({ kind: 'whole', rows: 6 });
  });
});

describe("the table's own rules refuse", () => {
  it.each([
    ['to change a row', `UPDATE audit SET at = 1 WHERE seq = 1`],
    ['to delete a row', 'DELETE FROM audit WHERE seq = 1'],
    ['to delete all rows', 'DELETE FROM audit'],
    [
      'to replace a row',
      `INSERT OR REPLACE INTO audit SELECT 1, at, record, hash, key_id, seal FROM audit WHERE seq = 2`,
    ],
    [
      'a row with a gap before it',
      `INSERT INTO audit SELECT 9, at, record, hash, key_id, seal FROM audit WHERE seq = 2`,
    ],
    ['a row without a place', `INSERT INTO audit SELECT NULL, at, record, hash, key_id, seal FROM audit WHERE seq = 2`],
  ])('%s', async (_what, statements) => {
    const { audit, dir, verdict } = await auditIn();
    await audit.require(drafted(), drafted());
    expect(() => meddle(dir, statements)).toThrow(/row of the audit/);
    expect(await verdict()).toMatchObject({ kind: 'whole', rows: 2 });
  });

  it('to delete more than the purge says', async () => {
    const { audit, dir, rows } = await auditIn();
    await audit.require(drafted(), drafted(), drafted());
    const { hash = '' } = (await rows.find(2)) ?? {};
    await audit.require({ action: 'audit-purged', ...SERVER, through: 2, throughHash: hash });
    expect(() => meddle(dir, 'DELETE FROM audit WHERE seq <= 3')).toThrow(/row of the audit/);
    expect(() => meddle(dir, 'DELETE FROM audit WHERE seq <= 2')).not.toThrow();
  });
});
