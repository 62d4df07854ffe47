import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type InfoFacts, infoPages } from '../../src/http/info-pages.ts';
import { INFO_PATHS } from '../../src/http/plain-page.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { CLIENT_ID, CLIENT_SECRET } from '../support/slack/cloud.ts';
import { SIGNING_SECRET } from '../support/slack/signature.ts';
import { type SlackClinic, startSlackClinic } from '../support/slack/workspace.ts';

const PATHS = Object.values(INFO_PATHS);
const TURN_SECRET = 'turn-secret-of-the-clinic';

/** What a person reads on a page. */
const readable = (markup: string) =>
  markup
    .replace(/<(style|title)>[\s\S]*?<\/\1>/g, '')
    .replace(/<[^>]*>/g, '')
    .replaceAll('&#39;', "'")
    .replaceAll(/\s+/g, ' ');

describe('with Slack set up', () => {
  let clinic: SlackClinic;
  const read = async (path: string) => (await fetch(`${clinic.glir.url}${path}`)).text();
  beforeAll(async () => {
    clinic = await startSlackClinic({
      GLIR_OPERATOR: '<b onclick="x()">Rossi & Weber\'s</b> S.p.A.',
      GLIR_HISTORY_DAYS: '30',
      GLIR_TURN: 'turn:turn.sanmarco.example:3478',
      GLIR_TURN_SECRET: TURN_SECRET,
    });
  });
  afterAll(() => clinic.stop());

  it.each(PATHS)('%s comes as a page that runs, keeps, frames and tells nothing', async (path) => {
    const answer = await fetch(`${clinic.glir.url}${path}`, { headers: { 'accept-language': 'it' } });
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-language': 'it',
      vary: 'Accept-Language',
      'cache-control': 'no-store, no-transform',
      'x-frame-options': 'DENY',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'$/,
    );
    const markup = await answer.text();
    expect(markup).not.toMatch(/<script|<[^<>]*\s(?:on\w+|style)=|https?:/);
    expect(answer.headers.has('set-cookie')).toBe(false);
  });

  it.each(PATHS)(
    '%s is in the language that the address asks for, or else the browser, or else in English',
    async (path) => {
      const languageOf = async (address: string, asked: string) => {
        const answer = await fetch(`${clinic.glir.url}${address}`, { headers: { 'accept-language': asked } });
        return [answer.headers.get('content-language'), /<html lang="(\w+)"/.exec(await answer.text())?.[1]];
      };
      expect(await languageOf(path, 'xx, de;q=0.5, fr;q=0.8')).toEqual(['fr', 'fr']);
      expect(await languageOf(`${path}?lang=uk`, 'fr')).toEqual(['uk', 'uk']);
      expect(await languageOf(`${path}?lang=xx`, 'de-AT')).toEqual(['de', 'de']);
      expect(await languageOf(path, `${'x,'.repeat(5_000)}de`)).toEqual(['en', 'en']);
    },
  );

  it.each(PATHS)('%s takes nothing', async (path) => {
    const posted = await fetch(`${clinic.glir.url}${path}`, { method: 'POST', body: 'note=secret' });
    expect(posted.status).toBe(404);
  });

  it('says what GLIR is, and what a patient does who came here by mistake', async () => {
    const text = readable(await read('/'));
    expect(text).toContain('A doctor hands a patient a private note through a link.');
    expect(text).toContain('Open the whole link that your doctor gave you.');
    expect(text).toContain('In Slack, type /glir.');
    expect(await read('/')).toContain('<a href="/privacy?lang=en">What this server keeps, and what it never sees</a>');
  });

  it('leads from each of its pages to the others', async () => {
    for (const path of [...PATHS, '/slack/install']) {
      const links = [...(await read(path)).matchAll(/<a href="([^"?]+)\?lang=en"/g)].map(([, to]) => to);
      expect(links, path).toEqual(expect.arrayContaining(PATHS.filter((other) => other !== path)));
    }
  });

  it('names the operator as text, whatever is in the name, and ends the sentence once', async () => {
    for (const path of ['/privacy', '/terms']) {
      const markup = await read(path);
      expect(markup).toContain('<bdi>&lt;b onclick=&quot;x()&quot;&gt;Rossi &amp; Weber&#39;s&lt;/b&gt; S.p.A.</bdi>');
      expect(markup).not.toContain('<b ');
      expect(readable(markup)).not.toContain('..');
    }
  });

  it('tells how long the history is kept, what is kept of Slack, and that others help to connect', async () => {
    const text = readable(await read('/privacy'));
    expect(text).toContain("For 30 days: when a doctor's notes were open");
    expect(text).toContain('From Slack:');
    expect(text).toContain('Other servers help the two pages to connect.');
    expect(text).not.toContain('Teams');
  });

  it('tells no secret, no setting and no place on the disk', async () => {
    const secrets = [CLIENT_ID, CLIENT_SECRET, SIGNING_SECRET, TURN_SECRET, 'turn.sanmarco', clinic.dataDir];
    for (const path of PATHS) {
      const markup = await read(path);
      for (const secret of secrets) expect(markup).not.toContain(secret);
    }
  });

  it('shows the pages of the installation in the same style, under the same policy', async () => {
    const style = (markup: string) => /<style>([\s\S]*)<\/style>/.exec(markup)?.[1];
    const [own, install] = await Promise.all(['/terms', '/slack/install'].map((path) => fetch(clinic.glir.url + path)));
    const policy = own?.headers.get('content-security-policy');
    expect(install?.headers.get('content-security-policy')).toBe(policy);
    expect(style((await install?.text()) ?? '')).toBe(style((await own?.text()) ?? 'nothing'));
  });
});

