import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ADMISSIONS, END_REASONS } from '../protocol/constants.ts';
import type { Doctor } from '../rooms/room.ts';

/**
 * What the audit may say, as a closed form: every value is a number, from a closed list, or an id of few characters.
 * Nothing that a person typed fits in.
 */

/** Numbers that a browser tells are cut to this. */
const COUNT_MAX = 1_000_000;

/** Ids of people and tenants as they are written: no space, quote, control character or sign that begins a formula. */
const ID = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
const HASHED_ID = 'sha256:';
const HASHED_ID_CHARACTERS = 32;

const count = z.int().min(0).max(COUNT_MAX);
const seconds = z.int().min(0).max(COUNT_MAX);
const seq = z.int().min(1);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.iso.datetime({ precision: 3 });
const keyId = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/);

const server = { platform: z.null(), tenant: z.null(), user: z.null(), room: z.null() };
const tenant = { ...server, platform: z.enum(['slack', 'teams', 'local']), tenant: z.string().regex(ID) };
const doctor = { ...tenant, user: z.string().regex(ID) };
const note = { ...doctor, room: z.string().regex(/^[A-Za-z0-9_-]{1,8}$/) };

/** An admin in the console; the other columns say whose notes, and which one, an act was about. */
const admin = {
  platform: tenant.platform.nullable(),
  tenant: tenant.tenant.nullable(),
  user: doctor.user.nullable(),
  room: note.room.nullable(),
  by: z.string().regex(ID),
  role: z.enum(['tenant-admin', 'operator']),
};
/** What an admin can do in the console, beside changing settings. */
export const ADMIN_ACTS = [
  'signed-in',
  'signed-out',
  'ended-note',
  'ended-doctor',
  'ended-tenant',
  'ended-all',
  'searched-audit',
  'exported-audit',
  'verified-audit',
] as const;

const policy = { admission: z.enum(ADMISSIONS), expirySeconds: seconds, maxReaders: count };
const build = {
  version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+-]{0,63}$/),
  commit: z
    .string()
    .regex(/^[0-9a-f]{40}$/)
    .nullable(),
};
/** Which of the readers that knocked, from 1; null where the doctor's page did not say. */
const reader = count.nullable();
/** A number, admissions, a language, ids of people, `default` for the server's own, or whether there is one. */
const setting = z
  .string()
  .regex(
    /^(?:default|set|not-set|\d{1,6}|(?:link|pin|ask)(?:\+(?:link|pin|ask)){0,2}|[a-z]{2}|[A-Z0-9]{2,20}(?:\+[A-Z0-9]{2,20}){0,19})$/,
  );

function of<Action extends string, Shape extends z.ZodRawShape>(action: Action, shape: Shape) {
  return z.strictObject({ v: z.literal(1), seq, at: time, action: z.literal(action), ...shape, prev: hash });
}

/** One row's content. `prev` is the hash of the row before, zeros for the first one. */
export const recordSchema = z.discriminatedUnion('action', [
  of('note-drafted', { ...note, ...policy }),
  of('note-opened', { ...note, ...policy }),
  /** The whole life that the note has now. */
  of('note-extended', { ...note, expirySeconds: seconds }),
  /** The doctor made an open note's choice stricter. */
  of('note-restricted', { ...note, ...policy }),
  of('note-interrupted', note),
  of('note-resumed', note),
  /** The server stopped: its page may bring it to the next start. */
  of('note-suspended', note),
  /** Its page brought it to a new start of the server. */
  of('note-recovered', { ...note, ...policy }),
  /** `via`: by the doctor's page (itself after a PIN), in the chat, or because the link is enough. */
  of('reader-admitted', { ...note, reader, via: z.enum(['page', 'chat', 'link']), reading: count }),
  of('reader-refused', { ...note, reader, via: z.enum(['page', 'chat']), reading: count }),
  /** Too many wrong PINs: nobody gets in any more. */
  of('readers-locked-out', { ...note, readBy: count }),
  of('note-ended', { ...note, reason: z.enum(END_REASONS), readBy: count }),
  /** Only in rows from before rooms had rows of their own: so many notes of the server's earlier runs did not come back. */
  of('notes-lost', { ...server, count }),
  of('setting-changed', {
    ...doctor,
    setting: z.enum([
      'expiryDefaultSeconds',
      'expiryMaxSeconds',
      'admissions',
      'admissionDefault',
      'readersDefault',
      'readersMax',
      'language',
      'admins',
      'phone',
    ]),
    from: setting,
    to: setting,
  }),
  /** The change before could not be kept: what held before holds on. */
  of('settings-not-saved', doctor),
  of('app-installed', { ...doctor, where: z.enum(['workspace', 'personal', 'group']) }),
  of('app-uninstalled', { ...tenant, user: doctor.user.nullable(), where: z.enum(['workspace', 'personal', 'group']) }),
  of('tenant-data-removed', tenant),
  of('person-data-removed', doctor),
  /** What is kept was encrypted anew, and the rows before were checked. */
  of('keys-rotated', { ...server, keyId, count }),
  /** `count`: how many notes ended; null for what ends none. */
  of('admin-acted', { ...admin, act: z.enum(ADMIN_ACTS), count: count.nullable() }),
  of('server-started', { ...server, ...build }),
  of('server-stopped', { ...server, ...build }),
  of('audit-exported', { ...server, format: z.enum(['jsonl', 'csv']), since: time.nullable(), until: time.nullable() }),
  of('store-backed-up', server),
  /** Everything is as in a backup. `lost`: whether rows of the audit that are younger than it were taken over, or nobody knows. */
  of('store-restored', { ...server, lost: z.enum(['nothing', 'unknown']) }),
  /** Rows up to `through`, which has this hash, were deleted because their time was over. */
  of('audit-purged', { ...server, through: seq, throughHash: hash }),
  /** A server began behind this row, which nobody with its keys has written: its seal vouches for nothing before itself. */
  of('audit-mistrusted', { ...server, through: seq }),
  /** From then until now no row could be written: so many notes were refused, and so many rows before this one are lost. */
  of('audit-resumed', { ...server, since: time, refused: count, lost: count }),
]);
export type AuditRecord = z.infer<typeof recordSchema>;

type Content<Row> = Row extends unknown ? Omit<Row, 'v' | 'seq' | 'at' | 'prev'> : never;
/** What happened, without its place in the chain. */
export type AuditEvent = Content<AuditRecord>;

/** The columns of whatever concerns the server alone. */
export const SERVER = { platform: null, tenant: null, user: null, room: null } as const;

/** An id from outside as the audit writes it: as it is where it is plain, else as the start of its SHA-256. */
export function plainId(id: string): string {
  if (ID.test(id) && !id.startsWith(HASHED_ID)) return id;
  return HASHED_ID + createHash('sha256').update(id).digest('hex').slice(0, HASHED_ID_CHARACTERS);
}

/** A number from outside as a count. */
export function plainCount(value: number): number {
  return Number.isFinite(value) ? Math.min(Math.max(Math.trunc(value), 0), COUNT_MAX) : 0;
}

/** A person as the audit writes them. */
export function personOf({ platform, tenant, user }: Pick<Doctor, 'platform' | 'tenant' | 'user'>) {
  return { platform, tenant: plainId(tenant), user: plainId(user), room: null };
}

/** A tenant as the audit writes it. */
export function tenantOf({ platform, tenant }: Pick<Doctor, 'platform' | 'tenant'>) {
  return { platform, tenant: plainId(tenant), user: null, room: null };
}
