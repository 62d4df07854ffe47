import { beforeEach, describe, expect, it, vi } from 'vitest';
import { maliciousServer } from '../../support/signalling/malicious-server.ts';

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
