import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Database } from './database/migrations.ts';
import type { Nodes } from './store.ts';

const HOUR_MS = 60 * 60 * 1000;

/** The database's own clock, which all nodes have in common, in milliseconds since the Unix epoch. */
const databaseNow = sql<number>`(extract(epoch from clock_timestamp()) * 1000)::bigint`;

/**
 * The nodes that run on one PostgreSQL.
 *
 * @param db for what can wait a little
 * @param roomsDb for what somebody waits for who wants to read a note
 */
export function createNodes(db: Database, roomsDb: Database): Nodes {
  return {
    async beat(run, url) {
      await db
        .insertInto('nodes')
        .values({ run, url, heartbeat_at: databaseNow })
        .onConflict((conflict) => conflict.column('run').doUpdateSet({ url, heartbeat_at: databaseNow }))
        .execute();
    },
    async remove(run) {
      await db.deleteFrom('nodes').where('run', '=', run).execute();
    },
    alive: (ms) =>
      roomsDb
        .selectFrom('nodes')
        .select(['run', 'url'])
        .where('heartbeat_at', '>', sql<number>`${databaseNow} - ${whole(ms)}`)
        .execute(),
    silent: (ms) =>
      roomsDb
        .selectFrom('nodes')
        .select(['run', 'url'])
        .where('heartbeat_at', '<=', sql<number>`${databaseNow} - ${whole(ms)}`)
        .execute(),
    async hostOf(roomId, ms) {
      const host = await roomsDb
        .selectFrom('rooms')
        .innerJoin('nodes', 'nodes.run', 'rooms.run')
        .select(['rooms.run', 'nodes.url', 'rooms.epoch'])
        .select(sql<boolean>`nodes.heartbeat_at > ${databaseNow} - ${whole(ms)}`.as('isAlive'))
        .where('rooms.room', '=', createHash('sha256').update(roomId).digest())
        .executeTakeFirst();
      return host ?? null;
    },
    async find(run) {
      const row = await roomsDb.selectFrom('nodes').select('url').where('run', '=', run).executeTakeFirst();
      return row?.url ?? null;
    },
    async takeDuty(name, run, ms) {
      const until = sql<number>`${databaseNow} + ${whole(ms)}`;
      // No node takes a duty for so long: the database's clock was wrong then, or somebody else wrote it.
      const impossible = sql<number>`${databaseNow} + ${2 * whole(ms)}`;
      const rows = await db
        .insertInto('duties')
        .values({ name, run, until })
        .onConflict((conflict) =>
          conflict
            .column('name')
            .doUpdateSet({ run, until })
            .where(({ eb, or }) =>
              or([
                eb('duties.run', '=', run),
                eb('duties.until', '<=', databaseNow),
                eb('duties.until', '>', impossible),
              ]),
            ),
        )
        .returning('run')
        .execute();
      return rows.length > 0;
    },
    async releaseDuty(name, run) {
      await db.deleteFrom('duties').where('name', '=', name).where('run', '=', run).execute();
    },
    async purge() {
      await db.deleteFrom('nodes').where('heartbeat_at', '<', sql<number>`${databaseNow} - ${HOUR_MS}`).execute();
      await db.deleteFrom('node_messages').where('until', '<', databaseNow).execute();
    },
  };
}

function whole(ms: number): number {
  return Math.round(ms);
}
