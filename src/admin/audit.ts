import { setImmediate } from 'node:timers/promises';
import express, { type Response, type Router } from 'express';
import { z } from 'zod';
import { type AuditRecord, plainId, recordSchema } from '../audit/audit-events.ts';
import { createSeals, everyRow } from '../audit/chain.ts';
import { exported } from '../audit/export.ts';
import { type Verdict, verifyAll } from '../audit/verify.ts';
import { type Html, html } from '../http/html.ts';
import type { AuditRow } from '../store/store.ts';
import { type Admin, acted, forAdmins, sendConsolePage } from './access.ts';
import { csrfField, pagePath } from './admin-page.ts';
import { momentIn, zoneIn } from './admin-strings.ts';
import type { ConsoleContext } from './console-context.ts';

const PATH = pagePath('audit');
const SHOWN = 50;
/** Rows that one search looks at; behind them it says "older". */
const LOOKED_AT = 20_000;
const PAGE_ROWS = 500;
const DAY_MS = 24 * 60 * 60 * 1000;
const CHUNK_CHARACTERS = 64 * 1024;

const day = z
  .string()
  .regex(/^\d{4}-\d{2}-\d{2}$/)
  .transform((text) => Date.parse(`${text}T00:00:00Z`))
  .pipe(z.int());
const ACTIONS = recordSchema.options.map(({ shape }) => shape.action.value).sort();
/** What somebody looks for; fields that are empty, or make no sense, are left out. */
const searchSchema = z.object({
  from: day.optional().catch(undefined),
  to: day.optional().catch(undefined),
  what: z.enum(ACTIONS).optional().catch(undefined),
  who: z.string().trim().min(1).max(128).optional().catch(undefined),
  room: z
    .string()
    .trim()
    .regex(/^[A-Za-z0-9_-]{1,8}$/)
    .optional()
    .catch(undefined),
  before: z.coerce.number().int().min(1).optional().catch(undefined),
});
type Search = z.infer<typeof searchSchema>;

/** The audit of an admin's tenant, or all of it: search, export, verification. Each of these is itself written down. */
export function auditRoutes(context: ConsoleContext): Router {
  const router = express.Router();
  let isVerifying = false;

  router.get(
    '/',
    forAdmins(context, async (admin, request, response) => {
      const search = searchSchema.parse(request.query);
      if (Object.keys(request.query).length > 0) context.audit.record(acted(admin.who, 'searched-audit', {}));
      const found = await find(search, admin, context);
      sendAudit(admin, response, context, { search, ...found });
    }),
  );

  router.post(
    '/export',
    forAdmins(context, async (admin, request, response) => {
      const search = searchSchema.parse(Object(request.body));
      await context.audit.require(acted(admin.who, 'exported-audit', {}));
      response.set('Content-Disposition', 'attachment; filename="glir-audit.csv"').type('text/csv; charset=utf-8');
      let chunk = '';
      for await (const line of exported(chosen(search, admin, context), 'csv')) {
        chunk += line;
        if (chunk.length < CHUNK_CHARACTERS) continue;
        response.write(chunk);
        chunk = '';
        await setImmediate();
        if (response.destroyed) return;
      }
      response.end(chunk);
    }),
  );

  router.post(
    '/verify',
    forAdmins(context, async (admin, _request, response) => {
      // It reads every row: once at a time is enough.
      if (isVerifying) return response.redirect(303, PATH);
      isVerifying = true;
      try {
        context.audit.record(acted(admin.who, 'verified-audit', {}));
        const verdict = await verifyAll(context.store.audit, createSeals(context.config.store.keys));
        const search = searchSchema.parse({});
        sendAudit(admin, response, context, { search, ...(await find(search, admin, context)), verdict });
      } finally {
        isVerifying = false;
      }
    }),
  );
  return router;
}

/** The newest rows that are this admin's and looked for; `older` is where the next search goes on. */
async function find(search: Search, admin: Admin, { store }: ConsoleContext) {
  const rows: AuditRecord[] = [];
  let before = search.before ?? Number.MAX_SAFE_INTEGER;
  let looked = 0;
  while (looked < LOOKED_AT && rows.length < SHOWN) {
    const page = await store.audit.newest(before, PAGE_ROWS, textsOf(search, admin));
    for (const row of page) {
      before = row.seq;
      looked += 1;
      const record = recordOf(row);
      if (record !== null && isWanted(record, search, admin)) rows.push(record);
      if (rows.length === SHOWN) break;
    }
    if (page.length < PAGE_ROWS && rows.length < SHOWN) return { rows, older: null };
    // SQLite answers at once: whoever else waits comes first.
    await setImmediate();
  }
  return { rows, older: before };
}

/** Texts that every wanted row holds, by which the database finds them. */
function textsOf({ what, who, room }: Search, { tenant }: Admin): string[] {
  const member = (name: string, value: string): string => `"${name}":${JSON.stringify(value)}`;
  return [
    ...(tenant === null ? [] : [member('tenant', plainId(tenant.tenant))]),
    ...(what === undefined ? [] : [member('action', what)]),
    ...(room === undefined ? [] : [member('room', room)]),
    ...(who === undefined ? [] : [JSON.stringify(plainId(who))]),
  ];
}

/** Whether a row is this admin's concern, and what they look for. */
function isWanted(record: AuditRecord, { from, to, what, who, room }: Search, { tenant }: Admin): boolean {
  const at = Date.parse(record.at);
  const isTheirs = tenant === null || (record.platform === tenant.platform && record.tenant === plainId(tenant.tenant));
  const isInTime = (from === undefined || at >= from) && (to === undefined || at < to + DAY_MS);
  const people = 'by' in record ? [record.user, record.by] : [record.user];
  const isOfPerson = who === undefined || people.includes(plainId(who));
  return (
    isTheirs &&
    isInTime &&
    isOfPerson &&
    (what === undefined || record.action === what) &&
    (room === undefined || record.room === room)
  );
}

