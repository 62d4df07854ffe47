import express, { type Request, type Response, type Router } from 'express';
import { z } from 'zod';
import type { HostedRoom } from '../cluster/room-directory.ts';
import { type Html, html } from '../http/html.ts';
import { Refused } from '../protocol/errors.ts';
import { type DoctorId, roomTag, sameDoctor, sameTenant, type Tenant } from '../rooms/room.ts';
import { type Admin, acted, forAdmins, mayManage, sendConsolePage } from './access.ts';
import { csrfField, pagePath } from './admin-page.ts';
import { momentIn, zoneIn } from './admin-strings.ts';
import type { ConsoleContext } from './console-context.ts';

const PATH = pagePath('rooms');
const platform = z.enum(['slack', 'teams', 'local']);
const id = z.string().min(1).max(128);

/** What is to end. Notes are named by their tags: an admin's page has nothing of a link. */
const targetSchema = z.discriminatedUnion('what', [
  z.object({ what: z.literal('one'), tag: z.string().regex(/^[A-Za-z0-9_-]{8}$/) }),
  z.object({ what: z.literal('doctor'), platform, tenant: id, user: id }),
  z.object({ what: z.literal('tenant'), platform, tenant: id }),
  z.object({ what: z.literal('all') }),
]);
type EndTarget = z.infer<typeof targetSchema>;

/** The live notes of an admin's tenant, or of everybody, and ending them. */
export function roomRoutes(context: ConsoleContext): Router {
  const router = express.Router();

  router.get(
    '/',
    forAdmins(context, (admin, request, response) => sendRooms(admin, response, context, noticeIn(request, admin))),
  );

  router.get(
    '/end',
    forAdmins(context, async (admin, request, response) => {
      const target = await targetOf(request.query, admin, context);
      if (target === null) return response.redirect(303, PATH);
      sendQuestion(admin, response, target);
    }),
  );

  router.post(
    '/end',
    forAdmins(context, async (admin, request, response) => {
      const target = await targetOf(request.body, admin, context);
      if (target === null) return response.redirect(303, PATH);
      const { count, isWhole } = await end(target, admin, context);
      response.redirect(303, `${PATH}?ended=${count}${isWhole ? '' : '&unreachable'}`);
    }),
  );
  return router;
}

/** What is to end; null where it is not this admin's to end, or was over or unknown before. */
async function targetOf(
  given: unknown,
  admin: Admin,
  { rooms }: ConsoleContext,
): Promise<(EndTarget & { roomId?: string; of?: Tenant | DoctorId }) | null> {
  const target = targetSchema.safeParse(given).data;
  switch (target?.what) {
    case undefined:
      return null;
    case 'all':
      return admin.tenant === null ? target : null;
    case 'one': {
      const room = (await rooms.all(admin.tenant)).rooms.find((one) => roomTag(one.id) === target.tag);
      // Asked again: another node may answer with more than it was asked for.
      return room === undefined || !mayManage(admin, room.doctor)
        ? null
        : { ...target, roomId: room.id, of: room.doctor };
    }
    case 'doctor': {
      const { platform, tenant, user } = target;
      return mayManage(admin, target) ? { ...target, of: { platform, tenant, user } } : null;
    }
    case 'tenant': {
      const { platform, tenant } = target;
      return mayManage(admin, target) ? { ...target, of: { platform, tenant } } : null;
    }
  }
}

/** Ends it for good, and writes down who did. What a node does not answer about ends as soon as it hears of it. */
async function end(
  target: NonNullable<Awaited<ReturnType<typeof targetOf>>>,
  { who }: Admin,
  context: ConsoleContext,
): Promise<{ count: number; isWhole: boolean }> {
  let count = 0;
  let isWhole = true;
  const run = async (work: () => Promise<number>): Promise<void> => {
    try {
      count += await work();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      isWhole = false;
    }
  };
  const { rooms } = context;
  const { roomId, of } = target;
  if (target.what === 'one' && roomId !== undefined) {
    await run(async () => ((await rooms.end(roomId, 'revoked')) ? 1 : 0));
  } else if (target.what === 'doctor') {
    const { platform, tenant, user } = target;
    await run(() => rooms.endAllOfDoctor({ platform, tenant, user }, 'revoked'));
  } else if (target.what === 'tenant') await run(() => rooms.endTenant(target, 'revoked'));
  else for (const tenant of await everyTenant(context)) await run(() => rooms.endTenant(tenant, 'revoked'));
  const acts = { one: 'ended-note', doctor: 'ended-doctor', tenant: 'ended-tenant', all: 'ended-all' } as const;
  context.audit.record(
    acted(who, acts[target.what], {
      count,
      ...(of === undefined ? {} : { of }),
      ...(roomId === undefined ? {} : { roomId }),
    }),
  );
  context.log.warn({ event: 'admin-ended-notes', what: target.what, count, role: who.kind });
  return { count, isWhole };
}

/** Those that have notes, and those that have GLIR: a note that is just coming back is nowhere to be seen. */
async function everyTenant({ rooms, platforms }: ConsoleContext): Promise<Tenant[]> {
  const [live, installed] = await Promise.all([rooms.all(null), platforms.tenants()]);
  const all: Tenant[] = [...live.rooms.map(({ doctor }) => doctor), ...installed.map(({ tenant }) => tenant)];
  return all.filter((one, index) => all.findIndex((other) => sameTenant(one, other)) === index);
}

