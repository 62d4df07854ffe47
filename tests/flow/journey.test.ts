import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../src/protocol/bytes.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { SOON } from '../support/server/soon.ts';
import { rawClient } from '../support/signalling/client.ts';
import { isRefused, joinMessage } from '../support/signalling/raw.ts';
import { closeAllPages, composer, reader } from '../support/signalling/wrtc.ts';

const NOTE = 'Metformin 500 mg · 2×/Tag · 薬は食後に · ‏بعد الأكل‏ 🩺';
const MINUTE = 60_000;

let glir: Glir;
beforeAll(async () => {
  glir = await startGlir();
});
afterEach(async () => {
  closeAllPages();
  await glir.app.rooms.endAll('revoked');
  await expect.poll(() => glir.app.workers()?.dump(), SOON).toEqual({ routers: 0, transports: 0 });
});
afterAll(() => glir.stop());

/** A note on a patient's screen. */
async function journey(command = '/glir') {
  const doctor = await composer(glir.url, { command });
  const link = await doctor.share({ admission: 'link' });
  const patient = await reader(link);
  await patient.tap();
  const knock = await doctor.knock();
  await doctor.send(knock, NOTE);
  expect(await patient.note()).toMatchObject({ kind: 'note', note: { text: NOTE } });
  await patient.show();
  await doctor.shown(knock);
  return { doctor, patient, knock, link };
}

/** Both pages are told how the room ended, their connections are closed, and the server holds nothing of it. */
async function isOver({ doctor, patient }: Awaited<ReturnType<typeof journey>>, reason: string): Promise<void> {
  expect(await patient.ended()).toEqual({ t: 'ended', reason, agoMs: 0, phone: null });
  await patient.channel.closed;
  expect(await patient.client.closed).toBe(1000);
  expect(await glir.app.workers()?.dump()).toEqual({ routers: 0, transports: 0 });
  expect((await glir.app.rooms.findTombstone(doctor.roomId))?.reason).toBe(reason);
}

describe('the whole way of a note', () => {
  it('reaches a patient whom the doctor admits, and ends for both when the doctor destroys it', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const link = await doctor.share({ admission: 'ask' });
    const patient = await reader(link);
    expect(patient.joined).toMatchObject({ who: 'Dr Anna Rossi', admission: 'ask', totalMs: 30 * MINUTE });
    await patient.tap();
    const knock = await doctor.knock();
    await doctor.reveal(knock);
    expect(await patient.shortCode()).toBe(knock.shortCode);
    await doctor.admit(knock);
    await doctor.send(knock, NOTE);
    expect(await patient.note()).toMatchObject({ kind: 'note', note: { text: NOTE } });
    await patient.show();
    expect(await doctor.shown(knock)).toBe(1);
    await doctor.destroy();
    await isOver({ doctor, patient, knock, link }, 'revoked');
    expect(await doctor.ended()).toMatchObject({ reason: 'revoked' });
    expect(await doctor.client.closed).toBe(1000);
  });

  it('reaches a patient for whom the link is enough, in one message of up to 64 KiB', async () => {
    const { doctor, patient, knock } = await journey('/glir 15m');
    const long = '薬'.repeat(21_845);
    expect(utf8(long).length).toBe(65_535);
    await doctor.send(knock, long, 2);
    expect(await patient.note()).toMatchObject({ rev: 2, note: { text: long } });
  });

  it('keeps the name of a doctor who wants it kept', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const patient = await reader(await doctor.share({ showName: false }));
    expect(patient.joined.who).toBeNull();
  });

  it('stops before the note when the doctor refuses the patient, who may ask again', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const patient = await reader(await doctor.share({ admission: 'ask' }));
    await patient.tap();
    const knock = await doctor.knock();
    await doctor.refuse(knock);
    expect(await patient.client.next(({ t }) => t === 'declined')).toEqual({ t: 'declined' });
    await patient.channel.closed;
    await patient.join();
    await patient.tap();
    const again = await doctor.knock();
    expect(again.readerId).not.toBe(knock.readerId);
    await doctor.admit(again);
    await doctor.send(again, NOTE);
    expect(await patient.note()).toMatchObject({ note: { text: NOTE } });
  });

  it('lets the doctor decide in the chat: the composer is told, about readers of its own alone', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const patient = await reader(await doctor.share({ admission: 'ask' }));
    await patient.tap();
    const { readerId, shortCode } = await doctor.knock();
    const mine = { readerId, number: 1, shortCode };
    const stranger = { readerId: 'r'.repeat(22), number: 2, shortCode };
    const answer = await doctor.client.ask({ t: 'report-readers', id: 1, waiting: [mine, stranger], readBy: 0 });
    expect(answer).toMatchObject({ t: 'reply' });
    expect(glir.app.rooms.find(doctor.roomId)?.waiting).toEqual([mine]);
    await glir.app.rooms.requestDecision(doctor.roomId, readerId, 'admit');
    const decided = await doctor.client.next(({ t }) => t === 'decision-requested');
    expect(decided).toEqual({ t: 'decision-requested', readerId, decision: 'admit' });
    await expect(glir.app.rooms.requestDecision(doctor.roomId, stranger.readerId, 'admit')).rejects.toThrow(
      'unknown-reader',
    );
  });

  it('ends for both when the time is up', async () => {
    const all = await journey('/glir 1m');
    glir.clock.advance(MINUTE);
    await isOver(all, 'expired');
    expect(await all.doctor.ended()).toMatchObject({ reason: 'expired' });
  });

  it('ends when the doctor closes the tab', async () => {
    const all = await journey();
    all.doctor.leave();
    await isOver(all, 'left');
  });

  it('is told to somebody who follows the link when it is over, with how long ago', async () => {
    const { doctor, link } = await journey();
    await doctor.destroy();
    await doctor.client.closed;
    glir.clock.advance(5 * MINUTE);
    const late = await rawClient(glir.url);
    expect(await late.ask(await joinMessage(link))).toMatchObject({ t: 'refused', code: 'ended-room' });
    const [first] = late.received;
    expect(first).toMatchObject({ t: 'ended', reason: 'revoked' });
    expect(first?.t === 'ended' && first.agoMs).toBeGreaterThanOrEqual(5 * MINUTE);
    expect(await late.closed).toBe(1000);
  });

  it('goes on for the others when one patient leaves, and the doctor is told who left', async () => {
    const { doctor, patient, knock, link } = await journey();
    const second = await reader(link);
    await second.tap();
    const other = await doctor.knock();
    await doctor.send(other, NOTE);
    await second.note();
    expect(glir.app.rooms.find(doctor.roomId)?.reading).toBe(2);
    patient.leave();
    const { readerId, prekeyId } = knock;
    expect(await doctor.client.next(({ t }) => t === 'reader-left')).toEqual({ t: 'reader-left', readerId, prekeyId });
    expect(glir.app.rooms.find(doctor.roomId)?.reading).toBe(1);
    await patient.channel.closed;
    await doctor.send(other, 'still here', 2);
    expect(await second.note()).toMatchObject({ note: { text: 'still here' } });
  });
});