/** Every row that is this admin's and looked for, in its order. */
async function* chosen(search: Search, admin: Admin, { store }: ConsoleContext): AsyncGenerator<AuditRow> {
  for await (const row of everyRow(store.audit)) {
    const record = recordOf(row);
    // What cannot be read any more is evidence, for the operator alone: nobody knows whose it is.
    if (record === null ? admin.tenant === null : isWanted(record, search, admin)) yield row;
  }
}

function recordOf({ record }: AuditRow): AuditRecord | null {
  try {
    return recordSchema.parse(JSON.parse(record));
  } catch {
    return null;
  }
}

interface Shown {
  search: Search;
  rows: readonly AuditRecord[];
  older: number | null;
  verdict?: Verdict;
}

function sendAudit(
  admin: Admin,
  response: Response,
  context: ConsoleContext,
  { search, rows, older, verdict }: Shown,
): void {
  const { language } = admin;
  const { text, say } = language;
  const date = (ms: number | undefined): string => (ms === undefined ? '' : new Date(ms).toISOString().slice(0, 10));
  const values = {
    from: date(search.from),
    to: date(search.to),
    what: search.what ?? '',
    who: search.who ?? '',
    room: search.room ?? '',
  };
  const input = (
    name: 'from' | 'to' | 'who' | 'room',
    label: string,
    type: 'date' | 'text',
  ): Html => html`<div class="field">
<label class="label" for="${name}">${label}</label>
<input class="input" id="${name}" name="${name}" type="${type}" value="${values[name]}" autocomplete="off">
</div>`;
  const options = ['', ...ACTIONS].map(
    (action) =>
      html`<option value="${action}"${action === values.what ? html` selected` : html``}>${action === '' ? text('audit.any') : action}</option>
`,
  );
  const hidden = Object.entries(values).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  );
  const isOff = context.config.audit.days === 0;
  const body = html`
${isOff ? html`<p class="notice notice-warn">${say('audit.off')}</p>` : ''}
${verdict === undefined ? '' : verdictOf(verdict, admin)}
<form class="form-row" method="get" action="${PATH}">
${input('from', text('audit.from'), 'date')}
${input('to', text('audit.to'), 'date')}
<div class="field">
<label class="label" for="what">${text('audit.what')}</label>
<span class="select"><select class="input" id="what" name="what">
${options}</select></span>
</div>
${input('who', text('audit.who'), 'text')}
${input('room', text('room'), 'text')}
<button class="button button-primary">${text('audit.search')}</button>
</form>
${rows.length === 0 ? html`<p role="status">${say('audit.none')}</p>` : tableOf(rows, admin)}
<div class="row">
${older === null ? '' : html`<a class="button" href="${PATH}?${new URLSearchParams({ ...values, before: String(older) }).toString()}">${text('audit.older')}</a>`}
<form method="post" action="${PATH}/export">${csrfField(admin.csrf)}${hidden}<button class="button">${text('audit.export')}</button></form>
<form method="post" action="${PATH}/verify">${csrfField(admin.csrf)}<button class="button">${text('audit.verify')}</button></form>
</div>
<p class="quiet">${say('zone', { zone: zoneIn(language, context.clock.now()) })}</p>`;
  sendConsolePage(response, admin, { title: text('nav.audit'), body, at: 'audit' });
}

function verdictOf(verdict: Verdict, { language: { say } }: Admin): Html {
  switch (verdict.kind) {
    case 'whole':
      return html`<p class="notice" role="status">${say('audit.whole')}</p>`;
    case 'broken':
      return html`<p class="notice notice-danger" role="alert">${say('audit.broken', { row: verdict.seq })}</p>`;
    case 'unknown':
      return html`<p class="notice notice-warn" role="alert">${say('audit.unknown', { row: verdict.seq })}</p>`;
  }
}

/** Members that have columns of their own, or are the chain's. */
const OWN_COLUMNS: ReadonlySet<string> = new Set([
  'v',
  'seq',
  'at',
  'action',
  'platform',
  'tenant',
  'user',
  'room',
  'prev',
]);

function tableOf(rows: readonly AuditRecord[], admin: Admin): Html {
  const { text } = admin.language;
  const isAll = admin.tenant === null;
  const head = [
    text('time'),
    text('audit.what'),
    ...(isAll ? [text('tenant')] : []),
    text('audit.who'),
    text('room'),
    text('audit.more'),
  ];
  const cells = rows.map((record) => {
    const at = Date.parse(record.at);
    const more = Object.entries(record)
      .filter(([name, value]) => !OWN_COLUMNS.has(name) && value !== null)
      .map(([name, value]) => `${name}: ${value}`);
    const platform = record.platform === null ? '' : ` (${record.platform})`;
    return html`<tr>
<td><time datetime="${record.at}">${momentIn(admin.language, at)}</time></td>
<td><code dir="ltr">${record.action}</code></td>
${isAll ? html`<td><bdi>${record.tenant ?? ''}</bdi>${platform}</td>` : ''}
<td><bdi>${record.user ?? ''}</bdi></td>
<td><code dir="ltr">${record.room ?? ''}</code></td>
<td dir="ltr">${more.join(', ')}</td>
</tr>
`;
  });
  return html`<div class="scroll" role="region" tabindex="0" aria-label="${text('nav.audit')}">
<table>
<thead><tr>${head.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>
${cells}</tbody>
</table>
</div>`;
}
