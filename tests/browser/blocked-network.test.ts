import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Clinic, useClinic } from '../support/browser/clinic.ts';
import { Doctor, Patient } from '../support/browser/people.ts';
import { MeddlingProxy } from '../support/network/meddling-proxy.ts';
import { freePort } from '../support/server/free-port.ts';
import { SOON } from '../support/server/soon.ts';

/** How soon a page has to say what is in the way, from the moment at which it was asked for. */
const WORDS_MS = 10_000;
/** What a slow machine may take more until its browser has drawn it. */
const SLACK_MS = 10_000;

const proxyPort = await freePort();
let proxy: MeddlingProxy;

const clinic = useClinic({
  env: {
    PUBLIC_URL: `http://localhost:${proxyPort}`,
    // Nobody answers there: it is for documentation alone.
    GLIR_RTC_ANNOUNCED: '192.0.2.1',
    GLIR_PHONE: '06 555 0100',
  },
});
beforeAll(async () => {
  proxy = await MeddlingProxy.start({ address: '127.0.0.1', port: clinic.glir.port }, {}, { port: proxyPort });
});
afterEach(() => {
  proxy.meddling = {};
});
afterAll(() => proxy?.close());

interface Line {
  code: string;
  side?: string;
  room?: string;
}

/** The log's lines about connections that failed. */
function logged({ glir }: Clinic, code: string): Line[] {
  const lines = glir.log.map((line): Line & { event: string } => JSON.parse(line));
  return lines.filter((line) => line.event === 'connection-failed' && line.code === code);
}

/** Waits for a heading, and expects it in time: by the page's own clock, which a busy test runner does not hold up. */
async function says(page: Page, heading: string): Promise<void> {
  await page.getByRole('heading', { name: heading }).waitFor({ timeout: WORDS_MS + SLACK_MS });
}

/** What is to be seen on a page; what is hidden does not count. */
const everything = async (page: Page) => (await page.locator('body').allInnerTexts()).join('\n');

test('a wrong announced address is named on both pages within ten seconds, and in the log once for each side', async () => {
  const doctor = await clinic.newDoctor();
  const patient = await clinic.newPatient();
  const link = await doctor.shares('Ramipril 5 mg', { admission: 'link' });
  await patient.follows(link);
  await Promise.all([
    says(doctor.composer, 'Your network blocks GLIR'),
    says(patient.page, 'This network blocks the note'),
  ]);
  const forDoctor = await everything(doctor.composer);
  expect(forDoctor).toContain('does not reach the port');
  expect(forDoctor).toMatch(/reach 192\.0\.2\.1:\d+\/udp, 192\.0\.2\.1:\d+\/tcp \(WebRTC\)/);
  expect(forDoctor).not.toContain('Connection lost');
  expect(await doctor.note.inputValue()).toBe('Ramipril 5 mg');
  const forPatient = await everything(patient.page);
  expect(forPatient).toContain('The way for the note is shut.');
  expect(forPatient).toContain('06 555 0100');
  expect(await patient.page.getByRole('textbox', { name: 'Link to the note' }).inputValue()).toBe(link);
  await expect.poll(() => logged(clinic, 'data-port-blocked').map(({ side }) => side)).toEqual(['composer', 'reader']);
  const room = new URL(link).pathname.slice(3, 11);
  expect(logged(clinic, 'data-port-blocked')).toMatchObject([
    { room, arrived: 'nothing', announced: ['192.0.2.1'] },
    { room, arrived: 'nothing' },
  ]);
});

test('sockets that a proxy does not pass on are named on both pages, and in the log', async () => {
  const doctor = await clinic.newDoctor();
  const colleague = await clinic.newDoctor();
  const patient = await clinic.newPatient();
  const composeLink = await doctor.asks('/glir');
  const link = await colleague.shares('Read me');
  proxy.meddling = { stripsUpgrade: true };
  await Promise.all([doctor.opens(composeLink), patient.follows(link)]);
  await Promise.all([
    says(doctor.composer, 'Your network blocks GLIR'),
    says(patient.page, 'This network blocks the note'),
  ]);
  expect(await everything(doctor.composer)).toContain('(header Upgrade)');
  expect(await everything(patient.page)).toContain('Its live connection is shut.');
  expect(logged(clinic, 'socket-blocked').map(({ side, room }) => [side, room])).toEqual(
    expect.arrayContaining([
      ['composer', undefined],
      ['reader', new URL(link).pathname.slice(3, 11)],
    ]),
  );
  expect(logged(clinic, 'upgrade-stripped')).toHaveLength(1);
  // Both go on by themselves when the way is open; here it leads to the data channels' port, which is not reached either.
  proxy.meddling = {};
  await doctor.note.waitFor();
  await expect.poll(() => everything(patient.page), SOON).not.toContain('Its live connection is shut.');
});

