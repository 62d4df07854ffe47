import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import { freePort } from '../support/server/free-port.ts';
import { type BalancedNodes, startNodes } from '../support/server/nodes.ts';
import { AT_ONCE_MS, SOON } from '../support/server/soon.ts';
import { rawClient } from '../support/signalling/client.ts';
import { joinEarly } from '../support/signalling/early-join.ts';
import { actAsPages, closeAllSessions, composerPage, receiverPage } from '../support/signalling/pages.ts';
import { anyKnock, isRefused, joinMessage } from '../support/signalling/raw.ts';
import { closeAllPages, composer, reader, ticketFor } from '../support/signalling/wrtc.ts';

const NOTE = 'Amoxicillin 500 mg: 1 capsule in the morning';

let hospital: BalancedNodes;
beforeAll(async () => {
  hospital = await startNodes(3);
  actAsPages(hospital.url);
});
afterEach(() => {
  closeAllSessions();
  closeAllPages();
  hospital.balancer.only(null);
});
afterAll(() => hospital.stop());

/** Pages that come now are at this node. */
function at(index: number): string {
  hospital.balancer.only(index);
  return hospital.url;
}

/** A note that everybody with the link may read, shared at one node and read by somebody who came to another. */
async function readAt(doctorsNode: number, patientsNode: number) {
  const doctor = await composerPage(at(doctorsNode));
  doctor.session.write(NOTE);
  doctor.session.choosePolicy({ admission: 'link' });
  await doctor.session.share();
  const { link } = await doctor.shows('open');
  at(patientsNode);
  const patient = receiverPage(link);
  await patient.shows('closed');
  patient.session.open();
  expect(await patient.shows('reading')).toMatchObject({ note: { text: NOTE } });
  return { doctor, patient, link };
}

function roomIdOf(link: string): string {
  return new URL(link).pathname.split('/').at(-1) ?? '';
}

const PAIRS = [0, 1, 2].flatMap((doctors) => [0, 1, 2].map((patients) => [doctors, patients] as const));

describe('a hospital with three nodes', () => {
  it.each(PAIRS)('shows a note written at node %i to a patient who comes to node %i', async (doctors, patients) => {
    const { doctor, patient } = await readAt(doctors, patients);
    doctor.session.destroy();
    expect(await patient.shows('gone')).toMatchObject({ reason: 'revoked' });
  });

  it.each(PAIRS)('opens a compose link of node %i at node %i, once', async (made, opened) => {
    const ticket = await ticketFor(at(made));
    const doctor = await composer(at(opened), { ticket });
    const link = await doctor.share({ admission: 'link' });
    expect((await reader(link)).joined.admission).toBe('link');
    for (const index of [0, 1, 2]) {
      const again = { t: 'compose', id: 1, version: PROTOCOL_VERSION, ticket };
      await isRefused(await rawClient(at(index)), again, index === opened ? 'composer-present' : 'used-ticket');
    }
  });

  it.each([0, 1, 2])(
    'goes on at node %i with a join that node 1 took before the socket was there',
    async (socketsNode) => {
      const doctor = await composer(at(0), { command: '/glir' });
      const link = await doctor.share({ admission: 'link' });
      const { messages, token } = await joinEarly(at(1), await joinMessage(link));
      expect(messages).toMatchObject([{ t: 'reply', id: 1 }]);
      const socket = await rawClient(at(socketsNode));
      const { roomId } = doctor;
      expect(await socket.ask({ t: 'attach', id: 5, roomId, token })).toMatchObject({ t: 'reply', id: 5 });
      await socket.ask(anyKnock);
      await doctor.client.next(({ t }) => t === 'knocked');
      await isRefused(await rawClient(at(2)), { t: 'attach', id: 5, roomId, token }, 'unknown-reader');
      socket.close();
      await doctor.client.next(({ t }) => t === 'reader-left');
    },
  );

  it('count wrong keys at the node where they came, and keep no reader for one', async () => {
    const doctor = await composer(at(0), { command: '/glir' });
    const link = await doctor.share({ admission: 'link' });
    const wrong = await joinEarly(at(1), await joinMessage(link, { joinKey: 'k'.repeat(43) }));
    expect(wrong).toMatchObject({ messages: [{ t: 'refused', code: 'wrong-key' }], token: undefined });
    const hold = 'h'.repeat(22);
    await isRefused(await rawClient(at(0)), await joinMessage(link, { hold }), 'not-allowed');
    await isRefused(await rawClient(at(1)), await joinMessage(link, { hold }), 'not-allowed');
  });

  it('passes the short codes, PINs and decisions of one node on to the other', async () => {
    const doctor = await composer(at(0), { command: '/glir' });
    const link = await doctor.share({ admission: 'ask' });
    at(1);
    const patient = await reader(link);
    await patient.tap();
    const knock = await doctor.knock();
    await doctor.reveal(knock);
    expect(await patient.shortCode()).toBe(knock.shortCode);
    await doctor.admit(knock);
    await doctor.send(knock, NOTE, 1);
    expect(await patient.note()).toMatchObject({ note: { text: NOTE } });
  });

  it('says at every node how a note ended, and which link never was one', async () => {
    const doctor = await composer(at(0), { command: '/glir' });
    const link = await doctor.share({ admission: 'link' });
    const join = await joinMessage(link);
    await isRefused(await rawClient(at(1)), { ...join, joinKey: 'k'.repeat(43) }, 'wrong-key');
    await doctor.destroy();
    for (const index of [0, 1, 2]) {
      const late = await rawClient(at(index));
      await isRefused(late, join, 'ended-room');
      expect(late.received[0]).toMatchObject({ t: 'ended', reason: 'revoked' });
      await isRefused(await rawClient(at(index)), { ...join, joinKey: 'k'.repeat(43) }, 'wrong-key');
      await isRefused(await rawClient(at(index)), { ...join, roomId: 'r'.repeat(22) }, 'unknown-room');
    }
  });
});

