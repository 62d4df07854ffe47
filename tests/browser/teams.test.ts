import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Doctor, Patient } from '../support/browser/people.ts';
import { sharedBrowser } from '../support/browser/shared.ts';
import { findsIn } from '../support/server/search.ts';
import { AT_ONCE_MS, SOON } from '../support/server/soon.ts';
import { executeOnCard, message } from '../support/teams/activities.ts';
import {
  answeredCard,
  cardOf,
  idOf,
  type SentCard,
  startTeamsClinic,
  type TeamsClinic,
} from '../support/teams/clinic.ts';

const NOTE = 'NOTEMARKER Ramipril 5 mg: 1 tablet in the morning';

let clinic: TeamsClinic;
let surgery: Browser;
let home: Browser;
beforeAll(async () => {
  [clinic, surgery, home] = await Promise.all([startTeamsClinic(), sharedBrowser('clinic'), sharedBrowser('home')]);
});
afterAll(async () => {
  await Promise.all([surgery.close(), home.close()]);
  await clinic.stop();
});

const posted = () => clinic.cloud.messages().filter(({ method }) => method === 'POST');
const card = (): SentCard => cardOf(clinic.cloud.messages().at(-1));

/** Presses a button of the note's card; gives the card of the answer. */
async function press(title: string): Promise<SentCard> {
  const { verb = '', data = {} } = card().button(title);
  const { json } = await clinic.cloud.post(executeOnCard(verb, data, idOf(posted()[0], clinic.cloud)));
  return answeredCard(json);
}

test('from /glir in Teams to the patient’s screen, admitted and revoked on the card, and Teams never sees the note', async () => {
  const doctor = new Doctor(await surgery.newContext(), clinic.glir.url);
  const patient = new Patient(await (await home.newContext()).newPage());
  await clinic.cloud.post(message('/glir 15m'));
  await expect.poll(() => posted()[0]?.status, SOON).toBe(201);
  await doctor.opens(card().button('Write the note').url ?? '');
  await doctor.note.fill(NOTE);
  await doctor.composer.getByRole('button', { name: 'Share' }).click();
  const link = await doctor.composer.getByRole('textbox', { name: 'Note link' }).inputValue();

  await patient.follows(link);
  await patient.page.getByText('Anna Rossi has a private note for you.').waitFor();
  await patient.opens();
  const code = patient.page.getByText(/^\d{3}\s\d{3}$/);
  await code.waitFor();
  const spoken = ((await code.textContent()) ?? '').replace(/\D/g, '');

  // The card that had the button now shows the same code; the doctor admits there.
  await expect.poll(() => card().json.replace(/(\d{3}) (\d{3})/, '$1$2'), SOON).toContain(spoken);
  await press('Admit');
  expect(await patient.reads()).toBe(NOTE);
  await expect.poll(() => card().json, SOON).toContain('read by 1');

  // Revoke in Teams wipes the patient's page within a second.
  const begin = performance.now();
  expect((await press('Revoke')).json).toContain('You revoked it');
  await patient.sees('This note is gone');
  expect(performance.now() - begin).toBeLessThan(AT_ONCE_MS);
  expect(await patient.everything()).not.toContain('NOTEMARKER');
  await expect.poll(() => card().json, SOON).toContain('You revoked it');
  expect(posted()).toHaveLength(1);

  const sent = clinic.cloud.calls.flatMap(({ path, body }) => [path, body]);
  expect(sent.filter((text) => text.includes('/n/'))).toEqual([]);
  for (const secret of ['NOTEMARKER', new URL(link).hash.slice(1), new URL(link).pathname.slice(3)]) {
    expect(findsIn(sent, secret)).toBe(false);
  }
  expect(findsIn(sent, '/compose#')).toBe(true);
});
