import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bytes, copyOf, fromBase64Url, toBase64Url } from '../../../src/protocol/bytes.ts';
import { maliciousServer } from '../../support/signalling/malicious-server.ts';
import { deliver } from '../../support/signalling/malicious-sfu.ts';

vi.mock('../../../web-shared/net/webrtc-transport.ts', () => import('../../support/signalling/malicious-sfu.ts'));

const NOTE = 'Methotrexate 10 mg, once a week, on Monday';
const CORRECTED = 'Methotrexate 15 mg, once a week, on Monday';

let server: ReturnType<typeof maliciousServer>;
let doctor: Awaited<ReturnType<typeof server.doctor>>;
type Patient = Awaited<ReturnType<typeof server.patient>>;

beforeEach(() => {
  server = maliciousServer();
});

async function reader(): Promise<Patient> {
  const patient = await server.patient(doctor.link);
  patient.session.open();
  await expect.poll(() => patient.now?.name).toBe('reading');
  return patient;
}

/** Two patients who read; the first one is the victim. */
async function two(): Promise<[Patient, Patient]> {
  doctor = await server.doctor(NOTE, { admission: 'link' });
  const both: [Patient, Patient] = [await reader(), await reader()];
  await expect.poll(() => doctor.rows.every(({ state }) => state === 'reading')).toBe(true);
  return both;
}

function flipped(bytes: Bytes, at = 60): Bytes {
  const copy = copyOf(bytes);
  const place = at % copy.length;
  copy[place] = (copy[place] ?? 0) ^ 1;
  return copy;
}

const flippedBox = (ciphertext: string) => toBase64Url(flipped(fromBase64Url(ciphertext)));
const cutBox = (ciphertext: string) => toBase64Url(fromBase64Url(ciphertext).subarray(0, 700));

/** The victim shows nothing of the note and says why; the doctor is told; the other one reads the correction. */
async function isFoundOut(victim: Patient, other: Patient): Promise<void> {
  await expect.poll(() => victim.now).toMatchObject({ name: 'gone', reason: 'tampered' });
  expect(JSON.stringify(victim.now)).not.toContain('Methotrexate');
  expect(victim.session.holdsNote).toBe(false);
  await expect.poll(() => doctor.alert).toBe('tampered');
  await expect.poll(() => doctor.rows.map(({ state }) => state)).toEqual(['refused', 'reading']);
  await expect.poll(() => other.now).toMatchObject({ name: 'reading', note: { text: CORRECTED } });
}

describe('the note on its way', () => {
  const streamOf = (number: number) => server.seats[number]?.prekeyId ?? '';

  const misdeeds: [string, (frame: Bytes, before: Bytes[], others: Bytes[]) => Bytes | Bytes[] | null][] = [
    ['with a bit changed', (frame) => flipped(frame)],
    ['with a bit of its number changed', (frame) => flipped(frame, 7)],
    ['with its last bit changed', (frame) => flipped(frame, frame.length - 1)],
    ['with its end cut off', (frame) => copyOf(frame.subarray(0, frame.length - 16))],
    ['with nothing in it', () => copyOf(new Uint8Array())],
    ['twice', (frame) => [frame, frame]],
    ['as the version before', (_frame, before) => before[0] ?? null],
    ['as the version of another reader', (_frame, _before, others) => others[0] ?? null],
    ['as more than it was', (frame) => copyOf(new Uint8Array([...frame, 0]))],
  ];
  it.each(misdeeds)('%s is not shown; both are told, and others read on', async (_what, change) => {
    const before: Bytes[] = [];
    const others: Bytes[] = [];
    server.misdeeds.frame = (frame, streamId) => {
      (streamId === streamOf(0) ? before : others).push(frame);
      return frame;
    };
    const [victim, other] = await two();
    server.misdeeds.frame = (frame, streamId) =>
      streamId === streamOf(0) ? change(copyOf(frame), before, others) : frame;
    doctor.session.write(CORRECTED);
    await isFoundOut(victim, other);
  });

  it('is not shown when one version is left out and the next one comes', async () => {
    const [victim, other] = await two();
    let first = true;
    server.misdeeds.frame = (frame, streamId) => {
      if (streamId !== streamOf(0) || !first) return frame;
      first = false;
      return null;
    };
    doctor.session.write(CORRECTED);
    await server.advance(1000);
    // More time goes down the same stream, behind the version that is missing.
    doctor.session.destroy();
    await expect.poll(() => victim.now).toMatchObject({ name: 'gone' });
    expect(victim.states.some((state) => JSON.stringify(state).includes(CORRECTED))).toBe(false);
    expect(other.now?.name).toBe('gone');
  });

  it('comes to nobody whose stream gets what was meant for somebody who waits', async () => {
    doctor = await server.doctor(NOTE);
    const patient = await server.patient(doctor.link);
    const thief = await server.patient(doctor.link);
    server.misdeeds.frame = (frame, streamId) => {
      if (streamId === streamOf(0)) deliver(streamOf(1), frame);
      return null;
    };
    patient.session.open();
    await expect.poll(() => doctor.rows).toHaveLength(1);
    thief.session.open();
    await expect.poll(() => doctor.rows).toHaveLength(2);
    // The doctor admits one; the server opens the other one's stream for it.
    doctor.session.admit(doctor.rows[0]?.id ?? '');
    await expect.poll(() => thief.now).toMatchObject({ name: 'gone', reason: 'tampered' });
    expect(JSON.stringify([...thief.states, ...patient.states])).not.toContain(NOTE);
  });
});

