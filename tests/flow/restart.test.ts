import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { AT_ONCE_MS, SOON } from '../support/server/soon.ts';
import { rawClient } from '../support/signalling/client.ts';
import { actAsPages, closeAllSessions, composerPage, receiverPage } from '../support/signalling/pages.ts';
import { isRefused, joinMessage, talkingRoom } from '../support/signalling/raw.ts';
import { closeAllPages, composer, reader, ticketFor } from '../support/signalling/wrtc.ts';

const NOTE = 'Amoxicillin 500 mg: 1 capsule in the morning';

let glir: Glir;
beforeAll(async () => {
  glir = await startGlir();
  actAsPages(glir.url);
});
afterEach(() => {
  closeAllSessions();
  closeAllPages();
});
afterAll(() => glir.stop());

const resume = (ownerToken: string) => ({ t: 'resume', id: 1, version: PROTOCOL_VERSION, ownerToken });
const health = async () => (await fetch(`${glir.url}/healthz`)).json();

/** A note on a patient's screen whom the doctor admitted. */
async function reading() {
  const doctor = await composerPage(glir.url);
  doctor.session.write(NOTE);
  await doctor.session.share();
  const { link } = await doctor.shows('open');
  const patient = receiverPage(link);
  await patient.shows('closed');
  patient.session.open();
  await expect.poll(() => waiting(doctor.states.at(-1)), SOON).toHaveLength(1);
  const [first] = waiting(doctor.states.at(-1));
  doctor.session.admit(first ?? '');
  expect(await patient.shows('reading')).toMatchObject({ note: { text: NOTE } });
  return { doctor, patient, link };
}

function waiting(state: object | undefined): string[] {
  if (state === undefined || !('readers' in state) || !Array.isArray(state.readers)) return [];
  return state.readers.filter((row) => row.state === 'waiting').map((row) => row.id);
}

describe('when the server is restarted', () => {
  it('the note is hidden at once, and is back on the screen without a tap or a new admission', async () => {
    const { doctor, patient } = await reading();
    await glir.pause();
    await patient.shows('interrupted');
    expect(JSON.stringify(patient.states.at(-1))).not.toContain('Amoxicillin');
    expect(await doctor.shows('open')).toMatchObject({ interrupted: true });
    await glir.again();
    expect(await patient.shows('reading')).toMatchObject({ note: { text: NOTE } });
    await expect.poll(() => doctor.states.at(-1), SOON).toMatchObject({ name: 'open', interrupted: false });
    await expect.poll(() => waiting(doctor.states.at(-1)), SOON).toEqual([]);
    expect(glir.log.filter((line) => line.includes('"room-recovered"'))).toHaveLength(1);
  });

  it('a draft goes on where it was, and its note can be shared', async () => {
    const doctor = await composerPage(glir.url);
    doctor.session.write(NOTE);
    await glir.pause();
    await glir.again();
    await expect
      .poll(async () => {
        if (doctor.states.at(-1)?.name === 'writing') await doctor.session.share();
        return doctor.states.at(-1)?.name;
      }, SOON)
      .toBe('open');
    expect(doctor.states.map(({ name }) => name)).not.toContain('refused');
  });

  it('who follows the link before the doctor is back waits; who has the wrong link does not', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const link = await doctor.share({ admission: 'link' });
    const join = await joinMessage(link);
    await glir.pause();
    await glir.again();
    const [patient, guesser, stranger] = [
      await rawClient(glir.url),
      await rawClient(glir.url),
      await rawClient(glir.url),
    ];
    await isRefused(patient, join, 'not-open');
    await isRefused(guesser, { ...join, joinKey: 'A'.repeat(43) }, 'wrong-key');
    await isRefused(stranger, { ...join, roomId: 'A'.repeat(22) }, 'unknown-room');
    await doctor.resume();
    await patient.next(({ t }) => t === 'resumed');
    expect(await patient.ask({ ...join, id: 2 })).toMatchObject({ t: 'reply' });
    for (const { received } of [guesser, stranger]) expect(received.map(({ t }) => t)).toEqual(['refused']);
  });

  it('a note that ended does not come back, and its link says how it ended', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const link = await doctor.share({ admission: 'link' });
    const { ownerToken } = doctor;
    await doctor.destroy();
    await glir.pause();
    await glir.again();
    const page = await rawClient(glir.url);
    await isRefused(page, resume(ownerToken), 'ended-room');
    expect(page.received[0]).toMatchObject({ t: 'ended', reason: 'revoked' });
    const patient = await rawClient(glir.url);
    await isRefused(patient, await joinMessage(link), 'ended-room');
    expect(patient.received[0]).toMatchObject({ t: 'ended', reason: 'revoked' });
  });

  it('a note that nobody has read and its doctor does not bring back in 15 minutes is lost', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const link = await doctor.share({ admission: 'link' });
    await glir.pause();
    await glir.again();
    glir.clock.advance(17 * 60_000);
    const patient = await rawClient(glir.url);
    await expect.poll(() => glir.app.rooms.findTombstone(doctor.roomId), SOON).toBeDefined();
    await isRefused(patient, await joinMessage(link), 'ended-room');
    expect(patient.received[0]).toMatchObject({ t: 'ended', reason: 'lost' });
    await isRefused(await rawClient(glir.url), resume(doctor.ownerToken), 'ended-room');
  });

  it('an owner token of another server is refused', async () => {
    const elsewhere = await startGlir();
    const { ownerToken } = await talkingRoom(elsewhere.url);
    await elsewhere.stop();
    await isRefused(await rawClient(glir.url), resume(ownerToken), 'wrong-owner');
  });

  it('its clock may be two hours off by then: the note is not shown for longer', async () => {
    const { patient } = await reading();
    const { room } = await patient.shows('reading');
    await glir.pause();
    glir.clock.set(-2 * 60 * 60_000);
    await glir.again();
    await patient.shows('interrupted');
    const after = await patient.shows('reading');
    expect(after.room.leftMs).toBeLessThanOrEqual(room.leftMs);
  });
});

