import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { roomTag } from '../../src/rooms/room.ts';
import { AdminBrowser } from '../support/server/admin-browser.ts';
import { freePort } from '../support/server/free-port.ts';
import { startGlir } from '../support/server/glir.ts';
import { type OpenIdProvider, startOpenIdProvider } from '../support/server/openid-provider.ts';
import { SOON } from '../support/server/soon.ts';
import { buttonIn, SlackDoctor, wordsOf } from '../support/slack/doctor.ts';
import { type SlackClinic, startSlackClinic, TEAM } from '../support/slack/workspace.ts';

const ELSEWHERE = {
  platform: 'slack',
  tenant: 'T0ELSEWHERE',
  user: 'U0ELSEWHERE',
  displayName: 'Dr Else Where',
} as const;
const SESSION = '__Host-glir-admin';

let clinic: SlackClinic;
let rossi: SlackDoctor;
let weber: SlackDoctor;
beforeAll(async () => {
  clinic = await startSlackClinic();
  await clinic.install();
  rossi = new SlackDoctor(clinic);
  weber = new SlackDoctor(clinic, clinic.weber);
});
afterEach(() => clinic.glir.app.rooms.endAll('revoked'));
afterAll(() => clinic?.stop());

const rooms = () => clinic.glir.app.rooms;
const ownDoctor = (user = clinic.rossi.id) =>
  ({ platform: 'slack', tenant: TEAM, user, displayName: 'Dr Anna Rossi' }) as const;
const draft = async (doctor: ReturnType<typeof ownDoctor> | typeof ELSEWHERE) => (await rooms().draft(doctor)).room;
const isLive = (room: { id: string }) => rooms().find(room.id) !== undefined;
/** Without rows that wait to be written. */
const audited = (): Record<string, unknown>[] => {
  const db = new DatabaseSync(`${clinic.dataDir}/glir.db`, { readOnly: true, timeout: 2_000 });
  const rows = db.prepare("SELECT record FROM audit WHERE record LIKE '%admin-acted%' ORDER BY seq").all();
  db.close();
  return rows.map((row): Record<string, unknown> => JSON.parse(String(row['record'])));
};

/** The link that the bot gives to somebody, and its code. */
async function linkOf(doctor: SlackDoctor): Promise<{ path: string; code: string }> {
  const { shown } = await doctor.types('admin');
  const { pathname, search } = new URL(buttonIn(shown, 'Open the console').url ?? '');
  return { path: `${pathname}${search}`, code: /(\d{3} \d{3})/.exec(wordsOf(shown))?.[1] ?? '' };
}

async function signedIn(): Promise<AdminBrowser> {
  const { path, code } = await linkOf(rossi);
  const browser = new AdminBrowser(clinic.glir.url);
  await browser.get(path);
  expect((await browser.submit('/admin/sign-in', { code })).status).toBe(303);
  return browser;
}

