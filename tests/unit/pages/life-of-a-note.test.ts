import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { maliciousServer } from '../../support/signalling/malicious-server.ts';
import { deliver } from '../../support/signalling/malicious-sfu.ts';

vi.mock('../../../web-shared/net/webrtc-transport.ts', () => import('../../support/signalling/malicious-sfu.ts'));

const NOTE = 'Methotrexate 10 mg, once a week, on Monday';
const SECOND = 1000;

let server: ReturnType<typeof maliciousServer>;
let doctor: Awaited<ReturnType<typeof server.doctor>>;
let patient: Awaited<ReturnType<typeof server.patient>>;

beforeEach(() => {
  server = maliciousServer();
});

async function waiting(): Promise<void> {
  doctor = await server.doctor(NOTE, { admission: 'ask', expirySeconds: 600 });
  patient = await server.patient(doctor.link);
  patient.session.open();
  await expect.poll(() => doctor.rows[0]?.state).toBe('waiting');
}

async function reading(): Promise<void> {
  await waiting();
  await doctor.admits();
  await expect.poll(() => patient.now?.name).toBe('reading');
  await expect.poll(() => doctor.rows[0]?.shownRev).toBe(1);
}

const onScreen = () => JSON.stringify(patient.now);

describe('a patient who waits', () => {
  it('has been told of only once the doctor’s page has answered, and reads after a minute what else to do', async () => {
    await waiting();
    const seen = patient.states.filter(({ name }) => name === 'waiting');
    expect(seen[0]).toMatchObject({ shortCode: null, unanswered: false });
    await expect
      .poll(() => patient.now)
      .toMatchObject({ name: 'waiting', shortCode: expect.stringMatching(/^\d{6}$/) });
    await server.advance(58 * SECOND);
    expect(patient.now).toMatchObject({ name: 'waiting', unanswered: false });
    await server.advance(4 * SECOND);
    expect(patient.now).toMatchObject({ name: 'waiting', unanswered: true });
    await doctor.admits();
    await expect.poll(() => patient.now?.name).toBe('reading');
  });
});

describe('more time that is given while the note is on its way', () => {
  it('arrives right behind it, and both are taken for what they are', async () => {
    const frames: (() => void)[] = [];
    server.misdeeds.frame = (frame, streamId) => {
      frames.push(() => deliver(streamId, frame));
      return null;
    };
    doctor = await server.doctor(NOTE, { admission: 'link', expirySeconds: 600 });
    patient = await server.patient(doctor.link);
    patient.session.open();
    await expect.poll(() => frames.length).toBe(1);
    await doctor.session.extend(1_200);
    await expect.poll(() => frames.length).toBe(2);
    // The note is being checked still when the time is opened.
    const digest = crypto.subtle.digest.bind(crypto.subtle);
    const slow = vi.spyOn(crypto.subtle, 'digest').mockImplementation(async (...of) => {
      for (let turn = 0; turn < 50; turn++) await digest('SHA-256', new Uint8Array(1));
      return digest(...of);
    });
    onTestFinished(() => slow.mockRestore());
    // In one turn, as a browser hands on what came in one packet.
    for (const arrives of frames) arrives();
    await expect.poll(() => patient.now?.name).not.toBe('closed');
    slow.mockRestore();
    await expect.poll(() => doctor.rows[0]?.shownRev).toBe(1);
    expect(patient.now).toMatchObject({ name: 'reading', note: { text: NOTE } });
    expect(patient.states.some(({ name }) => name === 'gone')).toBe(false);
    expect(doctor.alert).toBeNull();
    server.toReader(0, { t: 'time-left', leftMs: 1_800 * SECOND, totalMs: 1_800 * SECOND });
    await server.advance(700 * SECOND);
    expect(patient.now?.name).toBe('reading');
  });
});

describe('a patient who comes while the doctor’s page does not answer', () => {
  it('is not told that their own device is to blame', async () => {
    server.misdeeds.toComposer = (message) => (message.t === 'knocked' ? null : message);
    doctor = await server.doctor(NOTE);
    patient = await server.patient(doctor.link);
    patient.session.open();
    await server.advance(20 * SECOND);
    expect(patient.now).toMatchObject({ name: 'gone', reason: 'unreachable', silent: true });
  });
});

describe('the doctor’s text after the end', () => {
  it.each(['expired', 'lost', 'left', 'stopped'] as const)(
    'stays in the doctor’s page when the server says “%s”, and is on no other',
    async (reason) => {
      await reading();
      server.toComposer({ t: 'ended', reason, agoMs: 0, phone: null });
      await expect.poll(() => doctor.now).toMatchObject({ name: 'over', reason, kept: { text: NOTE }, readBy: 1 });
      await expect.poll(() => patient.now).toMatchObject({ name: 'gone', reason });
      expect(onScreen()).not.toContain(NOTE);
      expect(patient.session.holdsNote).toBe(false);
      expect(doctor.session.hasNoteToLose).toBe(true);
      doctor.session.wipe();
      expect(doctor.now).toMatchObject({ name: 'over', reason, kept: null });
      expect(doctor.session.hasNoteToLose).toBe(false);
    },
  );

  it('stays when its time is over by the page’s own clock', async () => {
    await reading();
    await server.advance(601 * SECOND);
    await expect.poll(() => doctor.now).toMatchObject({ name: 'over', reason: 'expired', kept: { text: NOTE } });
    expect(onScreen()).not.toContain(NOTE);
  });

  it('says from when to when it was shared', async () => {
    await reading();
    const shared = server.clock.now();
    await server.advance(60 * SECOND);
    server.toComposer({ t: 'ended', reason: 'stopped', agoMs: 0, phone: null });
    await expect.poll(() => doctor.now?.name).toBe('over');
    const { from, at } = Object(doctor.now);
    expect(Math.abs(from - shared)).toBeLessThan(2 * SECOND);
    expect(at - from).toBeGreaterThanOrEqual(60 * SECOND);
  });

  it('goes from both pages with “Destroy now”, and when the doctor’s chat revokes the note', async () => {
    await reading();
    doctor.session.destroy();
    await expect.poll(() => doctor.now).toMatchObject({ name: 'over', reason: 'revoked', kept: null });
    await expect.poll(() => patient.now?.name).toBe('gone');
    server = maliciousServer();
    await reading();
    server.toComposer({ t: 'ended', reason: 'revoked', agoMs: 0, phone: null });
    await expect.poll(() => doctor.now).toMatchObject({ name: 'over', reason: 'revoked', kept: null });
    expect(JSON.stringify(doctor.states.at(-1))).not.toContain(NOTE);
  });

  it('goes when the page is left, also after the end', async () => {
    await reading();
    server.toComposer({ t: 'ended', reason: 'expired', agoMs: 0, phone: null });
    await expect.poll(() => doctor.now?.name).toBe('over');
    doctor.session.leave();
    expect(doctor.now).toMatchObject({ name: 'over', reason: 'expired', kept: null });
    expect(doctor.session.kept).toBeNull();
  });
});
