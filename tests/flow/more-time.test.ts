import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { rawClient } from '../support/signalling/client.ts';
import { isRefused, joinMessage, talkingRoom } from '../support/signalling/raw.ts';
import { closeAllPages, composer, reader } from '../support/signalling/wrtc.ts';

const MINUTE = 60_000;
const PHONE = '06 555 0100';

let glir: Glir;
beforeAll(async () => {
  glir = await startGlir({ GLIR_PHONE: PHONE, GLIR_EXPIRY_MAX: '1h' });
});
afterEach(closeAllPages);
afterAll(() => glir.stop());

/** An open room with somebody who reads and somebody who only looks. */
async function openRoom(command = '/glir 10m') {
  const doctor = await composer(glir.url, { command });
  const link = await doctor.share({ admission: 'link' });
  const [patient, looking] = [await reader(link), await reader(link)];
  await patient.tap();
  const knock = await doctor.knock();
  await doctor.send(knock, 'the note');
  await patient.note();
  return { doctor, patient, looking, knock, link };
}

describe('more time for an open note', () => {
  it('is told to everybody who follows the link, and the note lives past its old end, until the new one', async () => {
    const { doctor, patient, looking } = await openRoom();
    glir.clock.advance(8 * MINUTE);
    const { leftMs, totalMs } = await doctor.extend(300);
    expect(totalMs).toBe(15 * MINUTE);
    expect(leftMs).toBeGreaterThan(6 * MINUTE);
    expect(leftMs).toBeLessThanOrEqual(7 * MINUTE);
    for (const page of [patient, looking]) {
      const told = await page.client.next(({ t }) => t === 'time-left');
      expect(told).toMatchObject({ t: 'time-left', totalMs });
      expect(told.t === 'time-left' && told.leftMs).toBeLessThanOrEqual(7 * MINUTE);
    }
    glir.clock.advance(3 * MINUTE);
    await isRefused(patient.client, {}, 'bad-message');
    expect(glir.app.rooms.find(doctor.roomId)?.state).toBe('open');
    glir.clock.advance(4 * MINUTE);
    expect(await patient.ended()).toMatchObject({ reason: 'expired' });
    expect(await doctor.ended()).toMatchObject({ reason: 'expired' });
  });

  it('is known to whoever joins later', async () => {
    const { doctor, link } = await openRoom();
    await doctor.extend(600);
    const late = await reader(link);
    expect(late.joined.totalMs).toBe(20 * MINUTE);
    expect(late.joined.leftMs).toBeGreaterThan(19 * MINUTE);
  });

  it('reaches the reader sealed as well, over the note’s own stream', async () => {
    const { doctor, patient, knock } = await openRoom();
    await doctor.put(knock, { kind: 'time', addedMs: 5 * MINUTE });
    expect(await patient.note()).toEqual({ kind: 'time', addedMs: 5 * MINUTE });
  });

  it('goes as far as the server allows, and changes nothing there', async () => {
    const { doctor, patient } = await openRoom();
    expect(await doctor.extend(86_400)).toMatchObject({ totalMs: 60 * MINUTE });
    expect(await doctor.extend(60)).toMatchObject({ totalMs: 60 * MINUTE, policy: { expirySeconds: 3_600 } });
    await isRefused(patient.client, {}, 'bad-message');
    expect(patient.client.received.filter(({ t }) => t === 'time-left')).toHaveLength(1);
  });

  it('is refused for a draft, and the draft can be shared afterwards', async () => {
    const doctor = await composer(glir.url, { command: '/glir 10m' });
    await expect(doctor.extend(60)).rejects.toMatchObject({ code: 'not-allowed' });
    const patient = await reader(await doctor.share());
    expect(patient.joined.totalMs).toBe(10 * MINUTE);
  });

  it('is the doctor’s to give: readers and strangers are refused, and nothing changes', async () => {
    const { doctor, patient, looking } = await openRoom();
    const stranger = await rawClient(glir.url);
    const before = glir.app.rooms.find(doctor.roomId)?.expiresAt;
    for (const client of [patient.client, looking.client, stranger]) {
      await isRefused(client, { t: 'extend', id: 5, totalSeconds: 1_200 }, 'not-allowed');
    }
    expect(glir.app.rooms.find(doctor.roomId)?.expiresAt).toBe(before);
    stranger.close();
  });

  it.each([59, 0, -600, 86_401, 60.5, '600', null, 1e300])('is refused with %j seconds', async (seconds) => {
    const room = await talkingRoom(glir.url);
    const before = glir.app.rooms.find(room.roomId)?.expiresAt;
    await isRefused(room.doctor, { t: 'extend', id: 5, totalSeconds: seconds }, 'bad-message');
    expect(glir.app.rooms.find(room.roomId)?.expiresAt).toBe(before);
    room.doctor.close();
  });

  it('stays when the composer comes back after a lost connection', async () => {
    const { doctor, patient } = await openRoom();
    await doctor.extend(600);
    doctor.cut();
    await patient.client.next(({ t }) => t === 'interrupted');
    const seat = await doctor.resume();
    expect(seat.leftMs).toBeGreaterThan(19 * MINUTE);
    expect(seat.policy.expirySeconds).toBe(1_200);
  });
});

describe('the practice’s phone number', () => {
  it('is told to whoever has the link: with the room, when it ends, and when they come too late', async () => {
    const { doctor, patient, looking, link } = await openRoom();
    expect(patient.joined.phone).toBe(PHONE);
    await doctor.destroy();
    for (const page of [patient, looking])
      expect(await page.ended()).toMatchObject({ reason: 'revoked', phone: PHONE });
    const late = await rawClient(glir.url);
    await isRefused(late, await joinMessage(link), 'ended-room');
    expect(late.received[0]).toMatchObject({ t: 'ended', phone: PHONE });
    late.close();
  });

  it('is told to nobody who guesses', async () => {
    const { doctor, link } = await openRoom();
    const guesser = await rawClient(glir.url);
    await isRefused(guesser, await joinMessage(link, { joinKey: 'k'.repeat(43) }), 'wrong-key');
    await doctor.destroy();
    await isRefused(guesser, await joinMessage(link, { joinKey: 'k'.repeat(43) }), 'wrong-key');
    expect(JSON.stringify(guesser.received)).not.toContain(PHONE);
    guesser.close();
  });
});