describe('a composer that loses its connection before it hears of its room', () => {
  const compose = (ticket: string, page?: string) => ({
    t: 'compose',
    id: 1,
    version: PROTOCOL_VERSION,
    ticket,
    ...(page === undefined ? {} : { page }),
  });

  it('gets it when it asks again, also before the old connection is known to be dead', async () => {
    const ticket = await ticketFor(glir.url);
    const [me, other] = ['m'.repeat(22), 'o'.repeat(22)];
    const before = await rawClient(glir.url);
    expect(await before.ask(compose(ticket, me))).toMatchObject({ t: 'reply' });
    before.freeze();
    await isRefused(await rawClient(glir.url), compose(ticket, other), 'composer-present');
    const again = await rawClient(glir.url);
    expect(await again.ask(compose(ticket, me))).toMatchObject({ t: 'reply' });
    again.cut();
    await expect
      .poll(async () => {
        const client = await rawClient(glir.url);
        return client.ask(compose(ticket, other));
      }, SOON)
      .toMatchObject({ code: 'used-ticket' });
    await isRefused(await rawClient(glir.url), compose(ticket), 'used-ticket');
    const last = await rawClient(glir.url);
    expect(await last.ask(compose(ticket, me))).toMatchObject({ t: 'reply' });
  });

  it('cannot use its ticket again once the note is shared', async () => {
    const ticket = await ticketFor(glir.url);
    const me = 'm'.repeat(22);
    const doctor = await rawClient(glir.url);
    const { data } = Object(await doctor.ask(compose(ticket, me)));
    await doctor.ask({ t: 'share', id: 2, joinHash: 'h'.repeat(43), policy: data.policy });
    await isRefused(await rawClient(glir.url), compose(ticket, me), 'used-ticket');
  });
});

describe('a Share whose answer is lost', () => {
  it('can be said again, and changes nothing', async () => {
    const doctor = await rawClient(glir.url);
    const ticket = await ticketFor(glir.url);
    const composed = await doctor.ask({ t: 'compose', id: 1, version: PROTOCOL_VERSION, ticket });
    const { policy } = Object(composed).data;
    const share = { t: 'share', id: 2, joinHash: 'h'.repeat(43), policy };
    const first = Object(await doctor.ask(share)).data;
    glir.clock.advance(60_000);
    const second = Object(await doctor.ask({ ...share, id: 3, policy: { ...policy, expirySeconds: 86_400 } })).data;
    expect(second.leftMs).toBeLessThanOrEqual(first.leftMs - 60_000);
    await isRefused(doctor, { ...share, id: 4, joinHash: 'i'.repeat(43) }, 'not-allowed');
  });
});

describe('while the store is locked by somebody else', () => {
  it('a note ends within a second, nothing new is begun, and all is well again by itself', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const patient = await reader(await doctor.share({ admission: 'link' }));
    const intruder = new DatabaseSync(`${glir.dataDir}/glir.db`);
    intruder.exec('BEGIN IMMEDIATE');
    const asked = performance.now();
    await doctor.destroy();
    expect(await patient.ended()).toMatchObject({ reason: 'revoked' });
    expect(performance.now() - asked).toBeLessThan(AT_ONCE_MS);
    expect(await health()).toEqual({ status: 'degraded' });
    await expect(ticketFor(glir.url)).rejects.toThrow();
    intruder.exec('ROLLBACK');
    intruder.close();
    await expect.poll(health, SOON).toEqual({ status: 'ok' });
    await ticketFor(glir.url);
  });
});
