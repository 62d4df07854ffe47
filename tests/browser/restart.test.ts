import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import { ServerProcess } from '../proofs/faults/server-process.ts';
import { Doctor, Patient } from '../support/browser/people.ts';
import { sharedBrowser } from '../support/browser/shared.ts';
import { rawClient } from '../support/signalling/client.ts';
import { joinMessage } from '../support/signalling/raw.ts';

const NOTE = 'Levothyroxine 50 µg: 1 tablet before breakfast';

const problem = process.env['TEST_PROBLEM'];
let server: ServerProcess;
let clinic: Browser;
let home: Browser;

beforeAll(async () => {
  if (problem !== undefined) return;
  [server, clinic, home] = await Promise.all([ServerProcess.start(), sharedBrowser('clinic'), sharedBrowser('home')]);
});
beforeEach(({ skip }) => skip(problem !== undefined, problem));
afterEach(async () => {
  await Promise.all([clinic, home].flatMap((browser) => browser.contexts().map((context) => context.close())));
});
afterAll(async () => {
  if (problem !== undefined) return;
  await Promise.all([clinic.close(), home.close()]);
  await server.dispose();
});

/** A note on a patient's screen whom the doctor admitted, with the owner token that the doctor's page has. */
async function reading() {
  const doctor = new Doctor(await clinic.newContext(), server.url);
  const patient = new Patient(await (await home.newContext()).newPage());
  const compose = await doctor.asks('/glir');
  const page = await doctor.opens('about:blank');
  const ownerToken = ownerOn(page);
  await page.goto(compose);
  await doctor.note.fill(NOTE);
  await page.getByRole('button', { name: 'Share' }).click();
  const link = await page.getByRole('textbox', { name: 'Note link' }).inputValue();
  await patient.follows(link);
  await patient.opens();
  await doctor.admits();
  expect(await patient.reads()).toBe(NOTE);
  return { doctor, patient, link, ownerToken };
}

/** Reads along for the newest owner token that the server gives a page. */
function ownerOn(page: Page): () => string {
  let newest = '';
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      newest = /"ownerToken":"([^"]+)"/.exec(String(payload))?.[1] ?? newest;
    });
  });
  return () => newest;
}

test('a server that is killed and started again has the note back on the screen by itself, without a tap', async () => {
  const { doctor, patient } = await reading();
  await server.kill();
  await patient.sees('The note is hidden for now');
  expect(await patient.everything()).not.toContain('Levothyroxine');
  await doctor.composer.getByRole('heading', { name: 'Connection lost' }).waitFor();
  await server.start();
  expect(await patient.reads()).toBe(NOTE);
  await doctor.composer.getByRole('heading', { name: 'The note is open' }).waitFor();
  await doctor.composer.getByText('1 reading').waitFor();
  expect(await doctor.composer.getByRole('button', { name: 'Admit' }).count()).toBe(0);
});

test('a note that was destroyed does not come back with the server, and its owner token is refused', async () => {
  const { doctor, patient, link, ownerToken } = await reading();
  const token = ownerToken();
  expect(token).not.toBe('');
  await doctor.destroys();
  await patient.sees('This note is gone');
  await server.kill();
  await server.start();
  const page = await rawClient(server.url);
  expect(await page.ask({ t: 'resume', id: 1, version: PROTOCOL_VERSION, ownerToken: token })).toMatchObject({
    t: 'refused',
    code: 'ended-room',
  });
  const guest = await rawClient(server.url);
  expect(await guest.ask(await joinMessage(link))).toMatchObject({ t: 'refused', code: 'ended-room' });
  await patient.page.goto('about:blank');
  await patient.follows(link);
  await patient.sees('This note is gone');
  expect(await patient.everything()).not.toContain('Levothyroxine');
});
