import { beforeEach, describe, expect, test } from 'vitest';
import { useClinic } from '../support/browser/clinic.ts';
import type { Doctor, Patient } from '../support/browser/people.ts';
import { cuttable } from '../support/network/cuttable.ts';

const NOTE = 'Metformin 850 mg: 1 tablet with dinner';

describe('when a connection breaks', () => {
  const clinic = useClinic();
  let doctor: Doctor;
  let patient: Patient;

  beforeEach(async () => {
    [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
  });

  async function reading(): Promise<void> {
    await patient.follows(await doctor.shares(NOTE));
    await patient.opens();
    await doctor.admits();
    expect(await patient.reads()).toBe(NOTE);
  }

  test('a patient who is cut off does not keep the note: it hides after 8 s without a heartbeat, then is gone', async () => {
    await patient.page.clock.install();
    const line = await cuttable(patient.page);
    await reading();
    line.pull();
    await patient.page.clock.runFor(9_000);
    await patient.sees('The note is hidden for now');
    expect(await patient.everything()).not.toContain('Metformin');
    await patient.page.clock.runFor(130_000);
    await patient.page.getByRole('heading', { name: /This note is gone|The note cannot be reached/ }).waitFor();
    expect(await patient.everything()).not.toContain('Metformin');
  });

  test('a patient who comes back in time reads on, without asking the doctor again', async () => {
    const line = await cuttable(patient.page);
    await reading();
    const joins: number[] = [];
    patient.page.on('response', (response) => {
      if (response.url().endsWith('/join')) joins.push(response.status());
    });
    await line.snap();
    // The page does not wait for its next socket.
    await expect.poll(() => joins).toEqual([200]);
    await doctor.composer.getByText('1 reading').waitFor();
    expect(await patient.reads()).toBe(NOTE);
    expect(await doctor.composer.getByRole('button', { name: 'Admit' }).count()).toBe(0);
  });

  /** Like `reading`, with the doctor's connection in the test's hands. */
  async function readingWithCuttableDoctor() {
    const composeLink = await doctor.asks('/glir');
    const composer = await doctor.opens('about:blank');
    const line = await cuttable(composer);
    await composer.goto(composeLink);
    await doctor.note.fill(NOTE);
    await composer.getByRole('button', { name: 'Share' }).click();
    await patient.follows(await composer.getByRole('textbox', { name: 'Note link' }).inputValue());
    await patient.opens();
    await doctor.admits();
    expect(await patient.reads()).toBe(NOTE);
    return line;
  }

  test('when the doctor is cut off the note is hidden, and comes back with the doctor', async () => {
    const line = await readingWithCuttableDoctor();
    line.pull();
    await line.snap();
    await patient.sees('The note is hidden for now');
    expect(await patient.everything()).not.toContain('Metformin');
    await doctor.composer.getByRole('heading', { name: 'Connection lost' }).waitFor();
    line.mend();
    await doctor.composer.getByRole('heading', { name: 'The note is open' }).waitFor();
    expect(await patient.reads()).toBe(NOTE);
  });

  test('when the doctor does not come back within two minutes the note is gone', async () => {
    const line = await readingWithCuttableDoctor();
    line.pull();
    await line.snap();
    await patient.sees('The note is hidden for now');
    clinic.glir.clock.advance(121_000);
    await patient.sees('This note is gone');
    await patient.page.getByText(/lost its connection and did not come back/).waitFor();
  });

  test('when the doctor’s tab crashes the note is gone with it', async () => {
    await reading();
    const developer = await doctor.composer.context().newCDPSession(doctor.composer);
    // The tab dies in the middle of this, so it never answers.
    developer.send('Page.crash').catch(() => undefined);
    await patient.sees('This note is gone');
    expect(await patient.everything()).not.toContain('Metformin');
  });
});

describe('when the server lies', () => {
  const clinic = useClinic();

  test('it cannot stretch a note’s life: the patient’s page keeps to the time that the doctor’s page sealed', async () => {
    const [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
    await patient.page.clock.install();
    await patient.page.routeWebSocket('**/signal', (socket) => {
      const server = socket.connectToServer();
      socket.onMessage((message) => server.send(message));
      server.onMessage((message) => {
        const longer = String(message).replace(/"leftMs":[\d.]+/, '"leftMs":86400000');
        if (!longer.includes('"t":"ended"')) socket.send(longer);
      });
    });
    await patient.follows(await doctor.shares(NOTE, { command: '/glir 1m' }));
    await patient.opens();
    await doctor.admits();
    expect(await patient.reads()).toBe(NOTE);
    await patient.page.clock.fastForward(61_000);
    await patient.sees('This note is gone');
    expect(await patient.everything()).not.toContain('Metformin');
  });

  test('a note that was altered on its way is not shown, and the patient is told', async () => {
    const [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
    await patient.page.addInitScript(() => {
      const original = RTCPeerConnection.prototype.createDataChannel;
      RTCPeerConnection.prototype.createDataChannel = function (label, options) {
        const channel = original.call(this, label, options);
        // First in line, so it alters what the page will see.
        channel.addEventListener('message', ({ data }) => {
          const bytes = new Uint8Array(data);
          bytes[100] = (bytes[100] ?? 0) ^ 1;
        });
        return channel;
      };
    });
    await patient.follows(await doctor.shares(NOTE, { admission: 'link' }));
    await patient.opens();
    await patient.sees('The note was not shown');
    expect(await patient.everything()).not.toContain('Metformin');
  });
});

describe('when a browser cannot make its half of a connection before the join', () => {
  const clinic = useClinic();
  let doctor: Doctor;
  let patient: Patient;

  beforeEach(async () => {
    [doctor, patient] = await Promise.all([clinic.newDoctor(), clinic.newPatient()]);
    await patient.page.addInitScript(() => {
      RTCPeerConnection.prototype.createOffer = (): Promise<never> => Promise.reject<never>(new Error('not here'));
    });
  });

  test('its page loads mediasoup-client, and the note is read', async () => {
    const scripts: string[] = [];
    patient.page.on('response', (response) => {
      const { pathname } = new URL(response.url());
      if (pathname.startsWith('/scripts/mediasoup')) scripts.push(`${response.status()}`);
    });
    await patient.follows(await doctor.shares(NOTE, { admission: 'link' }));
    await patient.opens();
    expect(await patient.reads()).toBe(NOTE);
    expect(scripts).toEqual(['200']);
  });

  test('a script that was changed on the way does not run', async () => {
    await patient.page.route('**/scripts/mediasoup*', async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, body: `window.changed = true;\n${await response.text()}` });
    });
    await patient.follows(await doctor.shares(NOTE, { admission: 'link' }));
    await patient.sees('The note cannot be reached');
    expect(await patient.page.evaluate(() => 'changed' in window)).toBe(false);
  });
});