describe('with the local chat', () => {
  let glir: Glir;
  beforeAll(async () => {
    glir = await startGlir();
  });
  afterAll(() => glir.stop());

  it('the chat stays at the root, and the other two pages are there as well', async () => {
    expect(await (await fetch(`${glir.url}/`)).text()).toContain('<script type="module"');
    expect(await (await fetch(`${glir.url}/terms`)).text()).toContain('Ask whoever runs this server.');
    const privacy = readable(await (await fetch(`${glir.url}/privacy`)).text());
    expect(privacy).toContain('Ask whoever runs this server.');
    expect(privacy).toContain('A log, one line for each step.');
    expect(privacy).not.toMatch(/Slack|Teams|Other servers|For 90 days/);
  });
});

describe('the page about privacy', () => {
  const BASE: InfoFacts = {
    operator: null,
    platforms: { slack: true, teams: true },
    historyDays: 90,
    auditDays: 2_192,
    relays: false,
  };
  const privacy = (facts: Partial<InfoFacts>) => readable(infoPages({ ...BASE, ...facts })['/privacy'].html('en'));

  it.each([
    [0, 'No list of past notes is kept.'],
    [1, 'For 1 day: when'],
    [90, 'For 90 days: when'],
    [3_650, 'For 3650 days: when'],
  ])('tells the truth about %i days of history', (historyDays, words) => {
    const text = privacy({ historyDays });
    expect(text).toContain(words);
    expect(text.match(/For \d+ days?:/g) ?? []).toHaveLength(historyDays === 0 ? 0 : 1);
  });

  it.each([
    [1, 'An audit, for 1 day: which doctor'],
    [2_192, 'An audit, for 6 years: which doctor'],
    [400, 'An audit, for 400 days: which doctor'],
  ])('tells of the audit that is kept for %i days, and that it stays', (auditDays, words) => {
    const text = privacy({ auditDays });
    expect(text).toContain(words);
    expect(text.match(/is deleted\. All but the audit\./g)).toHaveLength(2);
  });

  it('tells of no audit where none is kept', () => {
    expect(privacy({ auditDays: 0 })).not.toContain('audit');
  });

  it('speaks of the platforms that are set up, and of no other', () => {
    expect(privacy({})).toContain('Slack and Microsoft Teams can see');
    expect(privacy({ platforms: { slack: false, teams: true } })).not.toContain('Slack');
    expect(privacy({ platforms: { slack: true, teams: false } })).not.toContain('Teams');
  });
});
