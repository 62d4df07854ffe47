import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { CookieOptions, Request, RequestHandler, Response } from 'express';
import { type ADMIN_ACTS, type AuditEvent, plainCount, plainId } from '../audit/audit-events.ts';
import type { Html } from '../http/html.ts';
import { type DoctorId, roomTag, sameTenant, type Tenant } from '../rooms/room.ts';
import type { AdminIdentity } from '../store/store.ts';
import { ADMIN_PAGES, ADMIN_PATH, type AdminContent, type AdminPageName, sendAdminPage } from './admin-page.ts';
import { type AdminLanguage, adminLanguage } from './admin-strings.ts';
import type { ConsoleContext } from './console-context.ts';

/** A session ends after half an hour without a request, and after a working day. */
const SESSION = { idleSeconds: 30 * 60, lifeSeconds: 8 * 60 * 60 } as const;
/** The prefix has browsers take it from this host alone, over https (RFC 6265bis, section 4.1.3.2). */
const SESSION_COOKIE = '__Host-glir-admin';
const LANGUAGE_COOKIE = '__Host-glir-admin-language';
const OWN_COOKIE: CookieOptions = { httpOnly: true, secure: true, sameSite: 'strict', path: '/' };
const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** Somebody who is in the console. */
export interface Admin {
  readonly who: AdminIdentity;
  /** Whose notes, settings and records they may see and change; null for the operator, who may all. */
  readonly tenant: Tenant | null;
  /** What each form of this session holds. */
  readonly csrf: string;
  readonly token: string;
  readonly language: AdminLanguage;
}

/** Whether something of that tenant is this admin's concern. */
export function mayManage({ tenant }: Pick<Admin, 'tenant'>, of: Tenant): boolean {
  return tenant === null || sameTenant(tenant, of);
}

/** The language of whoever asks; one that they choose is kept in a cookie. */
export function languageOf(request: Request, response: Response): AdminLanguage {
  const asked = request.query['lang'];
  const kept = cookieOf(request, LANGUAGE_COOKIE);
  if (typeof asked === 'string' && /^[a-z]{2}$/.test(asked)) {
    response.cookie(LANGUAGE_COOKIE, asked, OWN_COOKIE);
    return adminLanguage(asked, request.headers['accept-language']);
  }
  return adminLanguage(kept, request.headers['accept-language']);
}

/** Lets somebody in: begins their session, and writes down that they came. Rejects when that cannot be written. */
export async function beginSession(who: AdminIdentity, response: Response, context: ConsoleContext): Promise<void> {
  await context.audit.require(acted(who, 'signed-in', {}));
  const token = await context.store.admins.beginSession(who, SESSION);
  response.cookie(SESSION_COOKIE, token, OWN_COOKIE);
  context.log.info({ event: 'admin-signed-in', role: who.kind });
}

export async function endSession(admin: Admin, response: Response, context: ConsoleContext): Promise<void> {
  await context.store.admins.endSession(admin.token);
  response.clearCookie(SESSION_COOKIE, OWN_COOKIE);
  context.audit.record(acted(admin.who, 'signed-out', {}));
}

/**
 * A page or an act for people who are signed in. Everybody else is sent to sign in. Whether a tenant's admin still is one is
 * asked each time: who is none any more, or whose tenant removed GLIR, is out at once. An act comes from a form of the same
 * session, on a page of ours.
 */
export function forAdmins(
  context: ConsoleContext,
  handle: (admin: Admin, request: Request, response: Response) => Promise<void>,
): RequestHandler {
  return async (request, response) => {
    const language = languageOf(request, response);
    const admin = await adminOf(request, language, context);
    if (admin === null) {
      response.clearCookie(SESSION_COOKIE, OWN_COOKIE);
      return response.redirect(303, `${ADMIN_PATH}/sign-in`);
    }
    if (request.method === 'POST' && !isOwnForm(request, admin, context)) {
      context.log.warn({ event: 'admin-form-refused', role: admin.who.kind });
      const content = { title: language.text('signIn.failed'), body: language.say('signIn.failed') };
      return sendAdminPage(response, language, content, 403);
    }
    return handle(admin, request, response);
  };
}

/** Whether a request comes from a page of ours, as its browser says. */
export function isFromOurPage(request: Request, { isOwnOrigin }: Pick<ConsoleContext, 'isOwnOrigin'>): boolean {
  return isOwnOrigin(request.get('origin') ?? '');
}

async function adminOf(request: Request, language: AdminLanguage, context: ConsoleContext): Promise<Admin | null> {
  const token = cookieOf(request, SESSION_COOKIE);
  if (token === undefined || !TOKEN.test(token)) return null;
  const who = await context.store.admins.findSession(token, SESSION.idleSeconds);
  if (who === null) return null;
  const csrf = createHmac('sha256', token).update('glir admin form').digest('base64url');
  if (who.kind === 'operator') return { who, tenant: null, csrf, token, language };
  const { platform, tenant } = who;
  if (await context.platforms.isAdmin(who)) return { who, tenant: { platform, tenant }, csrf, token, language };
  await context.store.admins.endSession(token);
  return null;
}

function isOwnForm(request: Request, { csrf }: Admin, context: ConsoleContext): boolean {
  const given: unknown = Object(request.body)['csrf'];
  if (typeof given !== 'string' || !isFromOurPage(request, context)) return false;
  return timingSafeEqual(digest(given), digest(csrf));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

export function cookieOf({ headers }: Request, name: string): string | undefined {
  const pair = (headers.cookie ?? '').split(/; */).find((one) => one.startsWith(`${name}=`));
  return pair?.slice(name.length + 1);
}

/** What an act is about, as the audit has it. */
interface Target {
  readonly of?: Tenant | DoctorId;
  readonly roomId?: string;
  readonly count?: number;
}

/** What an admin did, for the audit. */
export function acted(who: AdminIdentity, act: (typeof ADMIN_ACTS)[number], { of, roomId, count }: Target): AuditEvent {
  const about = of ?? (who.kind === 'operator' ? null : { platform: who.platform, tenant: who.tenant });
  return {
    action: 'admin-acted',
    platform: about?.platform ?? null,
    tenant: about === null ? null : plainId(about.tenant),
    user: about !== null && 'user' in about ? plainId(String(about.user)) : null,
    room: roomId === undefined ? null : roomTag(roomId),
    by: plainId(nameOf(who)),
    role: who.kind,
    act,
    count: count === undefined ? null : plainCount(count),
  };
}

/** Who somebody is, by the id that their platform or provider gives them. */
export function nameOf(who: AdminIdentity): string {
  return who.kind === 'operator' ? who.subject : who.user;
}

/** Sends a page to somebody who is signed in. */
export function sendConsolePage(
  response: Response,
  { language, who, tenant, csrf }: Admin,
  { title, body, at, status = 200 }: { title: string; body: Html; at: AdminPageName | null; status?: number },
): void {
  const { text } = language;
  const as =
    who.kind === 'operator'
      ? text('as.operator', { user: who.subject })
      : text('as.tenant', { user: who.user, tenant: who.tenant });
  const ofTenants: readonly AdminPageName[] = ADMIN_PAGES.filter((page) => page !== 'tenants' && page !== 'health');
  const pages = tenant === null ? ADMIN_PAGES.filter((page) => page !== 'settings') : ofTenants;
  const content: AdminContent = { title, body, signedIn: { as, pages, at, csrf } };
  sendAdminPage(response, language, content, status);
}
