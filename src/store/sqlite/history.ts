import type { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import { END_REASONS } from '../../protocol/constants.ts';
import type { History, PastNote } from '../store.ts';
import { fitting, promised } from './rows.ts';
import type { Tenants } from './tenants.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const noteRow = z
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

/** The history in SQLite, with what the housekeeping needs. */
export interface SqliteHistory extends History {
  /** `purge`, done when it returns. */
  purgeNow(): number;
}

/** Doctors' past notes in SQLite; `days` is how long they are kept. */
export function sqliteHistory(db: DatabaseSync, tenants: Tenants, clock: Clock, days: number): SqliteHistory {
  const columns = 'room_tag, created_at, opened_at, ended_at, reason, read_by';
  const add = db.prepare(`INSERT INTO history (platform, tenant, user, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
  const ofDoctor = db.prepare(
    `SELECT ${columns} FROM history WHERE platform = ? AND tenant = ? AND user = ? AND ended_at > ?
     ORDER BY ended_at DESC, id DESC LIMIT ?`,
  );
  const purge = db.prepare('DELETE FROM history WHERE ended_at <= ?');
  /** Notes that ended at this time or before are no longer kept. */
  const limitMs = () => clock.now() - days * DAY_MS;
  const purgeNow = () => Number(purge.run(limitMs()).changes);

  return {
    async add(doctor, { roomTag, createdAt, openedAt, endedAt, reason, readBy }) {
      if (days === 0) return;
      const { platform, tenant, user } = doctor;
      await tenants.write(doctor, () =>
        add.run(platform, tenant, user, roomTag, createdAt, openedAt, endedAt, reason, readBy),
      );
    },
    ofDoctor: ({ platform, tenant, user }, limit) =>
      promised(() =>
        ofDoctor.all(platform, tenant, user, limitMs(), limit).map((row) => fitting(noteRow, row, 'A past note')),
      ),
    purge: () => promised(purgeNow),
    purgeNow,
  };
}
