import { inspect } from 'node:util';
import { sql } from 'kysely';
import { pino } from 'pino';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { PostgresConfig } from '../../../src/config/postgres-url.ts';
import { Secret } from '../../../src/config/secret.ts';
import { hashOfRoom } from '../../../src/rooms/room.ts';
import type { HostTombstone, Moment, RoomRecord, StoredTicket } from '../../../src/rooms/room-repository.ts';
import { incarnationOf } from '../../../src/store/database/incarnation.ts';
import { openPostgresDatabase } from '../../../src/store/database/postgres-database.ts';
import { asPostgresError } from '../../../src/store/database/postgres-errors.ts';
import { openStore } from '../../../src/store/open-store.ts';
import type { Store } from '../../../src/store/store.ts';
import { Cable } from '../../support/postgres/cable.ts';
import { standingClock } from '../../support/server/movable-clock.ts';
import { ownDatabase, POSTGRES_SERVER } from './databases.ts';
import { postgresPlace } from './places.ts';
import { anything, CLINIC, dataKey, PRACTICE, pastNote, ROSSI, storeAt, storeErrorOf } from './setup.ts';

const ROOM: RoomRecord = {
  roomId: 'R'.repeat(22),
  doctor: ROSSI,
  joinHash: null,
  phone: null,
  createdAt: 1,
  openedAt: null,
  expiresAt: 2,
  graceMs: 1_000,
  readBy: 0,
};
const TOMBSTONE: HostTombstone = {
  tombstone: { roomId: ROOM.roomId, joinHash: null, phone: null, reason: 'left', endedAt: 1, keepUntil: 9 },
  wanted: true,
};
const NOW: Moment = { time: 1, boot: null };

/** A ticket of its own for each room. */
function ticketOf({ roomId }: RoomRecord): StoredTicket {
  return { hash: Buffer.from(roomId), box: Buffer.alloc(40), until: 3 };
}

/** What a loaded machine may add to a time. */
const SLACK_MS = 1_500;

