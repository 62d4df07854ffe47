import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { END_REASONS } from '../protocol/constants.ts';
import { roomTag } from '../rooms/room.ts';
import { eraseDeleted } from './database/erase-deleted.ts';
import type { Database } from './database/migrations.ts';
import { parseStored, parseStoredJson } from './errors.ts';
import type { ChatMessage, ChatMessages } from './store.ts';
import { writeOfTenant } from './tenants.ts';

/** Longer than any note lives; then nobody needs to change the message any more. */
const KEPT_MS = 3 * 24 * 60 * 60 * 1000;

const WHAT = 'The place of a message';
const rowSchema = z.object({
  platform: z.enum(['slack', 'teams', 'local']),
  tenant: z.string(),
  user: z.string(),
  room_tag: z.string(),
  run: z.string(),
  data: z.string(),
});
const COLUMNS = ['platform', 'tenant', 'user', 'room_tag', 'run', 'data'] as const;
const endSchema = z.object({ reason: z.enum(END_REASONS), ended_at: z.int() });

/** Where chats show notes, in the database, as the server of a run sees them. */
export function createChatMessages(db: Database, clock: Clock, run: string): ChatMessages {
  return {
    run,
    save: (doctor, roomId, data) =>
      writeOfTenant(db, doctor, async (transaction) => {
        const { platform, tenant, user } = doctor;
        const changing = { run, is_over: 0, data: JSON.stringify(data), keep_until: clock.now() + KEPT_MS };
        await transaction
          .insertInto('chat_messages')
          .values({ platform, tenant, user, room_tag: roomTag(roomId), room: hashOf(roomId), ...changing })
          .onConflict((conflict) => conflict.columns(['platform', 'tenant', 'user', 'room_tag']).doUpdateSet(changing))
          .execute();
      }),
    async take({ platform, tenant, user }, tag, from) {
      const taken = await db
        .updateTable('chat_messages')
        .set({ run })
        .where((where) => where.and({ platform, tenant, user, room_tag: tag, run: from }))
        .returning('run')
        .executeTakeFirst();
      return taken !== undefined;
    },
    async end({ platform, tenant, user }, tag, data) {
      await db
        .updateTable('chat_messages')
        .set({ data: JSON.stringify(data), is_over: 1 })
        .where((where) => where.and({ platform, tenant, user, room_tag: tag }))
        .execute();
    },
    async find({ platform, tenant, user }, tag, schema) {
      const row = await db
        .selectFrom('chat_messages')
        .select(COLUMNS)
        .where((where) => where.and({ platform, tenant, user, room_tag: tag }))
        .executeTakeFirst();
      return row === undefined ? null : messageOf(row, schema);
    },
    async followed(platform, schema) {
      const rows = await db
        .selectFrom('chat_messages')
        .select(COLUMNS)
        .where('platform', '=', platform)
        .where('is_over', '=', 0)
        .where('keep_until', '>', clock.now())
        .orderBy('keep_until')
        .execute();
      return rows.map((row) => messageOf(row, schema));
    },
    async mayBeLive({ platform, tenant, user }, tag) {
      const row = await db
        .selectFrom('chat_messages')
        .innerJoin('rooms', 'rooms.room', 'chat_messages.room')
        .select('rooms.tag')
        .where('chat_messages.platform', '=', platform)
        .where('chat_messages.tenant', '=', tenant)
        .where('chat_messages.user', '=', user)
        .where('chat_messages.room_tag', '=', tag)
        .executeTakeFirst();
      return row !== undefined;
    },
    async endOf({ platform, tenant, user }, tag) {
      const row = await db
        .selectFrom('chat_messages')
        .innerJoin('tombstones', 'tombstones.room', 'chat_messages.room')
        .select(['tombstones.reason as reason', 'tombstones.ended_at as ended_at'])
        .where('platform', '=', platform)
        .where('tenant', '=', tenant)
        .where('user', '=', user)
        .where('room_tag', '=', tag)
        .executeTakeFirst();
      if (row === undefined) return null;
      const { reason, ended_at: at } = parseStored(endSchema, row, WHAT);
      return { reason, at };
    },
    async purge() {
      await db.deleteFrom('chat_messages').where('keep_until', '<=', clock.now()).execute();
      await eraseDeleted(db, ['chat_messages']);
    },
  };
}

function messageOf<Data>(row: object, schema: z.ZodType<Data>): ChatMessage<Data> {
  const { platform, tenant, user, room_tag: tag, run, data } = parseStored(rowSchema, row, WHAT);
  return { doctor: { platform, tenant, user }, tag, run, data: parseStoredJson(schema, data, WHAT) };
}

/** As tombstones name a room. */
function hashOf(roomId: string): Uint8Array {
  return createHash('sha256').update(roomId).digest();
}
