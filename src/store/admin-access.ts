import { createHash, randomInt } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import { randomBytes, toBase64Url } from '../protocol/bytes.ts';
import type { Database } from './database/migrations.ts';
import { parseStored } from './errors.ts';
import type { AdminAccess, AdminIdentity } from './store.ts';
import { writeOfTenant } from './tenants.ts';

const TOKEN_BYTES = 32;
const CODES = 1_000_000;
/** Wrong codes that end a link: one guess in 200,000 gets in. */
const TRIES = 5;
/** A session that is in use is written down again so often. */
const TOUCH_MS = 60_000;

const columns = ['platform', 'tenant', 'user', 'subject'] as const;
const whoSchema = z.union([
  z
    .object({ platform: z.enum(['slack', 'teams', 'local']), tenant: z.string(), user: z.string() })
    .transform(({ platform, tenant, user }): AdminIdentity => ({ kind: 'tenant-admin', platform, tenant, user })),
  z.object({ subject: z.string() }).transform(({ subject }): AdminIdentity => ({ kind: 'operator', subject })),
]);
const WHAT = 'An admin';

/** Links and sessions of admins in the database. */
export function createAdminAccess(db: Database, clock: Clock): AdminAccess {
  /** In a tenant's rows, which go with it, where it is a tenant's. */
  function write<Result>(who: AdminIdentity, run: (transaction: Database) => Promise<Result>): Promise<Result> {
    return who.kind === 'operator' ? run(db) : writeOfTenant(db, who, run);
  }

  return {
    async issueLink(who, lifeSeconds) {
      const token = newToken();
      const code = String(randomInt(CODES)).padStart(6, '0');
      const until = Math.floor(clock.now() + lifeSeconds * 1000);
      await write(who, async (transaction) => {
        const row = { hash: hashOf(token), code: hashOf(`${token} ${code}`), tries: TRIES, until, ...columnsOf(who) };
        await transaction.insertInto('admin_links').values(row).execute();
      });
      return { token, code };
    },
    async redeemLink(token, code) {
      const hash = hashOf(token);
      // Counted before it is looked at, so that many at once do not have more tries.
      const { numUpdatedRows } = await db
        .updateTable('admin_links')
        .set((set) => ({ tries: set('tries', '-', 1) }))
        .where('hash', '=', hash)
        .where('tries', '>', 0)
        .where('until', '>', clock.now())
        .executeTakeFirst();
      if (numUpdatedRows === 0n) return 'over';
      // One statement, so that of several that come at once only one finds the row.
      const row = await db
        .deleteFrom('admin_links')
        .where('hash', '=', hash)
        .where('code', '=', hashOf(`${token} ${code}`))
        .returning(columns)
        .executeTakeFirst();
      return row === undefined ? 'wrong-code' : parseStored(whoSchema, row, WHAT);
    },
    async beginSession(who, { idleSeconds, lifeSeconds }) {
      const token = newToken();
      const [until, endsAt] = [idleSeconds, lifeSeconds].map((seconds) => Math.floor(clock.now() + seconds * 1000));
      await write(who, async (transaction) => {
        const row = { hash: hashOf(token), until: until ?? 0, ends_at: endsAt ?? 0, ...columnsOf(who) };
        await transaction.insertInto('admin_sessions').values(row).execute();
      });
      return token;
    },
    async findSession(token, idleSeconds) {
      const now = clock.now();
      const hash = hashOf(token);
      const row = await db
        .selectFrom('admin_sessions')
        .select([...columns, 'until'])
        .where('hash', '=', hash)
        .where('until', '>', now)
        .where('ends_at', '>', now)
        .executeTakeFirst();
      if (row === undefined) return null;
      const until = Math.floor(now + idleSeconds * 1000);
      if (until - Number(row.until) > TOUCH_MS) {
        await db.updateTable('admin_sessions').set({ until }).where('hash', '=', hash).execute();
      }
      return parseStored(whoSchema, row, WHAT);
    },
    async endSession(token) {
      await db.deleteFrom('admin_sessions').where('hash', '=', hashOf(token)).execute();
    },
    async purge() {
      const now = clock.now();
      await db.deleteFrom('admin_links').where('until', '<=', now).execute();
      await db
        .deleteFrom('admin_sessions')
        .where((where) => where.or([where('until', '<=', now), where('ends_at', '<=', now)]))
        .execute();
    },
  };
}

function columnsOf(who: AdminIdentity) {
  if (who.kind === 'operator') return { platform: null, tenant: null, user: null, subject: who.subject };
  const { platform, tenant, user } = who;
  return { platform, tenant, user, subject: null };
}

function newToken(): string {
  return toBase64Url(randomBytes(TOKEN_BYTES));
}

function hashOf(text: string): Uint8Array {
  return createHash('sha256').update(text).digest();
}