describe('the way in', () => {
  it('is for admins: a doctor who is none is told who is, and gets no link', async () => {
    const { text, shown } = await weber.types('admin');
    expect(wordsOf(shown)).toContain('Only the person who installed GLIR first');
    expect(text).not.toContain('/admin');
  });

  it('is a link with a code: looking at it, however often, uses nothing up, and it works once', async () => {
    const { path, code } = await linkOf(rossi);
    const scanner = new AdminBrowser(clinic.glir.url);
    for (let times = 0; times < 5; times++) expect((await scanner.get(path)).status).toBe(200);
    // A scanner that presses the button has no code.
    expect((await scanner.submit('/admin/sign-in')).status).toBe(403);
    expect(scanner.cookies.has(SESSION)).toBe(false);

    const browser = new AdminBrowser(clinic.glir.url);
    await browser.get(path);
    const entered = await browser.submit('/admin/sign-in', { code });
    expect([entered.status, entered.headers.get('location')]).toEqual([303, '/admin']);
    const cookie = browser.set.find((line) => line.startsWith(SESSION)) ?? '';
    for (const part of ['HttpOnly', 'Secure', 'SameSite=Strict', 'Path=/']) expect(cookie).toContain(part);
    expect((await browser.get('/admin/rooms')).status).toBe(200);

    const second = new AdminBrowser(clinic.glir.url);
    await second.get(path);
    expect((await second.submit('/admin/sign-in', { code })).status).toBe(403);
    expect(second.html).toContain('used up or too old');
  });

  it('is closed after five wrong codes, after ten minutes, and for a forged link', async () => {
    const guessed = await linkOf(rossi);
    const thief = new AdminBrowser(clinic.glir.url);
    await thief.get(guessed.path);
    const wrong = guessed.code === '000 000' ? '000 001' : '000 000';
    for (let tries = 0; tries < 5; tries++)
      expect((await thief.submit('/admin/sign-in', { code: wrong })).status).toBe(403);
    const link = new URLSearchParams(guessed.path.split('?')[1]).get('link') ?? '';
    expect((await thief.post('/admin/sign-in', { link, code: guessed.code })).status).toBe(403);

    const late = await linkOf(rossi);
    clinic.glir.clock.advance(601_000);
    const lateLink = new URLSearchParams(late.path.split('?')[1]).get('link') ?? '';
    expect((await thief.post('/admin/sign-in', { link: lateLink, code: late.code })).status).toBe(403);
    expect((await thief.post('/admin/sign-in', { link: 'A'.repeat(43), code: '123456' })).status).toBe(403);
    expect(thief.cookies.has(SESSION)).toBe(false);
  });

  it('takes no form of another site', async () => {
    const { path, code } = await linkOf(rossi);
    const link = new URLSearchParams(path.split('?')[1]).get('link') ?? '';
    const browser = new AdminBrowser(clinic.glir.url);
    for (const origin of ['https://evil.example', 'null']) {
      expect((await browser.post('/admin/sign-in', { link, code }, { origin })).status).toBe(403);
    }
    expect(browser.cookies.has(SESSION)).toBe(false);
  });

  it.each(['rooms', 'rooms/end?what=all', 'settings', 'counts', 'audit', 'tenants', 'health', ''])(
    'leads everybody else from /admin/%s to sign in',
    async (page) => {
      const browser = new AdminBrowser(clinic.glir.url);
      browser.cookies.set(SESSION, 'A'.repeat(43));
      const { status, headers } = await browser.get(`/admin/${page}`);
      expect([status, headers.get('location')]).toEqual([303, '/admin/sign-in']);
    },
  );

  it('is forgotten: no token, code or session stands in the database', async () => {
    const { path, code } = await linkOf(rossi);
    const browser = await signedIn();
    const secrets = [new URLSearchParams(path.split('?')[1]).get('link') ?? '-', browser.cookies.get(SESSION) ?? '-'];
    const db = new DatabaseSync(`${clinic.dataDir}/glir.db`, { readOnly: true, timeout: 2_000 });
    const rows = JSON.stringify(
      ['admin_links', 'admin_sessions'].map((table) => db.prepare(`SELECT * FROM ${table}`).all()),
      (_key, value) => (value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value),
    );
    db.close();
    for (const secret of [...secrets, code.replace(' ', '')]) expect(rows).not.toContain(secret);
    expect(clinic.glir.log.join('')).not.toContain(secrets[0]);
    expect(clinic.glir.log.join('')).not.toContain(secrets[1]);
  });
});

describe('a session', () => {
  it('ends with its button, and its cookie is good for nothing afterwards', async () => {
    const browser = await signedIn();
    const token = browser.cookies.get(SESSION) ?? '';
    await browser.get('/admin/rooms');
    expect((await browser.submit('/admin/sign-out')).status).toBe(200);
    browser.cookies.set(SESSION, token);
    expect((await browser.get('/admin/rooms')).status).toBe(303);
  });

  it('ends after half an hour without a request, and goes on with one', async () => {
    const browser = await signedIn();
    clinic.glir.clock.advance(25 * 60_000);
    expect((await browser.get('/admin/rooms')).status).toBe(200);
    clinic.glir.clock.advance(25 * 60_000);
    expect((await browser.get('/admin/rooms')).status).toBe(200);
    clinic.glir.clock.advance(31 * 60_000);
    expect((await browser.get('/admin/rooms')).status).toBe(303);
  });

  it('ends after a working day in any case', async () => {
    const browser = await signedIn();
    for (let times = 0; times < 19; times++) {
      clinic.glir.clock.advance(25 * 60_000);
      expect((await browser.get('/admin/rooms')).status).toBe(200);
    }
    clinic.glir.clock.advance(25 * 60_000);
    expect((await browser.get('/admin/rooms')).status).toBe(303);
  });
});