describe.each(POSTGRES_SERVER === null ? [] : [POSTGRES_SERVER])('PostgreSQL', (server) => {
  async function opened(config: PostgresConfig) {
    const database = await openPostgresDatabase(config);
    onTestFinished(() => database.close());
    return database;
  }

  /** A store behind a cable. */
  async function cabled() {
    const test = await ownDatabase(server);
    const cable = await Cable.to(server.port);
    onTestFinished(() => cable.close());
    const at = await storeAt({ place: { ...postgresPlace(test), postgres: { ...test.config, port: cable.port } } });
    await at.store.settings.save(CLINIC, { kept: true });
    await at.store.rooms.add(ROOM, ticketOf(ROOM));
    return { ...at, ...test, cable };
  }

  async function timed(work: () => Promise<unknown>): Promise<{ ms: number; code: string }> {
    const start = performance.now();
    const { code } = await storeErrorOf(work);
    return { ms: performance.now() - start, code };
  }

  describe('a database', () => {
    async function runServer(
      { config }: { config: PostgresConfig },
      clock = standingClock(),
      forServer: 'alone' | 'of-cluster' = 'alone',
    ) {
      const settings = { dir: null, postgres: config, keys: [dataKey()], historyDays: 1 };
      const store = await openStore({ settings, clock, log: pino({ level: 'silent' }), forServer });
      onTestFinished(() => store.close());
      return store;
    }

    it('is refused to a second server, which is told what to set, until the first one stops', async () => {
      const test = await ownDatabase(server);
      const first = await runServer(test);
      const error = await storeErrorOf(() => runServer(test));
      expect(error.code).toBe('in-use');
      expect(error.message).toMatch(/Another server runs on this database.*GLIR_DATABASE_URL/);
      await first.close();
      await runServer(test);
    });

    it('is shared by nodes of a cluster, and by them alone', async () => {
      const test = await ownDatabase(server);
      const runNode = () => runServer(test, standingClock(), 'of-cluster');
      const nodes = [await runNode(), await runNode()];
      const refusedAlone = await storeErrorOf(() => runServer(test));
      expect(refusedAlone.message).toMatch(
        /Another server runs on this database.* set GLIR_NODE_URL and GLIR_CLUSTER_KEY/,
      );
      for (const node of nodes) await node.close();
      const alone = await runServer(test);
      const refusedNode = await storeErrorOf(runNode);
      expect(refusedNode.code).toBe('in-use');
      expect(refusedNode.message).toMatch(/no node of a cluster.* set GLIR_NODE_URL and GLIR_CLUSTER_KEY on each/);
      await alone.close();
      await runNode();
    });

    it('is its server’s again after its connection broke', async () => {
      const test = await ownDatabase(server);
      const clock = standingClock();
      await runServer(test, clock);
      const { db } = await opened(test.config);
      const held = sql`FROM pg_locks WHERE locktype = 'advisory' AND objid = 2 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
      const holders = async () =>
        (await sql<{ pid: number }>`SELECT pid ${held}`.execute(db)).rows.map(({ pid }) => pid);
      const [before] = await holders();
      await sql`SELECT pg_terminate_backend(${before})`.execute(db);
      await expect
        .poll(async () => {
          clock.advance(1_000);
          const now = await holders();
          return now.length === 1 && !now.includes(before ?? 0);
        })
        .toBe(true);
      expect((await storeErrorOf(() => runServer(test))).code).toBe('in-use');
    });
  });

  describe('connections', () => {
    const localhost = (config: PostgresConfig) => ({ ...config, host: 'localhost' });

    it('are encrypted, with a server whose certificate is trusted and names the host', async () => {
      const { config } = await ownDatabase(server);
      const tls = { mode: 'verify-full', rootCert: server.certificate } as const;
      const { db } = await opened({ ...localhost(config), tls });
      const { rows } = await sql`SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()`.execute(db);
      expect(rows).toEqual([{ ssl: true }]);
    });

    it.each([
      ['nobody trusts its certificate', 'localhost', null],
      ['its certificate names another host', '127.0.0.1', 'its own'],
    ])('are refused when %s, saying what to set', async (_why, host, rootCert) => {
      const { config } = await ownDatabase(server);
      const tls = { mode: 'verify-full', rootCert: rootCert && server.certificate } as const;
      const error = await storeErrorOf(() => opened({ ...config, host, tls }));
      expect(error.code).toBe('unusable');
      expect(error.message).toMatch(/certificate is not trusted.* sslrootcert=\/path in GLIR_DATABASE_URL/);
    });

    it('with sslmode=require ask for no certificate, but for its CA where one is named', async () => {
      const { config } = await ownDatabase(server);
      const requiring = (rootCert: string | null) => opened({ ...config, tls: { mode: 'require', rootCert } });
      await requiring(null);
      await requiring(server.certificate);
      const error = await storeErrorOf(() => requiring('/nowhere/ca.pem'));
      expect(error.message).toContain('cannot be read (ENOENT): /nowhere/ca.pem');
    });

    it('go over a Unix socket as well, without a password', async () => {
      const { config } = await ownDatabase(server);
      const { db } = await opened({ ...config, host: server.socketFolder, password: null });
      expect((await sql`SELECT 1 AS one`.execute(db)).rows).toEqual([{ one: 1 }]);
    });

    it.each([
      ['a wrong password', { password: new Secret('MARKER') }, /does not let GLIR in.*28P01/],
      ['no such database', { database: 'nothing' }, /has no such database.*3D000/],
      ['nobody at the port', { port: 1 }, /cannot be reached.*ECONNREFUSED/],
    ])('say what to look at: %s', async (_what, wrong, text) => {
      const { config } = await ownDatabase(server);
      const error = await storeErrorOf(() => opened({ ...config, ...wrong }));
      expect(error.code).toBe('unusable');
      expect(error.message).toMatch(text);
      expect(inspect(error, { depth: 9 })).not.toMatch(new RegExp(`MARKER|${config.password?.reveal()}`));
    });
  });

  it.each([
    ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a non-empty string', 'Look at user, password'],
    ['The server does not support SSL connections', 'offers no TLS'],
    ['Connection terminated unexpectedly', 'cannot be reached'],
  ])('explains what its client says without a code: %s', (message, text) => {
    expect(asPostgresError(new Error(message))).toMatchObject({
      code: 'unusable',
      message: expect.stringContaining(text),
    });
  });

  it('gives numbers and bytes as SQLite does', async () => {
    const { config } = await ownDatabase(server);
    const { db } = await opened(config);
    const { rows } = await sql`SELECT count(*) AS few, 1700000000000::bigint AS time, 9223372036854775807 AS large,
      '\\x0102'::bytea AS bytes`.execute(db);
    expect(rows).toEqual([
      { few: 1, time: 1_700_000_000_000, large: '9223372036854775807', bytes: Buffer.from([1, 2]) },
    ]);
  });

  it('is not shared with others: their tables are left alone, and a user without rights is told so', async () => {
    const { config, run } = await ownDatabase(server);
    await run('CREATE TABLE settings (theirs TEXT)');
    expect((await storeErrorOf(() => opened(config))).message).toContain('tables of something else');
    expect(await run("SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = 'tenants'")).toEqual([]);
    const poor = await ownDatabase(server);
    await poor.run('REVOKE ALL ON SCHEMA public FROM PUBLIC; ALTER SCHEMA public OWNER TO postgres');
    expect((await storeErrorOf(() => opened(poor.config))).code).toBe('unusable');
  });

  it('repeats no row in an error', async () => {
    const { config, run } = await ownDatabase(server);
    const { store } = await storeAt({ place: postgresPlace({ ...(await ownDatabase(server)), config, run }) });
    await run("ALTER TABLE settings ADD CHECK (data NOT LIKE '%MARKER%')");
    const error = await storeErrorOf(() => store.settings.save(CLINIC, { text: 'MARKER' }));
    expect(error.message).toContain('(23514)');
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('MARKER');
  });

  describe('put back from a dump', () => {
    /** Reading a dump makes the tables anew. */
    const PUT_BACK = `CREATE TABLE again (LIKE rooms INCLUDING ALL);
      INSERT INTO again SELECT * FROM rooms;
      DROP TABLE rooms;
      ALTER TABLE again RENAME TO rooms`;

    it('brings no room back, until its run says that it is there', async () => {
      const test = await ownDatabase(server);
      const { store } = await storeAt({ place: postgresPlace(test) });
      const { rooms: next } = (await storeAt({ place: postgresPlace(test) })).store;
      await store.rooms.add(ROOM, ticketOf(ROOM));
      await store.rooms.renewLease(NOW);
      expect(await next.findClaimable(ROOM.roomId, NOW)).toEqual(ROOM);
      await test.runAsOwner(PUT_BACK);
      expect(await next.findClaimable(ROOM.roomId, NOW)).toBeUndefined();
      expect(await next.claim(ROOM.roomId, NOW, 1)).toBe('unknown');
      expect(await next.runsWithAbandoned(NOW)).toEqual([store.rooms.run]);
      await store.rooms.renewLease(NOW);
      expect(await next.runsWithAbandoned(NOW)).toEqual([]);
      expect(await next.claim(ROOM.roomId, NOW, 1)).toEqual({ record: ROOM, epoch: 2 });
    });

    it('is told from its former self by a user without any rights but those on GLIR’s tables', async () => {
      const { config, run } = await ownDatabase(server);
      const { db } = await opened(config);
      const [role] = await run(`SELECT rolsuper, rolreplication FROM pg_roles WHERE rolname = '${config.user}'`);
      expect(role).toEqual({ rolsuper: false, rolreplication: false });
      const incarnation = await incarnationOf(db);
      expect(incarnation).toMatch(/^\d+-\d+-[0-9A-F]{8}$/);
      expect(await incarnationOf((await opened(config)).db)).toBe(incarnation);
      expect(await incarnationOf((await opened((await ownDatabase(server)).config)).db)).not.toBe(incarnation);
    });
  });

  describe('when others hold it', () => {
    it("rooms' calls give up after 250 ms, others after 2 s, and both go on afterwards", async () => {
      const { store, runAsOwner } = await cabled();
      const held = runAsOwner('BEGIN; LOCK TABLE tombstones, settings; SELECT pg_sleep(4); COMMIT');
      await expect.poll(() => storeErrorOf(() => store.rooms.findTombstone(ROOM.roomId))).toBeDefined();
      const [rooms, others] = await Promise.all([
        timed(() => store.rooms.findTombstone(ROOM.roomId)),
        timed(() => store.settings.find(CLINIC, anything)),
      ]);
      expect(rooms.code).toBe('unusable');
      expect(rooms.ms).toBeLessThan(250 + SLACK_MS);
      expect(others.code).toBe('unusable');
      expect(others.ms).toBeGreaterThan(1_000);
      expect(others.ms).toBeLessThan(2_000 + SLACK_MS);
      await held;
      expect(await store.settings.find(CLINIC, anything)).toEqual({ kept: true });
      await store.rooms.saveTombstones([TOMBSTONE]);
    });

    it('a server that freezes in the middle of a transaction holds up the others for two seconds at most', async () => {
      const { store, place } = await cabled();
      const frozen = await storeAt({ place });
      const { promise: thaw, resolve } = Promise.withResolvers<never[]>();
      const { promise: freezes, resolve: freeze } = Promise.withResolvers<void>();
      const stuck = storeErrorOf(() =>
        frozen.store.audit.append(() => {
          freeze();
          return thaw;
        }),
      );
      await freezes;
      const row = { at: 1, record: '{}', hash: 'h', keyId: null, seal: null };
      const append = () => store.audit.append((last) => Promise.resolve([{ ...row, seq: (last?.seq ?? 0) + 1 }]));
      await expect.poll(() => append().catch(() => null), { timeout: 2_000 + 4 * SLACK_MS }).not.toBeNull();
      resolve([]);
      expect((await stuck).code).toBe('unusable');
    });
  });

  describe('when the connection is lost', () => {
    it.each(['cut', 'pull'] as const)(
      'calls end with a StoreError, and it is there again by itself: %s',
      async (how) => {
        const { store, cable } = await cabled();
        cable[how]();
        if (how === 'pull') {
          const lost = await timed(() => store.rooms.saveTombstones([TOMBSTONE]));
          expect(lost.code).toBe('unusable');
          expect(lost.ms).toBeLessThan(250 + SLACK_MS);
          cable.putBack();
        }
        await expect
          .poll(() => store.rooms.saveTombstones([TOMBSTONE]).then(() => 'kept', String), { timeout: 10_000 })
          .toBe('kept');
        await expect
          .poll(() => store.settings.find(CLINIC, anything).catch(() => null), { timeout: 10_000 })
          .toEqual({
            kept: true,
          });
      },
    );

    it('in the middle of a transaction, nothing of it is kept and nothing crashes', async () => {
      const { store, cable, run, config } = await cabled();
      const row = { seq: 1, at: 1, record: '{}', hash: 'h', keyId: null, seal: null };
      const lost = await storeErrorOf(() =>
        store.audit.append(async () => {
          await run(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${config.user}'`);
          cable.cut();
          return [row];
        }),
      );
      expect(lost.code).toBe('unusable');
      await expect
        .poll(() => store.audit.append(() => Promise.resolve([row])).catch(() => null), { timeout: 10_000 })
        .toEqual(row);
    });
  });

  describe('several servers at once', () => {
    it('write one audit without a gap', async () => {
      const { store, place } = await cabled();
      const others = await Promise.all([storeAt({ place }), storeAt({ place })]);
      const row = { at: 1, record: '{}', hash: 'h', keyId: null, seal: null };
      const states = new Set<unknown>();
      const write = async ({ audit }: Store): Promise<void> => {
        for (let count = 0; count < 10; ) {
          // On a loaded machine a turn may not come in time.
          const link = await audit
            .append((last) => Promise.resolve([1, 2].map((more) => ({ ...row, seq: (last?.seq ?? 0) + more }))))
            .catch((error) => {
              states.add(Object(error).cause?.code);
              return null;
            });
          if (link !== null) count += 1;
        }
      };
      await Promise.all([store, ...others.map((other) => other.store)].map(write));
      const seqs = (await store.audit.page(0, 100)).map(({ seq }) => seq);
      expect(seqs).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
      // Nobody tried to take a place that was taken.
      expect([...states].filter((state) => ['23505', 'P0001'].includes(String(state)))).toEqual([]);
    });

    it('never overlook a tombstone that is written while a room is saved or claimed', async () => {
      const { store, place } = await cabled();
      const other = await storeAt({ place });
      await store.rooms.renewLease(NOW);
      for (let round = 0; round < 30; round += 1) {
        const room = { ...ROOM, roomId: `${round}`.padEnd(22, 'x') };
        await store.rooms.add(room, ticketOf(room));
        const { roomId } = room;
        await Promise.all([
          store.rooms.save({ ...room, joinHash: 'h'.repeat(43) }, 1).catch(() => null),
          other.store.rooms.claim(roomId, NOW, 1).catch(() => null),
          store.rooms
            .saveTombstones([{ tombstone: { ...TOMBSTONE.tombstone, roomId }, wanted: true }])
            .catch(() => null),
        ]);
        const left = await place.meddle(`SELECT 1 FROM rooms WHERE room = sha256('${roomId}')`);
        if ((await store.rooms.findTombstone(roomId)) !== undefined) expect(left).toEqual([]);
      }
    });

    it('never both have a room, however they claim it, and a late save of the former host is none', async () => {
      const { store, place } = await cabled();
      const other = await storeAt({ place });
      await store.rooms.renewLease(NOW);
      await other.store.rooms.renewLease(NOW);
      for (let round = 0; round < 20; round += 1) {
        const room = { ...ROOM, roomId: `${round}`.padEnd(22, 'y') };
        await store.rooms.add(room, ticketOf(room));
        const [claimed, saved] = await Promise.all([
          other.store.rooms.claim(room.roomId, NOW, 1).catch(() => null),
          store.rooms.save({ ...room, readBy: 7 }, 1).catch(() => null),
          store.rooms.claim(room.roomId, NOW, 1).catch(() => null),
        ]);
        const hash = hashOfRoom(room.roomId);
        const [here, there] = [await store.rooms.hosted(), await other.store.rooms.hosted()];
        expect([here.has(hash), there.has(hash)].filter(Boolean)).toHaveLength(1);
        // Whoever claimed after a save that was kept has what was saved.
        if (saved === true && claimed !== null && typeof claimed === 'object' && 'epoch' in claimed) {
          expect(claimed.record.readBy).toBe(7);
        }
        expect(await store.rooms.save({ ...room, readBy: 9 }, 1)).toBe(false);
      }
    });

    it('end what nobody brought back once between them', async () => {
      const { store, place } = await cabled();
      const others = await Promise.all([storeAt({ place }), storeAt({ place })]);
      const late = { time: 5_000, boot: null };
      const ends = await Promise.all(
        others.map((each) => each.store.rooms.endAbandoned([store.rooms.run], late, 5_000)),
      );
      expect(ends.flat()).toMatchObject([{ reason: 'expired', endedAt: 2 }]);
    });

    it('have one owner key from the first start on', async () => {
      const { config } = await ownDatabase(server);
      const keys = [dataKey()];
      const settings = { dir: null, postgres: config, keys, historyDays: 1 };
      const open = async () => {
        const store = await openStore({ settings, clock: standingClock(), log: pino({ level: 'silent' }) });
        onTestFinished(() => store.close());
        return store;
      };
      const stores = await Promise.all([open(), open(), open()]);
      const owners = await Promise.all(stores.map(async (store) => Buffer.from(await store.serverKey('owner'))));
      expect(new Set(owners.map((owner) => owner.toString('hex'))).size).toBe(1);
    });

    it('write for a tenant that another one deletes', async () => {
      const { store, clock, place } = await cabled();
      const other = await storeAt({ place });
      for (let round = 0; round < 20; round += 1) {
        await Promise.all([
          store.history.add({ ...ROSSI, ...PRACTICE }, pastNote(clock.now())),
          store.settings.save(PRACTICE, { round }),
          other.store.removeTenant(PRACTICE),
        ]);
      }
      await store.settings.save(PRACTICE, { after: true });
      expect(await other.store.settings.find(PRACTICE, anything)).toEqual({ after: true });
    });

    it('rotate keys while somebody installs again, whose newer installation stays', async () => {
      const [old, fresh] = [dataKey('old'), dataKey('fresh')];
      const place = postgresPlace(await ownDatabase(server));
      const before = await storeAt({ place, keys: [old] });
      const after = await storeAt({ place, keys: [fresh, old] });
      for (let round = 0; round < 10; round += 1) {
        await before.store.installations.save(CLINIC, { round, token: 'older' });
        await Promise.all([
          after.store.installations.rotate(),
          after.store.installations.save(CLINIC, { round, token: 'newer' }),
        ]);
        expect(await after.store.installations.find(CLINIC, anything)).toEqual({ round, token: 'newer' });
      }
    });
  });
});