test('pages that are opened at another address than PUBLIC_URL say so, and the log names both once', async () => {
  const doctor = await clinic.newDoctor();
  const colleague = await clinic.newDoctor();
  const patient = await clinic.newPatient();
  const composeLink = await doctor.asks('/glir');
  const link = await colleague.shares('Read me');
  const other = await MeddlingProxy.start({ address: '127.0.0.1', port: clinic.glir.port }, {});
  const there = (url: string) => url.replace(clinic.glir.url, `http://localhost:${other.port}`);
  await Promise.all([doctor.opens(there(composeLink)), patient.follows(there(link))]);
  await Promise.all([doctor.composer, patient.page].map((page) => says(page, "This is not GLIR's address")));
  expect(await everything(doctor.composer)).toContain('Code: wrong-address');
  expect(await everything(patient.page)).toContain('exactly as you received it');
  const said = clinic.glir.log.filter((line) => line.includes('proxy-misconfigured'));
  expect(said.map((line): unknown => JSON.parse(line))).toMatchObject([
    { code: 'wrong-address', opened: `http://localhost:${other.port}`, publicUrl: clinic.glir.url },
  ]);
  await other.close();
});

test('a page whose script was changed on the way says so by itself, and the log has it', async () => {
  const doctor = await clinic.newDoctor();
  const patient = await clinic.newPatient();
  const composeLink = await doctor.asks('/glir');
  proxy.meddling = { altersScripts: true };
  await Promise.all([
    doctor.opens(composeLink),
    patient.follows(`${clinic.glir.url}/n/abcdefghijklmnopqrstuv#${'A'.repeat(43)}`),
  ]);
  await Promise.all([doctor.composer, patient.page].map((page) => says(page, 'This page did not start')));
  expect(await everything(patient.page)).toContain('call the practice');
  await expect.poll(() => logged(clinic, 'page-altered')).toHaveLength(1);
});

test('a browser without WebRTC says so at once, with the link to copy and the phone number, and the log has it', async () => {
  const doctor = await clinic.newDoctor();
  const link = await doctor.shares('Ramipril 5 mg', { admission: 'link' });
  const profile = await clinic.newProfile();
  await profile.addInitScript(() => Reflect.deleteProperty(window, 'RTCPeerConnection'));
  const patient = new Patient(await profile.newPage());
  await patient.follows(link);
  await says(patient.page, 'This browser cannot open the note');
  const words = await everything(patient.page);
  expect(words).toContain('06 555 0100');
  expect(words).not.toContain('Lockdown Mode');
  expect(await patient.page.getByRole('textbox', { name: 'Link to the note' }).inputValue()).toBe(link);
  const colleague = new Doctor(profile, clinic.glir.url);
  await colleague.opens(await colleague.asks('/glir'));
  await says(colleague.composer, 'This browser cannot share a note');
  expect(await everything(colleague.composer)).toContain('Please allow WebRTC for localhost');
  await expect.poll(() => logged(clinic, 'no-webrtc').map(({ side }) => side)).toEqual(['reader', 'composer']);
});

test('on an iPhone in Lockdown Mode the page says how to except this site', async () => {
  const doctor = await clinic.newDoctor();
  const link = await doctor.shares('Ramipril 5 mg', { admission: 'link' });
  const profile = await clinic.newProfile();
  await profile.addInitScript(() => {
    Reflect.deleteProperty(window, 'RTCPeerConnection');
    const userAgent = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari';
    Object.defineProperty(navigator, 'userAgent', { value: userAgent });
  });
  const patient = new Patient(await profile.newPage());
  await patient.follows(link);
  await patient.page.getByText('Turn Lockdown Mode off for this site').waitFor();
});

test('a page that came unencrypted says so', async () => {
  const link = `${clinic.glir.url}/n/abcdefghijklmnopqrstuv#${'A'.repeat(43)}`;
  const profile = await clinic.newProfile();
  // What browsers do for every page over http that is not this machine's own.
  await profile.addInitScript(() => Object.defineProperty(globalThis, 'isSecureContext', { value: false }));
  const patient = new Patient(await profile.newPage());
  await patient.follows(link);
  await says(patient.page, 'This address is not encrypted');
});