describe("a composer's lost connection", () => {
  it('hides the note, and brings it back with the composer within half a minute', async () => {
    const { doctor, patient } = await journey();
    doctor.cut();
    expect(await patient.client.next(({ t }) => t === 'interrupted')).toEqual({ t: 'interrupted' });
    await patient.channel.closed;
    expect(glir.app.rooms.find(doctor.roomId)).toMatchObject({ state: 'interrupted', reading: 0 });
    glir.clock.advance(119_000);
    const seat = await doctor.resume();
    expect(seat.leftMs).toBeLessThanOrEqual(30 * MINUTE - 119_000);
    expect(await patient.client.next(({ t }) => t === 'resumed')).toEqual({ t: 'resumed' });
    await patient.join();
    await patient.tap();
    const knock = await doctor.knock();
    await doctor.send(knock, NOTE, 2);
    expect(await patient.note()).toMatchObject({ rev: 2, note: { text: NOTE } });
    glir.clock.advance(30_000);
    await doctor.send(knock, NOTE, 3);
    expect(await patient.note()).toMatchObject({ rev: 3 });
  });

  it('loses the room after two minutes, and the owner token with it', async () => {
    const all = await journey();
    all.doctor.cut();
    await all.patient.client.next(({ t }) => t === 'interrupted');
    glir.clock.advance(120_000);
    await isOver(all, 'lost');
    await expect(all.doctor.resume()).rejects.toMatchObject({ code: 'ended-room' });
    expect(await all.doctor.ended()).toMatchObject({ reason: 'lost' });
    expect(await all.doctor.client.closed).toBe(1000);
  });

  it('is noticed when the composer stops answering, without any closing word', async () => {
    const { doctor, patient } = await journey();
    doctor.client.freeze();
    for (let beat = 0; beat < 3; beat++) {
      glir.clock.advance(3_000);
      // The patient's answer to the beat comes before the answer to this.
      await isRefused(patient.client, {}, 'bad-message');
    }
    expect(await patient.client.next(({ t }) => t === 'interrupted')).toEqual({ t: 'interrupted' });
  });

  it('is none when the same tab comes back before its old socket is known to be dead', async () => {
    const { doctor, patient } = await journey();
    const old = doctor.client;
    await doctor.resume();
    expect(await old.closed).toBe(1008);
    await patient.client.next(({ t }) => t === 'resumed');
    await patient.join();
    await patient.tap();
    await doctor.send(await doctor.knock(), NOTE, 2);
    expect(await patient.note()).toMatchObject({ rev: 2 });
  });
});
