import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Patient } from '../support/browser/people.ts';
import { sharedBrowser } from '../support/browser/shared.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { findsIn } from '../support/server/search.ts';
import { AT_ONCE_MS } from '../support/server/soon.ts';
import { cardsIn, openCardTable } from '../support/teams/cards.ts';
import { TeamsDoctor } from '../support/teams/doctor.ts';
import { type Playground, startPlayground } from '../support/teams/playground.ts';

const NOTE = 'NOTEMARKER Ramipril 5 mg: 1 tablet in the morning';
const TYPED = 'NOTEMARKER Bisoprolol 2.5 mg at night';

let playground: Playground;
let glir: Glir;
let surgery: Browser;
let home: Browser;
let teams: TeamsDoctor;
beforeAll(async () => {
  [playground, surgery, home] = await Promise.all([startPlayground(), sharedBrowser('clinic'), sharedBrowser('home')]);
  glir = await startGlir(playground.env);
  teams = await TeamsDoctor.at(playground, await surgery.newContext());
});
afterAll(async () => {
  await Promise.all([surgery.close(), home.close()]);
  await glir.stop();
  await playground.stop();
});

/** Writes and shares in the tab that Teams opened; gives the note link. */
async function shares(composer: Page): Promise<string> {
  await composer.getByRole('textbox', { name: 'Note', exact: true }).fill(NOTE);
  await composer.getByRole('button', { name: 'Share' }).click();
  return composer.getByRole('textbox', { name: 'Note link' }).inputValue();
}

describe('GLIR in Microsoft’s Agents Playground', () => {
  test('introduces itself when it is installed, and only then', async () => {
    await teams.card.getByText('Welcome to GLIR').waitFor();
    await teams.says('hi');
    await teams.card.getByText('your open notes').waitFor();
    expect(await teams.cards.count()).toBe(2);
  });

  test('tells a doctor who types something else not to type the note here, and never says it again', async () => {
    await teams.says(TYPED);
    await teams.card.getByText("Don't type the note here.").waitFor();
    expect(findsIn([...playground.sent, ...glir.log], 'NOTEMARKER')).toBe(false);
  });

  test('from /glir to the patient’s screen, admitted and revoked on the card, and Teams never sees the note', async () => {
    const patient = new Patient(await (await home.newContext()).newPage());
    const before = await teams.cards.count();
    await teams.says('/glir');
    await teams.chooses('How long can it be read?', '15 minutes');
    await teams.presses('Continue');
    const link = await shares(await teams.follows('Write the note'));

    await patient.follows(link);
    await patient.page.getByText('Anna Rossi has a private note for you.').waitFor();
    await patient.opens();
    const code = patient.page.getByText(/^\d{3}\s\d{3}$/);
    await code.waitFor();
    const spoken = ((await code.textContent()) ?? '').replace(/\D/g, '');

    // The card that had the button now shows the same code; the doctor admits there.
    const onCard = async () => ((await teams.card.textContent()) ?? '').replace(/(\d{3}) (\d{3})/, '$1$2');
    await expect.poll(onCard, { timeout: 10_000 }).toContain(spoken);
    await teams.presses('Admit');
    expect(await patient.reads()).toBe(NOTE);
    await teams.card.getByText('read by 1').waitFor();

    // Revoke in Teams wipes the patient's page within a second of the press's leaving the doctor's Teams.
    const pressed = teams.page.waitForRequest((request) => request.method() === 'POST').then(() => performance.now());
    const [, , at] = await Promise.all([teams.revokes(), patient.sees('This note is gone'), pressed]);
    expect(performance.now() - at).toBeLessThan(AT_ONCE_MS);
    expect(await patient.everything()).not.toContain('NOTEMARKER');
    await teams.card.getByText('You revoked it').waitFor();
    expect(await teams.cards.count()).toBe(before + 1);

    for (const secret of ['NOTEMARKER', new URL(link).hash.slice(1), new URL(link).pathname.slice(3)]) {
      expect(findsIn(playground.sent, secret)).toBe(false);
    }
    expect(findsIn(playground.sent, '/compose#')).toBe(true);
  });

  test('/glir where messages are written opens a dialog, and a card follows the note in the chat once it is shared', async () => {
    const before = await teams.cards.count();
    const form = await teams.opensForm();
    await teams.chooses('Who gets in?', 'The link is enough', form);
    await teams.presses('Continue', form);
    const composer = await teams.follows('Write the note', form);
    expect(await teams.cards.count()).toBe(before);
    await teams.closes(form);

    await shares(composer);
    await expect.poll(() => teams.cards.count(), { timeout: 10_000 }).toBe(before + 1);
    await teams.card.getByText('not read yet').waitFor();
    await teams.revokes();
    await teams.card.getByText('You revoked it').waitFor();
  });

  test('lists open notes and revokes one in the list', async () => {
    await teams.says('glir 15m');
    await teams.card.getByRole('link', { name: 'Write the note' }).waitFor();
    await teams.says('list');
    await teams.card.getByText('Your open notes:').waitFor();
    await teams.revokes();
    await teams.card.getByText('You have no open notes.').waitFor();
  });

  test('sends cards without faults, and nothing that leads to a note', async () => {
    const table = await openCardTable(home);
    const cards = cardsIn(playground.sent);
    expect(cards.length).toBeGreaterThan(10);
    for (const card of cards) expect((await table.show(card)).problems).toEqual([]);
    expect(playground.sent.filter((text) => text.includes('/n/'))).toEqual([]);
  });
});