describe('what a patient tells the doctor', () => {
  // What was said once, and truly, counts once.
  const misdeeds: [string, (ciphertext: string, before: string) => string | string[], number][] = [
    ['with a bit changed', (ciphertext) => flippedBox(ciphertext), 0],
    ['with its end cut off', (ciphertext) => cutBox(ciphertext), 0],
    ['twice', (ciphertext) => [ciphertext, ciphertext], 1],
    ['as what it said before', (_box, before) => before, 0],
  ];
  it.each(misdeeds)(
    'is not believed when it comes %s; both are told, and others read on',
    async (_what, change, understood) => {
      let before = '';
      server.misdeeds.toComposer = (message) => {
        if (message.t === 'sealed' && message.readerId === server.seats[0]?.readerId) before = message.ciphertext;
        return message;
      };
      const [victim, other] = await two();
      server.misdeeds.toComposer = (message) => {
        if (message.t !== 'sealed' || message.readerId !== server.seats[0]?.readerId) return message;
        return [change(message.ciphertext, before)].flat().map((ciphertext) => ({ ...message, ciphertext }));
      };
      victim.session.confirmUnderstood();
      doctor.session.write(CORRECTED);
      await isFoundOut(victim, other);
      expect(doctor.rows[0]?.understoodRev).toBe(understood);
    },
  );

  it('is not believed when it is said in another reader’s name', async () => {
    const [victim, other] = await two();
    const [first, second] = server.seats;
    server.misdeeds.toComposer = (message) =>
      message.t === 'sealed' && message.readerId === second?.readerId
        ? { ...message, readerId: first?.readerId ?? '' }
        : message;
    other.session.confirmUnderstood();
    await expect.poll(() => victim.now).toMatchObject({ name: 'gone', reason: 'tampered' });
    expect(doctor.alert).toBe('tampered');
    expect(doctor.rows.map(({ understoodRev }) => understoodRev)).toEqual([0, 0]);
  });

  it('is not believed when one word of it is left out', async () => {
    const [victim] = await two();
    let left = 1;
    server.misdeeds.toComposer = (message) => {
      if (message.t !== 'sealed' || message.readerId !== server.seats[0]?.readerId || left === 0) return message;
      left -= 1;
      return null;
    };
    victim.session.reachEnd();
    victim.session.confirmUnderstood();
    await expect.poll(() => victim.now).toMatchObject({ name: 'gone', reason: 'tampered' });
    expect(doctor.rows[0]).toMatchObject({ endRev: 0, understoodRev: 0, state: 'refused' });
  });
});

describe('what the doctor’s page tells a patient', () => {
  const misdeeds: [string, (ciphertext: string) => string | string[]][] = [
    ['with a bit changed', (ciphertext) => flippedBox(ciphertext)],
    ['with its end cut off', (ciphertext) => cutBox(ciphertext)],
    ['twice', (ciphertext) => [ciphertext, ciphertext]],
    ['as something that is no box', () => 'AAAA'],
  ];
  it.each(misdeeds)('gives no code when it comes %s: both are told', async (_what, change) => {
    doctor = await server.doctor(NOTE);
    const victim = await server.patient(doctor.link);
    server.misdeeds.toReader = (message) =>
      message.t === 'sealed'
        ? [change(message.ciphertext)].flat().map((ciphertext) => ({ ...message, ciphertext }))
        : message;
    victim.session.open();
    await expect.poll(() => victim.now).toMatchObject({ name: 'gone', reason: 'tampered' });
    await expect.poll(() => doctor.alert).toBe('tampered');
    expect(JSON.stringify(victim.states)).not.toContain(NOTE);
  });

  it('is for one patient: the words for another are not taken', async () => {
    doctor = await server.doctor(NOTE);
    const boxes: string[] = [];
    server.misdeeds.toReader = (message) => {
      if (message.t === 'sealed') boxes.push(message.ciphertext);
      return message;
    };
    const [one, victim] = [await server.patient(doctor.link), await server.patient(doctor.link)];
    one.session.open();
    await expect.poll(() => boxes.length).toBe(1);
    server.misdeeds.toReader = (message) =>
      message.t === 'sealed' ? { ...message, ciphertext: boxes[0] ?? '' } : message;
    victim.session.open();
    await expect.poll(() => victim.now).toMatchObject({ name: 'gone', reason: 'tampered' });
    expect(one.now?.name).toBe('waiting');
  });
});

describe('PINs, where the server has no link', () => {
  it('are counted once, however often the server repeats one, and the room is not locked by that', async () => {
    doctor = await server.doctor(NOTE, { admission: 'pin', pin: '314159' });
    const patient = await server.patient(doctor.link);
    server.misdeeds.toComposer = (message) =>
      message.t === 'sealed' ? [message, message, message, message, message, message] : message;
    patient.session.open('271828');
    await expect.poll(() => doctor.alert).toBe('tampered');
    expect(doctor.now).toMatchObject({ name: 'open', pin: { triesLeft: 4 } });
    server.misdeeds.toComposer = (message) => message;
    const later = await server.patient(doctor.link);
    later.session.open('314159');
    await expect.poll(() => later.now?.name).toBe('reading');
  });

  it('cannot be guessed by the server: what it makes up is refused and not counted', async () => {
    doctor = await server.doctor(NOTE, { admission: 'pin', pin: '314159' });
    const patient = await server.patient(doctor.link);
    server.misdeeds.toComposer = (message) =>
      message.t === 'sealed' ? { ...message, ciphertext: 'A'.repeat(1400) } : message;
    patient.session.open('314159');
    await expect.poll(() => doctor.alert).toBe('tampered');
    expect(doctor.now).toMatchObject({ pin: { triesLeft: 5 } });
    expect(patient.states.some(({ name }) => name === 'reading')).toBe(false);
  });
});
