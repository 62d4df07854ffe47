import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { BrowserContext, FrameLocator, Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import type { Patient } from '../support/browser/people.ts';
import { findsIn } from '../support/server/search.ts';
import { openTeams, type TeamsHost } from '../support/teams/host.ts';

const NOTE = 'Bisoprolol 2.5 mg: half a tablet in the morning';
const DATA = mkdtempSync(path.join(tmpdir(), 'glir-teams-'));
const ENV = {
  GLIR_DATA_DIR: DATA,
  GLIR_DATA_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  GLIR_TEAMS_PLAYGROUND: 'http://127.0.0.1:56150',
  GLIR_TEAMS_COMPOSE: 'dialog',
};

describe('the composer in a Teams dialog', () => {
  const clinic = useClinic({ env: ENV, ownBrowsers: true });
  afterAll(() => rmSync(DATA, { recursive: true }));

  /** What the bot answers with: an address whose ticket works once. */
  async function dialogAddress(path = '/teams/compose'): Promise<string> {
    const doctor = { platform: 'teams', tenant: 'tenant', user: 'user', displayName: 'Dr. Rossi' } as const;
    const { ticket } = await clinic.glir.app.rooms.draft(doctor);
    return `${clinic.glir.url}${path}#${ticket}`;
  }

  async function opensDialog(options?: Parameters<typeof openTeams>[1]): Promise<TeamsHost> {
    const teams = await openTeams(await clinic.newProfile(), options);
    await teams.opens(await dialogAddress());
    return teams;
  }

  /** Everything that pages of a browser complain about in their consoles. */
  function complaints(context: BrowserContext): string[] {
    const heard: string[] = [];
    context.on('console', (message) => {
      if (['warning', 'error'].includes(message.type())) heard.push(message.text());
    });
    return heard;
  }

  async function admitted(composer: FrameLocator | Page, link: string): Promise<Patient> {
    const patient = await clinic.newPatient();
    await patient.follows(link);
    await patient.opens();
    await composer.getByRole('button', { name: 'Admit' }).click();
    return patient;
  }

  test('is the whole way of a note, and closing the dialog wipes it from the patient’s screen', async () => {
    const context = await clinic.newProfile();
    const heard = complaints(context);
    const teams = await openTeams(context);
    await teams.opens(await dialogAddress());
    await noteIn(teams.dialog).fill(NOTE);
    await teams.dialog.getByText('Closing this window ends the note.').waitFor();
    const link = await shared(teams.dialog);
    await teams.dialog.getByText('it cannot move to the browser any more').waitFor();
    expect(await teams.dialog.getByRole('button', { name: 'Continue in the browser' }).isVisible()).toBe(false);
    const patient = await admitted(teams.dialog, link);
    expect(await patient.reads()).toBe(NOTE);
    await teams.closes();
    await patient.sees('This note is gone');
    expect(await patient.everything()).not.toContain('Bisoprolol');
    expect(teams.asked.map(({ func }) => func)).toEqual(
      expect.arrayContaining(['initialize', 'getContext', 'appInitialization.success']),
    );
    expect(heard).toEqual([]);
  });

  test('follows the theme of Teams, whatever the device prefers', async () => {
    const teams = await opensDialog({ theme: 'dark' });
    await noteIn(teams.dialog).waitFor();
    await teams.page.emulateMedia({ colorScheme: 'light' });
    expect(await background(teams.dialog)).toBe('rgb(18, 23, 21)');
    await teams.changesTheme('contrast');
    await expect.poll(() => background(teams.dialog)).toBe('rgb(0, 0, 0)');
    await teams.page.emulateMedia({ colorScheme: 'dark' });
    await teams.changesTheme('default');
    await expect.poll(() => background(teams.dialog)).toBe('rgb(247, 245, 240)');
  });

  test.each(['https://teams.microsoft.com', 'https://teams.cloud.microsoft', 'https://emea.teams.microsoft.com'])(
    'shows inside %s, also when that isolates itself',
    async (origin) => {
      const headers = { 'cross-origin-embedder-policy': 'require-corp' };
      const teams = await openTeams(await clinic.newProfile(), { origin, headers });
      const answer = teams.page.waitForResponse(`${clinic.glir.url}/teams/compose`);
      await teams.opens(await dialogAddress());
      expect((await answer).status()).toBe(200);
      await teams.dialog.locator('#app > *').first().waitFor();
    },
  );

  test.each([
    ['https://teams.microsoft.com.example.org', '/teams/compose'],
    ['https://example.org', '/teams/compose'],
    ['https://teams.microsoft.com:8443', '/teams/compose'],
    ['https://teams.microsoft.com', '/teams/continue'],
    ['https://teams.microsoft.com', '/compose'],
    ['https://teams.microsoft.com', '/n/abcdefghijklmnopqrstuv'],
  ])('%s may not frame %s', async (origin, path) => {
    const context = await clinic.newProfile();
    const heard = complaints(context);
    const teams = await openTeams(context, { origin });
    await teams.opens(await dialogAddress(path));
    await expect.poll(() => heard.join()).toMatch(/frame-ancestors/);
    expect(await teams.dialog.locator('#app').count()).toBe(0);
  });

  test('outside of Teams it says so, and the unused link leads on to the browser', async () => {
    const page = await (await clinic.newProfile()).newPage();
    await page.goto(await dialogAddress());
    await page.getByRole('heading', { name: 'This page belongs in Microsoft Teams' }).waitFor();
    await page.getByRole('link', { name: 'Write the note in the browser' }).click();
    await noteIn(page).fill(NOTE);
    expect(new URL(page.url()).pathname).toBe('/compose');
    await page.goto(`${clinic.glir.url}/teams/compose`);
    await page.getByText('Go back to Teams and type /glir.').waitFor();
  });

  test('a Teams that never answers is not waited for forever', async () => {
    const context = await clinic.newProfile();
    await context.clock.install();
    const teams = await openTeams(context, { answers: false });
    await teams.opens(await dialogAddress());
    await teams.dialog.getByText('One moment, please.').waitFor();
    await context.clock.runFor(11_000);
    const [tab] = await Promise.all([
      context.waitForEvent('page'),
      teams.dialog.getByRole('link', { name: 'Write the note in the browser' }).click(),
    ]);
    await noteIn(tab).waitFor();
  });

  describe('“Continue in the browser”', () => {
    const continues = async (teams: TeamsHost): Promise<Page> => {
      const [tab] = await Promise.all([
        teams.page.context().waitForEvent('page'),
        teams.dialog.getByRole('button', { name: 'Continue in the browser' }).click(),
      ]);
      return tab;
    };

    test('moves every character to a tab, past the server, and leaves nothing behind', async () => {
      const context = await clinic.newProfile();
      const heard = complaints(context);
      const wire = listen(context);
      const teams = await openTeams(context);
      await teams.opens(await dialogAddress());
      await noteIn(teams.dialog).fill(LONG);
      await teams.dialog.getByRole('combobox', { name: 'Ends after' }).selectOption({ label: '5 minutes' });
      const tab = await continues(teams);
      await noteIn(tab).waitFor();
      expect(await noteIn(tab).inputValue()).toBe(LONG);
      expect(await tab.getByRole('combobox', { name: 'Ends after' }).inputValue()).toBe('300');
      expect(await tab.evaluate(() => window.opener)).toBeNull();

      await teams.dialog.getByRole('heading', { name: 'The note is in your browser now' }).waitFor();
      expect(await teams.dialog.locator('html').innerHTML()).not.toContain(MARKER);
      // The room has moved as well: without the dialog the note lives on.
      await teams.closes();
      const link = await shared(tab);
      const patient = await admitted(tab, link);
      expect(await patient.reads()).toBe(LONG);
      // Both windows were listened to: otherwise finding nothing would mean nothing.
      for (const t of ['compose', 'resume', 'share'])
        expect(
          wire.some((line) => line.startsWith(`{"t":"${t}"`)),
          t,
        ).toBe(true);
      expect(findsIn([...wire, ...clinic.glir.log], MARKER)).toBe(false);
      expect(heard).toEqual([]);
      await tab.close();
      await patient.sees('This note is gone');
    });

    test('keeps the note in the dialog when Teams cuts the tab off, and offers its text', async () => {
      const context = await clinic.newProfile();
      const teams = await openTeams(context, { headers: { 'cross-origin-opener-policy': 'same-origin' } });
      await teams.opens(await dialogAddress());
      await noteIn(teams.dialog).fill(NOTE);
      await teams.dialog.getByRole('button', { name: 'Continue in the browser' }).click();
      await teams.dialog.getByText('The browser did not take the note. It is still here').waitFor();
      expect(await noteIn(teams.dialog).inputValue()).toBe(NOTE);
      await teams.page.bringToFront();
      await teams.dialog.getByRole('button', { name: 'Copy the text' }).click();
      await teams.dialog.getByText('Copied.').waitFor();
      await noteIn(teams.dialog).fill('');
      await teams.page.keyboard.press('Control+V');
      expect(await noteIn(teams.dialog).inputValue()).toBe(NOTE);
      await shared(teams.dialog);
    });

    test('keeps the note in the dialog when the tab is closed before it has it', async () => {
      const context = await clinic.newProfile();
      const teams = await openTeams(context);
      await context.route('**/teams/continue', (route) => route.abort());
      await teams.opens(await dialogAddress());
      await noteIn(teams.dialog).fill(NOTE);
      await (await continues(teams)).close();
      await teams.dialog.getByText('It is still here, and nothing is lost.').waitFor();
      await noteIn(teams.dialog).fill(`${NOTE}.`);
      await shared(teams.dialog);
    });

    test('in Teams’ own program the text is copied instead, and the page says why', async () => {
      const teams = await opensDialog({ clientType: 'desktop' });
      await noteIn(teams.dialog).fill(NOTE);
      await teams.dialog.getByText('Teams cannot hand the note to your browser on this device.').waitFor();
      await teams.dialog.getByRole('button', { name: 'Copy the text' }).click();
      await teams.dialog.getByText(/^Copied\./).waitFor();
      expect(await teams.dialog.getByRole('button', { name: 'Continue in the browser' }).isVisible()).toBe(false);
    });

    test('the tab by itself, or opened by another site, gets nothing and says so', async () => {
      const context = await clinic.newProfile();
      await context.clock.install();
      const alone = await context.newPage();
      await alone.goto(`${clinic.glir.url}/teams/continue`);
      await alone.getByRole('heading', { name: 'No note arrived here' }).waitFor();

      const stranger = await openTeams(context, { origin: 'https://example.org' });
      const [tab] = await Promise.all([
        context.waitForEvent('page'),
        stranger.page.evaluate((address) => {
          const opened = window.open(address);
          const draft = { ownerToken: 'x', note: 'x', policy: {} };
          setInterval(() => opened?.postMessage({ kind: 'draft', draft }, '*', [new MessageChannel().port2]), 50);
        }, `${clinic.glir.url}/teams/continue`),
      ]);
      await tab.getByText('One moment, please.').waitFor();
      await context.clock.runFor(16_000);
      await tab.getByRole('heading', { name: 'No note arrived here' }).waitFor();
    });
  });
});

const MARKER = 'Levothyroxin-75-µg';
/** 60 KiB of everything that a clinic writes. */
const LONG = lines(60 * 1024);

function lines(bytes: number): string {
  const line = `${MARKER} · 1×1 früh, ½ Tablette 💊👩🏽‍⚕️ \t– صباحًا ‏قبل الطعام — щоранку — e\u0301té — 𝟙𝟚𝟛 <b>&amp;</b>\n`;
  return line.repeat(Math.floor(bytes / Buffer.byteLength(line)));
}

function noteIn(where: FrameLocator | Page) {
  return where.getByRole('textbox', { name: 'Note', exact: true });
}

async function shared(composer: FrameLocator | Page): Promise<string> {
  await composer.getByRole('button', { name: 'Share' }).click();
  return composer.getByRole('textbox', { name: 'Note link' }).inputValue();
}

function background(dialog: FrameLocator): Promise<string> {
  return dialog.locator('html').evaluate((root) => getComputedStyle(root).backgroundColor);
}

/** All that any page of a browser sends, and hears over its sockets. */
function listen(context: BrowserContext): string[] {
  const wire: string[] = [];
  context.on('request', (request) => {
    wire.push(request.url(), JSON.stringify(request.headers()), request.postData() ?? '');
  });
  context.on('page', (page) => {
    page.on('websocket', (socket) => {
      socket.on('framesent', ({ payload }) => wire.push(String(payload)));
      socket.on('framereceived', ({ payload }) => wire.push(String(payload)));
    });
  });
  return wire;
}
