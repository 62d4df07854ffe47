import { beforeEach, describe, expect, it, vi } from 'vitest';
import { LIMITS } from '../../../src/protocol/constants.ts';
import { maliciousServer } from '../../support/signalling/malicious-server.ts';
import { deliver } from '../../support/signalling/malicious-sfu.ts';

vi.mock('../../../web-shared/net/webrtc-transport.ts', () => import('../../support/signalling/malicious-sfu.ts'));

const NOTE = 'Methotrexate 10 mg, once a week, on Monday';
const SECOND = 1000;
/** The longest that a server can keep a note on a screen by saying nothing. */
const HIDES_MS = 10 * SECOND;
const FORGETS_MS = (LIMITS.graceSeconds + 5) * SECOND;

let server: ReturnType<typeof maliciousServer>;
let doctor: Awaited<ReturnType<typeof server.doctor>>;
let patient: Awaited<ReturnType<typeof server.patient>>;

beforeEach(() => {
  server = maliciousServer();
});

/** A patient reads; the doctor admits where the policy says so. */
async function reading(admission: 'ask' | 'link' = 'link'): Promise<void> {
  doctor = await server.doctor(NOTE, { admission });
  patient = await server.patient(doctor.link);
  patient.session.open();
  if (admission === 'ask') await doctor.admits();
  await expect.poll(() => patient.now?.name).toBe('reading');
  await expect.poll(() => doctor.rows[0]?.state).toBe('reading');
}

const screen = () => JSON.stringify(patient.now);

/** The server says nothing of an end, and lets nothing of the doctor's page through the stream. */
function keepQuiet(): void {
  server.misdeeds.frame = () => null;
  server.misdeeds.toReader = (message) => (message.t === 'ended' || message.t === 'declined' ? null : message);
}

describe('a server that keeps quiet about the end', () => {
  it('cannot keep the note on the screen after "Destroy now": it hides within 10 s, and is forgotten 35 s later', async () => {
    await reading();
    keepQuiet();
    doctor.session.destroy();
    await server.advance(HIDES_MS + SECOND);
    expect(patient.now).toMatchObject({ name: 'interrupted', side: 'doctor' });
    expect(screen()).not.toContain(NOTE);
    await server.advance(FORGETS_MS);
    expect(patient.now).toMatchObject({ name: 'gone', reason: 'lost' });
    expect(patient.session.holdsNote).toBe(false);
  });

  it('cannot keep it after the doctor closed the tab', async () => {
    await reading();
    keepQuiet();
    doctor.session.leave();
    await server.advance(HIDES_MS + SECOND);
    expect(patient.now?.name).toBe('interrupted');
    await server.advance(FORGETS_MS);
    expect(patient.now).toMatchObject({ name: 'gone', reason: 'lost' });
  });

  it('cannot keep it by saying to the doctor’s page alone that the room is over, or that the reader left', async () => {
    await reading();
    const other = await server.patient(doctor.link);
    other.session.open();
    await expect.poll(() => other.now?.name).toBe('reading');
    const [seat] = server.seats;
    server.toComposer({ t: 'reader-left', readerId: seat?.readerId ?? '', prekeyId: seat?.prekeyId ?? '' });
    await expect.poll(() => doctor.rows[0]?.state).toBe('left');
    await server.advance(HIDES_MS + SECOND);
    expect(patient.now?.name).toBe('interrupted');
    expect(other.now?.name).toBe('reading');
    server.toComposer({ t: 'ended', reason: 'expired', agoMs: 0, phone: null });
    // The other one hears it from the doctor's page itself, sealed.
    await expect.poll(() => other.now).toMatchObject({ name: 'gone', reason: 'expired' });
    expect(doctor.now).toMatchObject({ name: 'over', reason: 'expired' });
  });

  it('cannot stretch the time, whatever it says and however long it held the note back', async () => {
    const held: (() => void)[] = [];
    server.misdeeds.join = (reply) => ({ ...reply, leftMs: 86_400_000, totalMs: 86_400_000 });
    server.misdeeds.frame = (frame, streamId) => {
      held.push(() => deliver(streamId, frame));
      return null;
    };
    doctor = await server.doctor(NOTE, { admission: 'link', expirySeconds: 60 });
    patient = await server.patient(doctor.link);
    patient.session.open();
    await expect.poll(() => held.length).toBe(1);
    await server.advance(6 * SECOND);
    held[0]?.();
    await expect.poll(() => patient.now?.name).toBe('reading');
    keepQuiet();
    await server.advance(54 * SECOND);
    expect(patient.now?.name).toBe('reading');
    await server.advance(HIDES_MS);
    expect(patient.now?.name).not.toBe('reading');
    expect(screen()).not.toContain(NOTE);
  });

  it.each([
    ['the doctor is back', { t: 'resumed' } as const],
    ['the connection was interrupted', { t: 'interrupted' } as const],
    ['nobody had tapped', { t: 'untapped' } as const],
    ['the note is full', { t: 'refused', code: 'room-full' } as const],
    ['there is no offer', { t: 'refused', code: 'no-prekey' } as const],
  ])(
    'cannot keep it, nor stretch the time until it is forgotten, by saying again and again that %s',
    async (_what, lie) => {
      await reading();
      keepQuiet();
      doctor.session.leave();
      server.misdeeds.join = () => {
        throw new Error('nobody joins any more');
      };
      server.prekeys.length = 0;
      let seenFor = 0;
      for (let passed = 0; passed < HIDES_MS + FORGETS_MS + 5 * SECOND; passed += SECOND) {
        server.toReader(0, lie);
        await server.advance(SECOND);
        if (patient.now?.name === 'reading') seenFor += SECOND;
      }
      // Each of them means that the connection is no more, and the note leaves with it at once.
      expect(seenFor).toBe(0);
      expect(patient.now?.name).toBe('gone');
      expect(patient.session.holdsNote).toBe(false);
    },
  );

  it('cannot bring the old screen back with answers of before', async () => {
    await reading();
    const heard: { t: 'sealed'; ciphertext: string }[] = [];
    server.misdeeds.toReader = (message) => {
      if (message.t === 'sealed') heard.push({ t: 'sealed', ciphertext: message.ciphertext });
      return message;
    };
    await server.advance(9 * SECOND);
    expect(heard.length).toBeGreaterThan(0);
    keepQuiet();
    doctor.session.leave();
    for (const old of heard) server.toReader(0, old);
    await expect.poll(() => patient.now).toMatchObject({ name: 'gone', reason: 'tampered' });
    expect(screen()).not.toContain(NOTE);
  });
});