describe('a tenant’s admin', () => {
  it('sees the live notes of the tenant as metadata, and nothing of other tenants', async () => {
    const own = await draft(ownDoctor());
    const other = await draft(ELSEWHERE);
    const browser = await signedIn();
    await browser.get('/admin/rooms');
    expect(browser.html).toContain(roomTag(own.id));
    expect(browser.html).toContain(clinic.rossi.id);
    for (const hidden of [own.id, roomTag(other.id), ELSEWHERE.tenant, ELSEWHERE.user, '/compose#', '/n/']) {
      expect(browser.html).not.toContain(hidden);
    }
    expect(browser.html).not.toContain('<script');
  });

  it('ends one note, a doctor’s and the tenant’s, each written down with who did it', async () => {
    const browser = await signedIn();
    const one = await draft(ownDoctor());
    await browser.get(`/admin/rooms/end?what=one&tag=${roomTag(one.id)}`);
    expect(isLive(one)).toBe(true);
    const ended = await browser.submit('/admin/rooms/end');
    expect(ended.headers.get('location')).toBe('/admin/rooms?ended=1');
    expect(isLive(one)).toBe(false);

    const [mine, again, colleagues] = [
      await draft(ownDoctor()),
      await draft(ownDoctor()),
      await draft(ownDoctor('U0OTHER')),
    ];
    await browser.get(
      `/admin/rooms/end?${new URLSearchParams({ what: 'doctor', platform: 'slack', tenant: TEAM, user: clinic.rossi.id })}`,
    );
    await browser.submit('/admin/rooms/end');
    expect([mine, again, colleagues].map(isLive)).toEqual([false, false, true]);
    await browser.get(`/admin/rooms/end?${new URLSearchParams({ what: 'tenant', platform: 'slack', tenant: TEAM })}`);
    await browser.submit('/admin/rooms/end');
    expect(isLive(colleagues)).toBe(false);

    const acts = () =>
      audited()
        .slice(-3)
        .map(({ act, by, role, tenant, count }) => ({ act, by, role, tenant, count }));
    const by = { by: clinic.rossi.id, role: 'tenant-admin', tenant: TEAM };
    await expect.poll(acts, SOON).toEqual([
      { act: 'ended-note', ...by, count: 1 },
      { act: 'ended-doctor', ...by, count: 2 },
      { act: 'ended-tenant', ...by, count: 1 },
    ]);
  });

  it('ends nothing of another tenant, whatever the form says', async () => {
    const other = await draft(ELSEWHERE);
    const own = await draft(ownDoctor());
    const browser = await signedIn();
    await browser.get(`/admin/rooms/end?what=one&tag=${roomTag(own.id)}`);
    const { csrf = '' } = browser.fields('/admin/rooms/end');
    const { platform, tenant, user } = ELSEWHERE;
    for (const target of [
      { what: 'one', tag: roomTag(other.id) },
      { what: 'doctor', platform, tenant, user },
      { what: 'tenant', platform, tenant },
      { what: 'all' },
      { what: 'tenant', platform: 'teams', tenant: TEAM },
    ]) {
      const refused = await browser.post('/admin/rooms/end', { ...target, csrf } as Record<string, string>);
      expect([target.what, refused.headers.get('location')]).toEqual([target.what, '/admin/rooms']);
      const asked = await browser.get(`/admin/rooms/end?${new URLSearchParams(target as Record<string, string>)}`);
      expect([target.what, asked.status]).toEqual([target.what, 303]);
    }
    expect([isLive(other), isLive(own)]).toEqual([true, true]);
  });

  it('ends nothing without the form of this session, on a page of ours', async () => {
    const own = await draft(ownDoctor());
    const [browser, another] = [await signedIn(), await signedIn()];
    const target = { what: 'one', tag: roomTag(own.id) };
    await browser.get(`/admin/rooms/end?${new URLSearchParams(target)}`);
    const { csrf = '' } = browser.fields('/admin/rooms/end');
    await another.get(`/admin/rooms/end?${new URLSearchParams(target)}`);
    const foreign = another.fields('/admin/rooms/end')['csrf'] ?? '';
    expect(foreign).not.toBe(csrf);
    const tries: [Record<string, string>, Record<string, string>][] = [
      [target, {}],
      [{ ...target, csrf: '' }, {}],
      [{ ...target, csrf: foreign }, {}],
      [{ ...target, csrf }, { origin: 'https://evil.example' }],
      [{ ...target, csrf }, { origin: 'null' }],
    ];
    for (const [fields, headers] of tries)
      expect((await browser.post('/admin/rooms/end', fields, headers)).status).toBe(403);
    expect(isLive(own)).toBe(true);
    expect((await browser.post('/admin/rooms/end', { ...target, csrf })).status).toBe(303);
    expect(isLive(own)).toBe(false);
  });

  it('has no pages of the operator’s', async () => {
    const browser = await signedIn();
    for (const page of ['tenants', 'health']) {
      const { status, headers } = await browser.get(`/admin/${page}`);
      expect([status, headers.get('location')]).toEqual([303, '/admin/rooms']);
    }
    const foreign = await browser.get(`/admin/settings?platform=slack&tenant=${ELSEWHERE.tenant}`);
    expect(foreign.headers.get('location')).toBe('/admin/rooms');
  });

  it('changes the settings with the rules of the chat, and each change is in the audit', async () => {
    const browser = await signedIn();
    await browser.get('/admin/settings');
    const wrong = await browser.submit('/admin/settings', { expiryMaxSeconds: '3600', expiryDefaultSeconds: '28800' });
    expect(wrong.status).toBe(400);
    expect(browser.html).toContain('aria-invalid="true"');
    expect(
      (
        await browser.submit('/admin/settings', {
          expiryMaxSeconds: '3600',
          expiryDefaultSeconds: '1800',
          phone: '06 555 0100',
        })
      ).status,
    ).toBe(303);
    await browser.get('/admin/settings');
    expect(browser.fields('/admin/settings')).toMatchObject({ expiryMaxSeconds: '3600', phone: '06 555 0100' });
    await browser.get('/admin/audit?what=setting-changed');
    expect(browser.html).toContain('setting: expiryMaxSeconds, from: default, to: 3600');
    expect(browser.html).not.toContain('555 0100');
  });

  it('finds and exports the tenant’s rows of the audit alone, and checks that all are whole', async () => {
    const own = await draft(ownDoctor());
    const other = await draft(ELSEWHERE);
    const browser = await signedIn();
    await browser.get(`/admin/audit?room=${roomTag(own.id)}`);
    expect(browser.html).toContain('note-drafted');
    await browser.get(`/admin/audit?who=${ELSEWHERE.user}`);
    expect(browser.html).toContain('Nothing found.');
    const exported = await browser.submit('/admin/audit/export', { who: '', room: '' });
    expect(exported.headers.get('content-type')).toContain('text/csv');
    const csv = browser.html;
    expect(csv).toContain(roomTag(own.id));
    for (const hidden of [ELSEWHERE.tenant, roomTag(other.id), 'server-started']) expect(csv).not.toContain(hidden);
    await browser.get('/admin/audit');
    await browser.submit('/admin/audit/verify');
    expect(browser.html).toContain('The audit is whole.');
  });

  it('sees how many notes ended, by day and month', async () => {
    const browser = await signedIn();
    expect((await browser.get('/admin/counts')).status).toBe(200);
    expect(browser.html).toContain('class="chart"');
    expect(browser.html).toContain('By day');
  });

  it('reads the console in the language that they choose', async () => {
    const browser = await signedIn();
    await browser.get('/admin/rooms?lang=ar');
    expect(browser.html).toContain('<html lang="ar" dir="rtl">');
    await browser.get('/admin/rooms');
    expect(browser.html).toContain('<html lang="ar" dir="rtl">');
  });
});

