import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '../../src/protocol/bytes.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { SOON } from '../support/server/soon.ts';
import { rawClient } from '../support/signalling/client.ts';
import { actAsPages, closeAllSessions, composerPage, receiverPage } from '../support/signalling/pages.ts';
import { isRefused, joinMessage } from '../support/signalling/raw.ts';
import { closeAllPages, composer, reader } from '../support/signalling/wrtc.ts';

const PIN = '314159';
const NOTE = 'Metformin 500 mg, twice a day';

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

describe('a note behind a PIN, through the server', () => {
  it('reaches whoever knocks and says the PIN, once the doctor’s page has checked it', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const patient = await reader(await doctor.share({ admission: 'pin' }));
    expect(patient.joined.admission).toBe('pin');
    await patient.tap();
    await patient.tell({ kind: 'pin', pin: '000000' });
    const knock = await doctor.knock();
    expect(await doctor.hear(knock)).toEqual({ kind: 'pin', pin: '000000' });
    await doctor.tell(knock, { kind: 'wrong-pin', triesLeft: 4 });
    expect(await patient.hear()).toEqual({ kind: 'wrong-pin', triesLeft: 4 });
    await patient.tell({ kind: 'pin', pin: PIN });
    expect(await doctor.hear(knock)).toEqual({ kind: 'pin', pin: PIN });
    await doctor.admit(knock);
    await doctor.send(knock, NOTE);
    expect(await patient.note()).toMatchObject({ note: { text: NOTE } });
    await patient.show();
    expect(await doctor.shown(knock)).toBe(1);
  });

  it('does not flow before the admission: what is sent too early is dropped by the server', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const link = await doctor.share({ admission: 'pin' });
    const [admitted, waiting] = [await reader(link), await reader(link)];
    await admitted.tap();
    const first = await doctor.knock();
    await doctor.admit(first);
    await waiting.tap();
    const second = await doctor.knock();
    expect(glir.app.rooms.find(doctor.roomId)?.reading).toBe(1);

    second.channel.send(utf8('too early'));
    // Both streams share one connection: when this one's frame is there, the SFU has dealt with the one before.
    first.channel.send(utf8('in between'));
    expect(await admitted.channel.frame(0)).toEqual(utf8('in between'));
    await doctor.admit(second);
    second.channel.send(utf8('in time'));
    expect(await waiting.channel.frame(0)).toEqual(utf8('in time'));
    expect(waiting.channel.frames).toHaveLength(1);
  });

  it('is over for everybody when it is locked: who reads, who waits, who only looks, and who comes late', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const link = await doctor.share({ admission: 'pin' });
    const [reading, guessing, looking] = [await reader(link), await reader(link), await reader(link)];
    await reading.tap();
    await doctor.admit(await doctor.knock());
    await guessing.tap();
    await guessing.tell({ kind: 'pin', pin: '000000' });
    await doctor.hear(await doctor.knock());
    await doctor.destroy('locked');
    for (const page of [reading, guessing, looking, doctor]) {
      expect(await page.ended()).toEqual({ t: 'ended', reason: 'locked', agoMs: 0, phone: null });
      expect(await page.client.closed).toBe(1000);
    }
    expect((await glir.app.rooms.findTombstone(doctor.roomId))?.reason).toBe('locked');
    const late = await rawClient(glir.url);
    await isRefused(late, await joinMessage(link), 'ended-room');
    expect(late.received[0]).toMatchObject({ t: 'ended', reason: 'locked' });
    late.close();
  });
});

describe('a note behind a PIN, on the pages', () => {
  /** A doctor's page with a shared note. */
  async function shared() {
    const doctor = await composerPage(glir.url);
    doctor.session.choosePolicy({ admission: 'pin', maxReaders: 20 });
    doctor.session.setPin(PIN);
    doctor.session.write(NOTE);
    await doctor.session.share();
    const { link } = await doctor.shows('open');
    return { doctor, link };
  }

  it('is opened with the tap that brings the PIN, in any script’s digits', async () => {
    const { doctor, link } = await shared();
    const patient = receiverPage(link);
    expect(await patient.shows('closed')).toMatchObject({ pin: { problem: null, triesLeft: null } });
    patient.session.open('٣١٤ ١٥٩');
    expect(await patient.shows('reading')).toMatchObject({ note: { text: NOTE } });
    await expect.poll(() => row(doctor), SOON).toMatchObject({ state: 'reading', wrongPins: 0 });
    expect(patient.states.some(({ name }) => name === 'waiting')).toBe(false);
  });

  it('asks again after a wrong PIN, with the tries left, and opens with the right one', async () => {
    const { doctor, link } = await shared();
    const patient = receiverPage(link);
    await patient.shows('closed');
    patient.session.open('12');
    expect(await patient.shows('closed')).toMatchObject({ pin: { problem: 'missing', triesLeft: null } });
    patient.session.open('000000');
    await expect
      .poll(() => patient.states.at(-1), SOON)
      .toMatchObject({ name: 'closed', opening: false, pin: { problem: 'wrong', triesLeft: 4 } });
    expect(doctor.states.at(-1)).toMatchObject({ pin: { triesLeft: 4 }, readers: [{ state: 'pin', wrongPins: 1 }] });
    patient.session.open(PIN);
    expect(await patient.shows('reading')).toMatchObject({ note: { text: NOTE } });
  });

  it('is gone with the fifth wrong PIN of everybody together, for the doctor, the reader and the guessers', async () => {
    const { doctor, link } = await shared();
    const reading = receiverPage(link);
    await reading.shows('closed');
    reading.session.open(PIN);
    await reading.shows('reading');
    const guessers = Array.from({ length: 5 }, () => receiverPage(link));
    await Promise.all(guessers.map((guesser) => guesser.shows('closed')));
    for (const [guess, { session }] of guessers.entries()) session.open(`00000${guess}`);
    expect(await doctor.shows('over')).toMatchObject({ reason: 'locked', readBy: 1 });
    for (const page of [reading, ...guessers]) expect(await page.shows('gone')).toMatchObject({ reason: 'locked' });
    for (const { states } of guessers) expect(states.some(({ name }) => name === 'reading')).toBe(false);
    const late = receiverPage(link);
    expect(await late.shows('gone')).toMatchObject({ reason: 'locked' });
  });

  it('comes back to a patient whose connection broke, without asking for the PIN again', async () => {
    const { link } = await shared();
    const patient = receiverPage(link);
    await patient.shows('closed');
    patient.session.open(PIN);
    await patient.shows('reading');
    const before = patient.states.length;
    patient.cut();
    await expect.poll(() => patient.states.slice(before).map(({ name }) => name), SOON).toContain('interrupted');
    expect(await patient.shows('reading')).toMatchObject({ note: { text: NOTE } });
    expect(patient.states.slice(before).map(({ name }) => name)).not.toContain('closed');
  });

  it('cannot be shared with a PIN that is none, and nothing is lost by trying', async () => {
    const doctor = await composerPage(glir.url);
    doctor.session.choosePolicy({ admission: 'pin' });
    doctor.session.write(NOTE);
    doctor.session.setPin('12');
    await doctor.session.share();
    expect(await doctor.shows('writing')).toMatchObject({ problem: 'bad-pin', sharing: false });
    doctor.session.setPin(PIN);
    await doctor.session.share();
    expect(await doctor.shows('open')).toMatchObject({ pin: { pin: PIN, triesLeft: 5 } });
  });

  const row = (doctor: Awaited<ReturnType<typeof composerPage>>) => {
    const state = doctor.states.at(-1);
    return state?.name === 'open' ? state.readers[0] : undefined;
  };
});