describe('a note that is open', () => {
  it('stays on the screen for as long as the doctor’s page answers, in front or not', async () => {
    await reading('ask');
    await server.advance(5 * 60 * SECOND);
    expect(patient.now?.name).toBe('reading');
    expect(patient.states.some(({ name }) => name === 'interrupted')).toBe(false);
  });

  it('hides when the doctor’s page is frozen, and comes back by itself when that thaws', async () => {
    await reading();
    const kept: Parameters<typeof server.toComposer>[0][] = [];
    server.misdeeds.toComposer = (message) => {
      if (message.t !== 'sealed') return message;
      kept.push(message);
      return null;
    };
    await server.advance(HIDES_MS + 5 * SECOND);
    expect(patient.now).toMatchObject({ name: 'interrupted', side: 'doctor' });
    // One question at a time: a page that thaws is not flooded.
    expect(kept).toHaveLength(1);
    server.misdeeds.toComposer = (message) => message;
    for (const message of kept) server.toComposer(message);
    await server.advance(SECOND);
    await expect.poll(() => patient.now?.name).toBe('reading');
    expect(screen()).toContain(NOTE);
  });

  it('costs each reader one small message in four seconds, and nothing before the note is there', async () => {
    await reading();
    const before = server.traffic.length;
    await server.advance(40 * SECOND);
    const pings = server.traffic.slice(before).filter((one) => JSON.stringify(one).includes('"sealed"'));
    // A question and its answer.
    expect(pings.length).toBeLessThanOrEqual(20);
    expect(pings.length).toBeGreaterThanOrEqual(16);
  });
});

describe('a server that holds messages back', () => {
  it('cannot show a note that the doctor has destroyed meanwhile', async () => {
    const held: { frame: Parameters<typeof server.misdeeds.frame>[0]; streamId: string }[] = [];
    server.misdeeds.frame = (frame, streamId) => {
      held.push({ frame, streamId });
      return null;
    };
    doctor = await server.doctor(NOTE, { admission: 'link' });
    patient = await server.patient(doctor.link);
    patient.session.open();
    await expect.poll(() => held.length).toBe(1);
    keepQuiet();
    doctor.session.destroy();
    await server.advance(HIDES_MS + SECOND);
    for (const { frame, streamId } of held) deliver(streamId, frame);
    await server.advance(3 * SECOND);
    expect(patient.states.some(({ name }) => name === 'reading')).toBe(false);
  });

  it('cannot leave an old dose on the screen: a correction that does not come hides it after half a minute', async () => {
    await reading();
    server.misdeeds.frame = () => null;
    doctor.session.write('Methotrexate 15 mg, once a week, on Monday');
    await server.advance(20 * SECOND);
    expect(patient.now?.name).toBe('reading');
    expect(doctor.rows[0]?.shownRev).toBe(1);
    await server.advance(20 * SECOND);
    expect(patient.now).toMatchObject({ name: 'interrupted', side: 'patient' });
    expect(screen()).not.toContain(NOTE);
  });

  it('cannot let a patient wait for a doctor who was never asked', async () => {
    server.misdeeds.toComposer = (message) => (message.t === 'knocked' ? null : message);
    doctor = await server.doctor(NOTE);
    patient = await server.patient(doctor.link);
    patient.session.open();
    await server.advance(20 * SECOND);
    expect(patient.now).toMatchObject({ name: 'gone', reason: 'unreachable' });
  });

  it('cannot let a patient wait for a doctor who has gone', async () => {
    doctor = await server.doctor(NOTE);
    patient = await server.patient(doctor.link);
    patient.session.open();
    await expect
      .poll(() => patient.now)
      .toMatchObject({ name: 'waiting', shortCode: expect.stringMatching(/^\d{6}$/) });
    await server.advance(60 * SECOND);
    expect(patient.now?.name).toBe('waiting');
    keepQuiet();
    doctor.session.leave();
    await server.advance(HIDES_MS + FORGETS_MS + SECOND);
    expect(patient.now).toMatchObject({ name: 'gone', reason: 'lost' });
  });
});