describe('the operator', () => {
  let provider: OpenIdProvider;
  let glir: Awaited<ReturnType<typeof startGlir>>;
  beforeAll(async () => {
    const port = await freePort();
    const url = `http://localhost:${port}`;
    provider = await startOpenIdProvider(`${url}/admin/operator/callback`);
    glir = await startGlir({
      PORT: String(port),
      GLIR_DATA_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
      GLIR_ADMIN_OIDC_ISSUER: provider.issuer,
      GLIR_ADMIN_OIDC_CLIENT_ID: provider.clientId,
      GLIR_ADMIN_OIDC_CLIENT_SECRET: provider.clientSecret,
      GLIR_ADMIN_OIDC_ALLOWED: 'groups=glir-operators,anna@hospital.example,sub-7',
    });
  });
  afterAll(async () => {
    await glir?.stop();
    await provider?.close();
  });

  async function comesIn(person: string): Promise<{ browser: AdminBrowser; status: number }> {
    provider.person = person;
    const browser = new AdminBrowser(glir.url);
    const { status } = await browser.follow('/admin/operator');
    return { browser, status };
  }

  it.each(['op-maria', 'anna', 'sub-7'])('“%s” comes in: by group, verified address, or subject', async (person) => {
    const { browser, status } = await comesIn(person);
    expect(status).toBe(200);
    // From a page of ours, so that the strict cookie comes along.
    expect(browser.html).toContain('<meta http-equiv="refresh" content="0;url=/admin">');
    expect((await browser.get('/admin/health')).status).toBe(200);
    expect(browser.html).toContain('1 of 1');
  });

  it.each(['mallory', 'unverified-anna', 'sub-77'])('“%s” does not, and is told the id to ask with', async (person) => {
    const { browser, status } = await comesIn(person);
    expect(status).toBe(403);
    expect(browser.html).toContain(person);
    expect(browser.cookies.has(SESSION)).toBe(false);
    expect((await browser.get('/admin/rooms')).status).toBe(303);
  });

  it('does not come in with what another browser began, nor twice with the same', async () => {
    provider.person = 'op-maria';
    const browser = new AdminBrowser(glir.url);
    let answer = await browser.get('/admin/operator');
    let location = answer.headers.get('location') ?? '';
    while (!location.startsWith(glir.url)) {
      answer = await browser.get(location);
      location = new URL(answer.headers.get('location') ?? '', answer.url).href;
    }
    const victim = new AdminBrowser(glir.url);
    expect((await victim.get(location)).status).toBe(400);
    expect(victim.cookies.has(SESSION)).toBe(false);
    expect((await browser.get(location)).status).toBe(400);
  });

  it('sees the notes of all tenants, and ends them all', async () => {
    const doctors = ['slack', 'teams'].map((platform) => ({
      platform: platform as 'slack' | 'teams',
      tenant: `of-${platform}`,
      user: 'U1',
      displayName: '',
    }));
    const drafts = await Promise.all(doctors.map(async (doctor) => (await glir.app.rooms.draft(doctor)).room));
    const { browser } = await comesIn('op-maria');
    await browser.get('/admin/rooms');
    for (const room of drafts) expect(browser.html).toContain(roomTag(room.id));
    expect((await browser.get('/admin/tenants')).status).toBe(200);
    await browser.get('/admin/rooms/end?what=all');
    const ended = await browser.submit('/admin/rooms/end');
    expect(ended.headers.get('location')).toBe('/admin/rooms?ended=2');
    expect(glir.app.rooms.all()).toEqual([]);
    await browser.get('/admin/audit?what=admin-acted');
    await expect
      .poll(async () => (await browser.get('/admin/audit?what=admin-acted')).ok && browser.html, SOON)
      .toContain('act: ended-all, count: 2');
  });
});
