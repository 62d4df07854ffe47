import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Doctor, Patient } from '../support/browser/people.ts';
import { sharedBrowser } from '../support/browser/shared.ts';
import { findsIn } from '../support/server/search.ts';
import { AT_ONCE_MS, SOON } from '../support/server/soon.ts';
import { buttonIn, directMessageIn, SlackDoctor, updatedView, wordsOf } from '../support/slack/doctor.ts';
import { type SlackClinic, startSlackClinic } from '../support/slack/workspace.ts';

const NOTE = 'NOTEMARKER Ramipril 5 mg: 1 tablet in the morning';

let clinic: SlackClinic;
let surgery: Browser;
let home: Browser;
beforeAll(async () => {
  [clinic, surgery, home] = await Promise.all([startSlackClinic(), sharedBrowser('clinic'), sharedBrowser('home')]);
  await clinic.install();
});
afterAll(async () => {
  await Promise.all([surgery.close(), home.close()]);
  await clinic.stop();
});

test('from /glir in Slack to the patient’s screen, admitted and revoked in Slack, and Slack never sees the note', async () => {
  const slack = new SlackDoctor(clinic);
  const doctor = new Doctor(await surgery.newContext(), clinic.glir.url);
  const patient = new Patient(await (await home.newContext()).newPage());

  const { view } = await slack.opensForm();
  const ready = updatedView((await slack.submits(view, { expiry: '900', name: 'Dr Anna Rossi' })).json);
  const write = buttonIn(ready, 'Write the note');
  await slack.presses(write);
  await doctor.opens(write.url ?? '');
  // The form has asked: the page shows what was chosen, and does not ask again.
  await doctor.composer.getByText('I admit each reader · 15 minutes · at most 3 readers').waitFor();
  expect(await doctor.composer.getByRole('radio').count()).toBe(0);
  await doctor.note.fill(NOTE);
  await doctor.composer.getByRole('button', { name: 'Share' }).click();
  const link = await doctor.composer.getByRole('textbox', { name: 'Note link' }).inputValue();

  await patient.follows(link);
  await patient.page.getByText('Dr Anna Rossi has a private note for you.').waitFor();
  await patient.opens();
  const code = patient.page.getByText(/^\d{3}\s\d{3}$/);
  await code.waitFor();
  const spoken = ((await code.textContent()) ?? '').replace(/\D/g, '');

  // The direct message shows the same code, whether Slack had it before the patient came or not; the doctor admits there.
  const direct = () => directMessageIn(clinic.slack);
  await expect.poll(() => wordsOf(direct()).replace(/(\d{3}) (\d{3})/, '$1$2'), SOON).toContain(spoken);
  expect(clinic.slack.callsTo('chat.postMessage')).toHaveLength(1);
  await slack.presses(buttonIn(direct(), 'Admit'));
  expect(await patient.reads()).toBe(NOTE);
  await expect.poll(() => wordsOf(direct()), SOON).toContain('read by 1');

  // Revoke in Slack wipes the patient's page within a second.
  const begin = performance.now();
  await slack.presses(buttonIn(direct(), 'Revoke'));
  await patient.sees('This note is gone');
  expect(performance.now() - begin).toBeLessThan(AT_ONCE_MS);
  expect(await patient.everything()).not.toContain('NOTEMARKER');
  await expect.poll(() => wordsOf(direct()), SOON).toContain('You revoked it');

  const toSlack = clinic.slack.calls.flatMap(({ path, body, fields }) => [path, body, JSON.stringify(fields)]);
  expect(toSlack.filter((text) => text.includes('/n/'))).toEqual([]);
  for (const secret of ['NOTEMARKER', new URL(link).hash.slice(1), new URL(link).pathname.slice(3)]) {
    expect(findsIn(toSlack, secret)).toBe(false);
  }
  expect(findsIn(toSlack, '/compose#')).toBe(true);
});