describe('a doctor whose page comes back at another node', () => {
  it('takes the note along, and readers follow wherever they are', async () => {
    const { doctor, patient, link } = await readAt(0, 0);
    at(2);
    const other = receiverPage(link);
    await other.shows('closed');
    other.session.open();
    await other.shows('reading');
    at(1);
    doctor.cut();
    await expect.poll(() => hospital.nodes[1]?.log.some((line) => line.includes('"room-recovered"')), SOON).toBe(true);
    for (const page of [patient, other]) {
      await expect.poll(() => page.states.some(({ name }) => name === 'interrupted'), SOON).toBe(true);
      expect(await page.shows('reading')).toMatchObject({ note: { text: NOTE } });
    }
    expect(hospital.nodes.map(({ app }) => app.rooms.find(roomIdOf(link)) !== undefined)).toEqual([false, true, false]);
  });
});

describe('a node that stops in good order', () => {
  it('hands its notes over: hidden for two seconds at most', async () => {
    const { doctor, patient } = await readAt(0, 1);
    hospital.balancer.only(null);
    const stopping = hospital.nodes[0]?.pause();
    await expect.poll(() => patient.states.at(-1)?.name, SOON).toBe('interrupted');
    const hidden = performance.now();
    expect(await patient.shows('reading')).toMatchObject({ note: { text: NOTE } });
    expect(performance.now() - hidden).toBeLessThan(AT_ONCE_MS);
    await stopping;
    await hospital.nodes[0]?.again();
    doctor.session.destroy();
    expect(await patient.shows('gone')).toMatchObject({ reason: 'revoked' });
  });

  it('loses no compose link that nobody has opened yet', async () => {
    const ticket = await ticketFor(at(2));
    await hospital.nodes[2]?.pause();
    const doctor = await composer(at(0), { ticket });
    expect(await doctor.share({ admission: 'link' })).toContain('/n/');
    await hospital.nodes[2]?.again();
  });
});

describe('a node that the others do not reach', () => {
  let apart: BalancedNodes;
  beforeAll(async () => {
    const unreachable = async () => ({
      GLIR_NODE_URL: 'http://127.0.0.1:1',
      GLIR_NODE_LISTEN: `127.0.0.1:${await freePort()}`,
    });
    apart = await startNodes(2, (index) => (index === 0 ? unreachable() : Promise.resolve({})));
  });
  afterAll(() => apart.stop());

  it('has readers all the same: those who come to another node are sent on until they come to it', async () => {
    actAsPages(apart.url);
    try {
      apart.balancer.only(0);
      const doctor = await composer(apart.url, { command: '/glir' });
      const link = await doctor.share({ admission: 'link' });
      apart.balancer.only(1);
      const patient = receiverPage(link);
      await expect
        .poll(() => apart.nodes[1]?.log.some((line) => line.includes('"node-unreachable"')), { timeout: 20_000 })
        .toBe(true);
      apart.balancer.only(null);
      await patient.shows('closed');
    } finally {
      actAsPages(hospital.url);
    }
  });
});
