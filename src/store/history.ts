import { sql } from 'kysely';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { END_REASONS } from '../protocol/constants.ts';
import type { Database } from './database/migrations.ts';
import { parseStored } from './errors.ts';
import type { History, PastNote } from './store.ts';
import { writeOfTenant } from './tenants.ts';

const HOUR_MS = 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;

const rowSchema = z
  .object({
    room_tag: z.string(),
    created_at: z.int(),
    opened_at: z.int(),
    ended_at: z.int(),
    reason: z.enum(END_REASONS),
    read_by: z.int(),
  })
  .transform(
    (row): PastNote => ({
      roomTag: row.room_tag,
      createdAt: row.created_at,
      openedAt: row.opened_at,
      endedAt: row.ended_at,
      reason: row.reason,
      readBy: row.read_by,
    }),
  );

/** PostgreSQL gives sums as text. */
const number = z.coerce.number().pipe(z.int());
const countSchema = z.object({ hour: number, reason: z.enum(END_REASONS), notes: number, readers: number });

/** Doctors' past notes in the database; `days` is how long they are kept. */
export function createHistory(db: Database, clock: Clock, days: number): History {
  /** Notes that ended at this time or before are no longer kept. */
  const limitMs = () => clock.now() - days * DAY_MS;

  return {
    async add(doctor, { roomTag, createdAt, openedAt, endedAt, reason, readBy }) {
      if (days === 0) return;
      const { platform, tenant, user } = doctor;
      const note = { room_tag: roomTag, created_at: createdAt, opened_at: openedAt, ended_at: endedAt, reason };
      await writeOfTenant(db, doctor, async (transaction) => {
        await transaction
          .insertInto('history')
          .values({ platform, tenant, user, ...note, read_by: readBy })
          .execute();
      });
    },
    async ofDoctor({ platform, tenant, user }, limit) {
      const rows = await db
        .selectFrom('history')
        .select(['room_tag', 'created_at', 'opened_at', 'ended_at', 'reason', 'read_by'])
        .where((where) => where.and({ platform, tenant, user }))
        .where('ended_at', '>', limitMs())
        .orderBy('ended_at', 'desc')
        .orderBy('id', 'desc')
        .limit(limit)
        .execute();
      return rows.map((row) => parseStored(rowSchema, row, 'A past note'));
    },
    async counts(tenant, since) {
      const hour = sql<number>`cast(ended_at / ${sql.lit(HOUR_MS)} as bigint)`;
      let query = db
        .selectFrom('history')
        .select(['reason', hour.as('hour')])
        .select(sql<number>`count(*)`.as('notes'))
        .select(sql<number>`sum(read_by)`.as('readers'))
        .where('ended_at', '>', Math.max(since, limitMs()));
      if (tenant !== null) {
        const { platform, tenant: id } = tenant;
        query = query.where((where) => where.and({ platform, tenant: id }));
      }
      const rows = await query.groupBy(['reason', hour]).orderBy('hour').execute();
      return rows.map((row) => parseStored(countSchema, row, 'A count of past notes'));
    },
    async purge() {
      const { numDeletedRows } = await db.deleteFrom('history').where('ended_at', '<=', limitMs()).executeTakeFirst();
      return Number(numDeletedRows);
    },
  };
}