/** What is said of an act that was just done. */
function noticeIn({ query }: Request, { language: { say } }: Admin): Html {
  const ended = z.coerce.number().int().min(0).max(1_000_000).safeParse(query['ended']);
  if (!ended.success) return html``;
  return html`<p class="notice" role="status">${say('ended', { count: ended.data })}${
    'unreachable' in query ? html` ${say('ended.unreachable')}` : ''
  }</p>`;
}

async function sendRooms(admin: Admin, response: Response, context: ConsoleContext, notice: Html): Promise<void> {
  const { language, tenant } = admin;
  const { text, say } = language;
  const { rooms, missing } = await context.rooms.all(tenant);
  const live = rooms.filter(({ doctor }) => mayManage(admin, doctor));
  const doctors = new Map(live.map(({ doctor }) => [JSON.stringify(doctor), doctor]));
  const names = new Map<string, string | null>();
  for (const [key, doctor] of doctors) names.set(key, await nameOfDoctor(doctor, context));
  const items = live.map((room) => item(room, names.get(JSON.stringify(room.doctor)) ?? null, admin, live));
  const body = html`
<p class="lead">${say('rooms.lead')}</p>
${notice}
${missing === 0 ? '' : html`<p class="notice notice-warn" role="status">${say('missing')}</p>`}
${live.length === 0 ? html`<p>${say('rooms.none')}</p>` : html`<ul class="items">${items}</ul>`}
${live.length === 0 ? '' : html`<p class="row">${endEverything(admin)}</p>`}
<p class="quiet">${say('zone', { zone: zoneIn(language, context.clock.now()) })}</p>`;
  sendConsolePage(response, admin, { title: text('nav.rooms'), body, at: 'rooms' });
}

/** The name that a doctor has set for patients; null where there is none, or it cannot be read. */
async function nameOfDoctor(doctor: DoctorId, { store }: ConsoleContext): Promise<string | null> {
  const schema = z.object({ name: z.string().nullish() });
  const own = await store.preferences.ofDoctor(doctor, schema).catch(() => null);
  return own?.name ?? null;
}

function item(room: HostedRoom, name: string | null, admin: Admin, all: readonly HostedRoom[]): Html {
  const { text, say } = admin.language;
  const tag = roomTag(room.id);
  const { platform, tenant, user } = room.doctor;
  const time = (ms: number): Html =>
    html`<time datetime="${new Date(ms).toISOString()}">${momentIn(admin.language, ms)}</time>`;
  const facts: [string, Html][] = [
    [text('doctor'), name === null ? html`<bdi>${user}</bdi>` : html`<bdi>${name}</bdi> (<bdi>${user}</bdi>)`],
    ...(admin.tenant === null
      ? [[text('tenant'), html`<bdi>${tenant}</bdi> (${platform})`] satisfies [string, Html]]
      : []),
    [text('room'), html`<code dir="ltr">${tag}</code>`],
    [text('state'), say(`state.${room.state === 'ended' ? 'interrupted' : room.state}`)],
    [text('since'), time(room.createdAt)],
    [text('until'), time(room.expiresAt)],
    [text('reading'), html`${new Intl.NumberFormat(admin.language.code).format(room.reading)}`],
    [text('server'), room.node === null ? say('thisServer') : html`<bdi>${room.node}</bdi>`],
  ];
  const ofDoctor = all.filter(({ doctor }) => sameDoctor(doctor, room.doctor)).length;
  return html`<li class="item" aria-label="${text('room')} ${tag}">
<dl class="facts">${facts.map(([term, value]) => html`<div><dt>${term}</dt><dd>${value}</dd></div>`)}</dl>
<p class="row">
<a class="button button-danger" href="${linkTo({ what: 'one', tag })}" aria-label="${text('end.one')}: ${tag}">${text('end.one')}</a>
${
  ofDoctor < 2
    ? ''
    : html`<a class="button button-danger" href="${linkTo({ what: 'doctor', platform, tenant, user })}" aria-label="${text('end.doctor')}: ${user}">${text('end.doctor')}</a>`
}
</p>
</li>
`;
}

function endEverything({ tenant, language: { text } }: Admin): Html {
  if (tenant === null) {
    return html`<a class="button button-danger" href="${linkTo({ what: 'all' })}">${text('end.all')}</a>`;
  }
  const link = linkTo({ what: 'tenant', platform: tenant.platform, tenant: tenant.tenant });
  return html`<a class="button button-danger" href="${link}">${text('end.tenant', { tenant: tenant.tenant })}</a>`;
}

/** Where the question is that comes before an end. */
export function linkTo(target: Readonly<Record<string, string>>): string {
  return `${PATH}/end?${new URLSearchParams(target)}`;
}

function sendQuestion(admin: Admin, response: Response, target: EndTarget): void {
  const { text, say } = admin.language;
  const fields = Object.entries(target).filter(([name]) =>
    ['what', 'tag', 'platform', 'tenant', 'user'].includes(name),
  );
  const what = {
    one: `${text('room')} ${target.what === 'one' ? target.tag : ''}`,
    doctor: `${text('end.doctor')}: ${target.what === 'doctor' ? target.user : ''}`,
    tenant: text('end.tenant', { tenant: target.what === 'tenant' ? target.tenant : '' }),
    all: text('end.all'),
  }[target.what];
  const body = html`
<p class="lead">${what}</p>
<p class="notice notice-danger">${say('confirm.why')}</p>
<form class="row" method="post" action="${PATH}/end">
${csrfField(admin.csrf)}
${fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
<button class="button button-final">${text('confirm.yes')}</button>
<a class="button" href="${PATH}">${text('confirm.no')}</a>
</form>`;
  sendConsolePage(response, admin, { title: text('confirm.title'), body, at: 'rooms' });
}
