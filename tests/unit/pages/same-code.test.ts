import { beforeEach, expect, it, vi } from 'vitest';
import type { ClientMessage } from '../../../src/protocol/messages.ts';
import { maliciousServer } from '../../support/signalling/malicious-server.ts';

vi.mock('../../../web-shared/net/webrtc-transport.ts', () => import('../../support/signalling/malicious-sfu.ts'));

const NOTE = 'Methotrexate 10 mg, once a week, on Monday';

let server: ReturnType<typeof maliciousServer>;

beforeEach(() => {
  server = maliciousServer();
});

async function waitingFor(doctor: Awaited<ReturnType<typeof server.doctor>>) {
  const patient = await server.patient(doctor.link);
  patient.session.open();
  await expect.poll(() => patient.now).toMatchObject({ name: 'waiting', shortCode: expect.any(String) });
  return patient;
}

const codeOf = (patient: Awaited<ReturnType<typeof waitingFor>>) =>
  patient.now?.name === 'waiting' ? patient.now.shortCode : null;

it('a patient who waits keeps row and code when the connection breaks, again and again, and is let in by them', async () => {
  const doctor = await server.doctor(NOTE);
  const patient = await waitingFor(doctor);
  const code = codeOf(patient);
  for (let broken = 0; broken < 4; broken++) {
    const { id } = doctor.rows[0] ?? {};
    server.toComposer({ t: 'reader-left', readerId: id ?? '', prekeyId: server.seats.at(-1)?.prekeyId ?? '' });
    server.toReader(server.seats.length - 1, { t: 'resumed' });
    await expect.poll(() => doctor.rows[0]?.state === 'waiting' && doctor.rows[0].id !== id).toBe(true);
    await expect.poll(() => codeOf(patient)).toBe(code);
    expect(doctor.rows).toMatchObject([{ number: 1, shortCode: code }]);
  }
  await doctor.admits();
  await expect.poll(() => patient.now).toMatchObject({ name: 'reading', note: { text: NOTE } });
  expect(doctor.alert).toBeNull();
});

it('a patient whose first knock was lost on the way gets one code that the doctor sees too, and reads', async () => {
  const doctor = await server.doctor(NOTE);
  let lost = 0;
  server.misdeeds.fromReader = (message: ClientMessage) => {
    if (message.t !== 'knock' || lost === 2) return message;
    lost += 1;
    return null;
  };
  const patient = await server.patient(doctor.link);
  patient.session.open();
  for (const seat of [0, 1]) {
    await expect.poll(() => lost).toBe(seat + 1);
    server.toReader(seat, { t: 'resumed' });
  }
  await expect.poll(() => codeOf(patient)).toMatch(/^[0-9]{6}$/);
  await expect.poll(() => doctor.rows).toMatchObject([{ number: 1, shortCode: codeOf(patient) }]);
  await doctor.admits();
  await expect.poll(() => patient.now).toMatchObject({ name: 'reading', note: { text: NOTE } });
});

it('a patient whom the doctor turned away by mistake comes back under the same number and code', async () => {
  const doctor = await server.doctor(NOTE);
  const patient = await waitingFor(doctor);
  const code = codeOf(patient);
  doctor.session.refuse(doctor.rows[0]?.id ?? '');
  await expect.poll(() => patient.now).toMatchObject({ name: 'gone', reason: 'declined' });
  patient.session.retry();
  await server.advance(1000);
  await expect.poll(() => patient.now?.name).toBe('closed');
  patient.session.open();
  await expect.poll(() => codeOf(patient)).toBe(code);
  expect(doctor.rows).toMatchObject([{ number: 1, shortCode: code, state: 'waiting' }]);
});

it('a patient who waits and reloads the page keeps row and code, and is asked for once; whoever was turned away begins anew', async () => {
  const doctor = await server.doctor(NOTE);
  const before = await waitingFor(doctor);
  const code = codeOf(before);
  const kept = before.kept;
  expect(kept).toEqual({ firstKnock: expect.any(String) });
  before.session.leave();
  const after = await server.patient(doctor.link, kept);
  after.session.open();
  await expect.poll(() => codeOf(after)).toBe(code);
  await expect.poll(() => doctor.rows).toMatchObject([{ number: 1, shortCode: code, state: 'waiting' }]);
  doctor.session.refuse(doctor.rows[0]?.id ?? '');
  await expect.poll(() => after.now).toMatchObject({ name: 'gone', reason: 'declined' });
  expect(after.kept).toBeNull();
});

it('a patient who was let in after a reload reads, and the next reload gives another code to the same row', async () => {
  const doctor = await server.doctor(NOTE);
  const before = await waitingFor(doctor);
  const code = codeOf(before);
  before.session.leave();
  const after = await server.patient(doctor.link, before.kept);
  after.session.open();
  await expect.poll(() => codeOf(after)).toBe(code);
  await doctor.admits();
  await expect.poll(() => after.now).toMatchObject({ name: 'reading', note: { text: NOTE } });
  expect(after.kept).toEqual({ readmissionToken: expect.any(String) });
  after.session.leave();
  const again = await server.patient(doctor.link, after.kept);
  again.session.open();
  await expect.poll(() => codeOf(again)).toMatch(/^[0-9]{6}$/);
  expect(codeOf(again)).not.toBe(code);
  await expect.poll(() => doctor.rows).toMatchObject([{ number: 1, shortCode: codeOf(again), state: 'waiting' }]);
  expect(doctor.alert).toBeNull();
});
