import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SERVER } from '../../../src/audit/audit-events.ts';
import { createSeals, nextRow } from '../../../src/audit/chain.ts';
import { purgeAudit } from '../../../src/audit/retention.ts';
import { runCli } from '../../../src/cli/glir.ts';
import type { RoomRecord } from '../../../src/rooms/room-repository.ts';
import { openStore } from '../../../src/store/open-store.ts';
import type { AuditRow } from '../../../src/store/store.ts';
import { ownDatabase, POSTGRES_SERVER } from './databases.ts';
import { postgresPlace, sqlitePlace } from './places.ts';
import {
  anything,
  CLINIC,
  DAY,
  dataKey,
  folder,
  PRACTICE,
  pastNote,
  ROSSI,
  storeAt,
  storeErrorOf,
  WEBER,
} from './setup.ts';

/** More than are copied at a time. */
const ROWS = 1_000;

describe.each(POSTGRES_SERVER === null ? [] : [POSTGRES_SERVER])('npm run glir -- move', (server) => {
  async function places() {
    const key = dataKey();
    const [from, to] = [sqlitePlace(folder()), postgresPlace(await ownDatabase(server))];
    const keys = { GLIR_DATA_KEYS: `${key.id}:${key.key.reveal()}` };
    const move = () => glir(['move'], { ...from.env, ...to.env, ...keys });
    return { key, from, to, keys, move };
  }

  it('takes everything along, and nothing away', async () => {
    const { key, from, to, keys, move } = await places();
    const before = await storeAt({ place: from, keys: [key] });
    const { store, clock } = before;
    await store.installations.save(CLINIC, { token: 'secret' });
    await store.settings.save(PRACTICE, { phone: 'Ärztin 医生' });
    await store.conversations.save(WEBER, { id: 1 });
    const notes = Array.from({ length: 3 }, (_, index) => pastNote(clock.now() - index));
    for (const note of notes) await store.history.add(ROSSI, note);
    const state = await store.states.issue({ returnTo: '/' }, 600);
    const owner = await store.serverKey('owner');
    const room: RoomRecord = {
      roomId: 'R'.repeat(22),
      doctor: ROSSI,
      joinHash: null,
      phone: null,
      createdAt: 1,
      openedAt: null,
      expiresAt: DAY,
      graceMs: 1,
      readBy: 0,
    };
    const ticket = { hash: Buffer.alloc(32, 1), box: Buffer.alloc(40, 2), until: clock.now() };
    await store.rooms.add(room, ticket);
    const end = { joinHash: null, phone: '112', reason: 'left', endedAt: 1, keepUntil: clock.now() + DAY } as const;
    await store.rooms.saveTombstones([{ tombstone: { roomId: 'O'.repeat(22), ...end }, wanted: true }]);
    const lease = { time: clock.now() + 15_000, boot: null };
    await store.rooms.renewLease(lease);
    const seals = createSeals([key]);
    // The first day of the audit is purged, so what is moved does not begin with row 1.
    await store.audit.append(() => {
      const event = { action: 'server-started', ...SERVER, version: '0.1.0', commit: null } as const;
      const rows: AuditRow[] = [];
      for (let count = 0; count < ROWS; count += 1) {
        rows.push(nextRow(rows.at(-1) ?? null, event, clock.now() - (count < 10 ? 3 * DAY : 0), seals));
      }
      return Promise.resolve(rows);
    });
    expect(await purgeAudit({ rows: store.audit, seals, days: 1, now: clock.now() })).toBe(10);
    await store.close();
    const kept = await from.bytes();

    const { code, out } = await move();
    expect(out).toMatch(/^ +2 {2}tenants$/m);
    expect(out).toMatch(/^ +991 {2}audit$/m);
    expect(code).toBe(0);
    expect((await from.bytes()).length).toBeGreaterThanOrEqual(kept.length);

    const after = await storeAt({ place: to, keys: [key], clock });
    const moved = after.store;
    expect(await moved.installations.find(CLINIC, anything)).toEqual({ token: 'secret' });
    expect(await moved.settings.find(PRACTICE, anything)).toEqual({ phone: 'Ärztin 医生' });
    expect(await moved.conversations.find(WEBER, anything)).toEqual({ id: 1 });
    expect(await moved.history.ofDoctor(ROSSI, 10)).toEqual(notes);
    await moved.history.add(ROSSI, pastNote(clock.now() + 1));
    expect(await moved.history.ofDoctor(ROSSI, 10)).toHaveLength(4);
    expect(Buffer.from(await moved.serverKey('owner'))).toEqual(Buffer.from(owner));
    expect(await moved.rooms.findClaimable(room.roomId, lease)).toEqual(room);
    expect(await moved.rooms.claim(room.roomId, lease, clock.now())).toEqual({ record: room, epoch: 2 });
    expect(await moved.rooms.redeemTicket(ticket.hash, null)).toMatchObject({ usedBefore: 'by nobody' });
    expect(await moved.rooms.findTombstone('O'.repeat(22))).toMatchObject({ reason: 'left', phone: '112' });
    expect(await moved.states.redeem(state, z.object({ returnTo: z.string() }))).toEqual({ returnTo: '/' });
    const verified = await glir(['audit', 'verify'], { ...to.env, ...keys });
    expect(verified).toMatchObject({ code: 0, out: expect.stringContaining('The audit is whole: 991 rows') });
    // The guards are there again.
    await expect(moved.audit.append(() => Promise.resolve([{ ...notNext, seq: 5 }]))).rejects.toThrow();
  });

  it('refuses a target that is not empty, and leaves it as it is', async () => {
    const { key, from, to, move } = await places();
    await (await storeAt({ place: from, keys: [key] })).store.settings.save(CLINIC, { from: 'folder' });
    await (await storeAt({ place: to, keys: [key] })).store.settings.save(CLINIC, { from: 'database' });
    expect((await storeErrorOf(move)).message).toContain('is not empty: its table tenants has rows');
    const { store } = await storeAt({ place: to, keys: [key] });
    expect(await store.settings.find(CLINIC, anything)).toEqual({ from: 'database' });
  });

  it('refuses while a server runs on the folder', async () => {
    const { key, from, move } = await places();
    const { clock } = await storeAt({ place: from, keys: [key] });
    const settings = { dir: from.dir, postgres: null, keys: [key], historyDays: 1 };
    const running = await openStore({ settings, clock, log: pino({ level: 'silent' }), forServer: 'alone' });
    const error = await storeErrorOf(move);
    expect(error.code).toBe('in-use');
    expect(error.message).toContain(from.dir);
    await running.close();
    expect((await move()).code).toBe(0);
  });

  it('says what to set when a place is missing', async () => {
    const { from, to, keys } = await places();
    await expect(glir(['move'], { ...from.env, ...keys })).rejects.toThrow('Set GLIR_DATABASE_URL');
    await expect(glir(['move'], { ...from.env, ...to.env, ...keys })).rejects.toThrow(
      /has no glir\.db\. Set GLIR_DATA_DIR/,
    );
  });

  it('keeps nothing of a copy that is not the same', async () => {
    const { key, from, to, move } = await places();
    const { store } = await storeAt({ place: from, keys: [key] });
    await store.settings.save(CLINIC, { phone: '112' });
    await store.close();
    await (await storeAt({ place: to, keys: [key] })).store.close();
    await to.meddle(`TRUNCATE server_runs;
      CREATE FUNCTION other() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.data := '{}'; RETURN new; END $$;
      CREATE TRIGGER other BEFORE INSERT ON settings FOR EACH ROW EXECUTE FUNCTION other();`);
    expect((await storeErrorOf(move)).message).toContain(
      'A row of the table settings would have arrived as another one',
    );
    expect(await to.meddle('SELECT * FROM tenants')).toEqual([]);
  });
});

const notNext = { at: 1, record: '{}', hash: 'h', keyId: null, seal: null };

async function glir(words: string[], env: NodeJS.ProcessEnv): Promise<{ code: number; out: string }> {
  let out = '';
  const code = await runCli(words, env, { out: (text) => (out += text), err: (text) => (out += text) });
  return { code, out };
}
