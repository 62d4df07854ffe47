import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bytes, copyOf, fromBase64Url, randomBytes, toBase64Url, utf8 } from '../../../src/protocol/bytes.ts';
import { answer, createPrekey, knock, type Prekey } from '../../../src/protocol/crypto/handshake.ts';
import { deriveLinkKeys } from '../../../src/protocol/crypto/link-keys.ts';
import { parseNoteLink } from '../../../src/protocol/link.ts';
import type { ClientMessage } from '../../../src/protocol/messages.ts';
import { encodeNoteMessage } from '../../../src/protocol/note-message.ts';
import { findsIn } from '../../support/server/search.ts';
import { DOCTOR, maliciousServer } from '../../support/signalling/malicious-server.ts';
import { deliver } from '../../support/signalling/malicious-sfu.ts';

vi.mock('../../../web-shared/net/webrtc-transport.ts', () => import('../../support/signalling/malicious-sfu.ts'));

const NOTE = 'Methotrexate 10 mg, once a week, on Monday';
const SECOND = 1000;

let server: ReturnType<typeof maliciousServer>;
let doctor: Awaited<ReturnType<typeof server.doctor>>;

beforeEach(() => {
  server = maliciousServer();
});

const patientAt = (link = doctor.link) => server.patient(link);

/** Admits whoever waits, and expects the note on the page. */
async function readsAll(patient: Awaited<ReturnType<typeof patientAt>>): Promise<void> {
  patient.session.open();
  if (doctor.now?.name === 'open' && doctor.now.policy.admission === 'ask') await doctor.admits();
  await expect.poll(() => patient.now).toMatchObject({ name: 'reading', note: { text: NOTE } });
}

function nothingLeaked(): void {
  const places = server.traffic.map((one) => (one instanceof Uint8Array ? Buffer.from(one) : JSON.stringify(one)));
  expect(findsIn(places, NOTE)).toBe(false);
}

/** The same text with one bit changed, still base64url. */
function flipped(text: string, at = 40): string {
  const bytes = fromBase64Url(text);
  const place = Math.min(at, bytes.length - 1);
  bytes[place] = (bytes[place] ?? 0) ^ 1;
  return toBase64Url(bytes);
}

/** The keys of the link, which in some tests the server has stolen. */
async function stolen() {
  const { pathname, hash } = new URL(doctor.link);
  const parts = parseNoteLink(pathname, hash);
  if (parts === null) throw new Error('no link');
  return { roomId: parts.roomId, ...(await deriveLinkKeys(parts.secret, parts.roomId)) };
}

const changes: [string, (prekey: Prekey) => Prekey | Promise<Prekey>][] = [
  ['a key of the server’s own', async ({ nonce, commit }) => ({ ...(await createPrekey()).prekey, nonce, commit })],
  ['another nonce', (prekey) => ({ ...prekey, nonce: toBase64Url(randomBytes(16)) })],
  ['another commitment', (prekey) => ({ ...prekey, commit: toBase64Url(randomBytes(32)) })],
  ['one bit of its nonce changed', (prekey) => ({ ...prekey, nonce: flipped(prekey.nonce, 3) })],
  ['all of it made by the server', async () => (await createPrekey()).prekey],
];

describe('an offer that is not the one the doctor’s page made', () => {
  it.each(changes)('lets nobody in and tells the doctor: %s', async (_what, change) => {
    doctor = await server.doctor(NOTE, { admission: 'link' });
    const [first] = server.prekeys;
    if (first === undefined) throw new Error('no offer');
    first.prekey = await change(first.prekey);
    const victim = await patientAt();
    victim.session.open();
    await expect.poll(() => doctor.alert).toBe('tampered');
    await expect.poll(() => victim.now).toMatchObject({ name: 'gone', reason: 'declined' });
    expect(victim.states.some(({ name }) => name === 'reading')).toBe(false);
    nothingLeaked();
    await readsAll(await patientAt());
  });

  it('lets nobody in when it is another reader’s, used before', async () => {
    doctor = await server.doctor(NOTE, { admission: 'link' });
    const [first, second] = server.prekeys;
    if (first === undefined || second === undefined) throw new Error('no offers');
    const again = { ...first };
    const reader = await patientAt();
    await readsAll(reader);
    server.prekeys.unshift(again);
    const victim = await patientAt();
    victim.session.open();
    await expect.poll(() => doctor.alert).toBe('tampered');
    expect(victim.states.some(({ name }) => name === 'reading')).toBe(false);
    expect(reader.now?.name).toBe('reading');
  });

  it('lets nobody in when the keys of two readers are swapped; both can come again', async () => {
    doctor = await server.doctor(NOTE, { admission: 'link' });
    const [first, second] = server.prekeys;
    if (first === undefined || second === undefined) throw new Error('no offers');
    [first.prekey, second.prekey] = [second.prekey, first.prekey];
    const victims = [await patientAt(), await patientAt()];
    for (const { session } of victims) session.open();
    await expect.poll(() => victims.every(({ now }) => now?.name === 'gone')).toBe(true);
    expect(doctor.alert).toBe('tampered');
    await readsAll(await patientAt());
  });
});

describe('a knock that was altered on its way', () => {
  const alterations: [string, (knocked: { enc: string; ciphertext: string }) => { enc: string; ciphertext: string }][] =
    [
      ['a bit of its box', ({ enc, ciphertext }) => ({ enc, ciphertext: flipped(ciphertext) })],
      ['a bit of its key', ({ enc, ciphertext }) => ({ enc: flipped(enc), ciphertext })],
      [
        'its end cut off',
        ({ enc, ciphertext }) => ({ enc, ciphertext: toBase64Url(fromBase64Url(ciphertext).subarray(0, 1000)) }),
      ],
      ['nothing in it', ({ enc }) => ({ enc, ciphertext: 'AA' })],
      ['no key in it', ({ ciphertext }) => ({ enc: 'AA', ciphertext })],
    ];
  it.each(alterations)('is refused, and both are told: %s', async (_what, alter) => {
    server.misdeeds.toComposer = (message) => (message.t === 'knocked' ? { ...message, ...alter(message) } : message);
    doctor = await server.doctor(NOTE);
    const victim = await patientAt();
    victim.session.open();
    await expect.poll(() => doctor.alert).toBe('tampered');
    await expect.poll(() => victim.now).toMatchObject({ name: 'gone', reason: 'declined' });
    expect(doctor.rows).toEqual([]);
    server.misdeeds.toComposer = (message) => message;
    await readsAll(await patientAt());
  });

  it('comes twice: the second one is refused, and the doctor is told', async () => {
    server.misdeeds.toComposer = (message) => (message.t === 'knocked' ? [message, message] : message);
    doctor = await server.doctor(NOTE);
    const patient = await patientAt();
    patient.session.open();
    await expect.poll(() => doctor.alert).toBe('tampered');
    expect(patient.states.some(({ name }) => name === 'reading')).toBe(false);
  });

  it('comes under the id of a reader who waits: the doctor does not admit the wrong one', async () => {
    doctor = await server.doctor(NOTE);
    const patient = await patientAt();
    patient.session.open();
    await expect.poll(() => doctor.rows).toHaveLength(1);
    const id = doctor.rows[0]?.id ?? '';
    server.misdeeds.toComposer = (message) => (message.t === 'knocked' ? { ...message, readerId: id } : message);
    server.misdeeds.toReader = (message) => (message.t === 'declined' ? null : message);
    const thief = await patientAt();
    thief.session.open();
    await expect.poll(() => doctor.alert).toBe('tampered');
    doctor.session.admit(id);
    await server.advance(3 * SECOND);
    expect(thief.states.some(({ name }) => name === 'reading')).toBe(false);
  });
});

describe('a server that lies about how readers get in', () => {
  it.each([
    ['pin', 'link'],
    ['pin', 'ask'],
    ['ask', 'link'],
    ['ask', 'pin'],
    ['link', 'pin'],
  ] as const)('is found out with the knock, where it is "%s" and it says "%s"', async (admission, said) => {
    server.misdeeds.join = (reply) => ({ ...reply, admission: said });
    doctor = await server.doctor(NOTE, { admission, pin: '314159' });
    const patient = await patientAt();
    patient.session.open('314159');
    await expect.poll(() => doctor.alert).toBe('tampered');
    await expect.poll(() => patient.now).toMatchObject({ name: 'gone', reason: 'tampered' });
    expect(doctor.rows).toEqual([]);
    nothingLeaked();
  });

  it('gives nobody more places than the doctor did, and the doctor is told', async () => {
    doctor = await server.doctor(NOTE, { admission: 'link', maxReaders: 2 });
    for (const reader of [await patientAt(), await patientAt()]) await readsAll(reader);
    const third = await patientAt();
    third.session.open();
    await expect.poll(() => doctor.alert).toBe('room-full');
    await expect.poll(() => third.now?.name).toBe('gone');
    expect(third.states.some(({ name }) => name === 'reading')).toBe(false);
  });

  it('cannot keep up a false name: with the note comes the one that the doctor’s page knows', async () => {
    server.misdeeds.join = (reply) => ({ ...reply, who: 'Dr Quack' });
    doctor = await server.doctor(NOTE);
    const patient = await patientAt();
    expect(patient.now).toMatchObject({ room: { who: 'Dr Quack' } });
    await readsAll(patient);
    expect(patient.now).toMatchObject({ room: { who: DOCTOR } });
    server.toReader(0, { t: 'time-left', leftMs: 60_000, totalMs: 60_000 });
    await server.advance(SECOND);
    expect(patient.now).toMatchObject({ room: { who: DOCTOR } });
  });

  it('presses "Admit" in the doctor’s place: the doctor sees that somebody did', async () => {
    doctor = await server.doctor(NOTE);
    const patient = await patientAt();
    patient.session.open();
    await expect.poll(() => doctor.rows).toHaveLength(1);
    server.toComposer({ t: 'decision-requested', readerId: toBase64Url(randomBytes(16)), decision: 'admit' });
    expect(doctor.alert).toBeNull();
    server.toComposer({ t: 'decision-requested', readerId: doctor.rows[0]?.id ?? '', decision: 'admit' });
    await expect.poll(() => doctor.alert).toBe('chat');
  });
});

describe('a server that has stolen the link, and sits in the middle', () => {
  /** The server is a doctor to the patient, and a patient to the doctor. */
  async function inTheMiddle() {
    const { psk, roomId } = await stolen();
    const fake = await createPrekey();
    const [theirs] = server.prekeys;
    if (theirs === undefined) throw new Error('no offer');
    const real = theirs.prekey;
    theirs.prekey = fake.prekey;
    const asPatient = await knock(psk, roomId, real, { language: 'en' });
    return { psk, roomId, fake, asPatient };
  }
  /** A patient knocks at the server, and the server at the doctor. */
  async function knockInTheMiddle() {
    doctor = await server.doctor(NOTE);
    const { psk, roomId, fake, asPatient } = await inTheMiddle();
    const knocks: Extract<ClientMessage, { t: 'knock' }>[] = [];
    server.misdeeds.fromReader = (message) => {
      if (message.t !== 'knock') return message;
      knocks.push(message);
      return { ...message, enc: asPatient.enc, ciphertext: asPatient.ciphertext };
    };
    server.misdeeds.toReader = (message) => (message.t === 'sealed' ? null : message);
    const patient = await patientAt();
    patient.session.open();
    await expect.poll(() => doctor.rows).toHaveLength(1);
    const [caught] = knocks;
    if (caught === undefined) throw new Error('nobody knocked');
    return { patient, fake, asDoctor: await answer(psk, roomId, fake.prekey, fake.secrets, caught) };
  }
  const sealed = async (seal: (content: Bytes) => Promise<Bytes>, said: object) =>
    toBase64Url(await seal(utf8(JSON.stringify(said))));

  it('cannot make both show one code: what it committed to was chosen before it saw the patient’s key', async () => {
    const { patient, asDoctor } = await knockInTheMiddle();
    // It grinds for a value that would give the doctor's code, and reveals that one.
    const ground = randomBytes(32);
    server.toReader(0, {
      t: 'sealed',
      ciphertext: await sealed(asDoctor.streams.outgoing.seal, { kind: 'reveal', nD: toBase64Url(ground) }),
    });
    await expect.poll(() => patient.now).toMatchObject({ name: 'gone', reason: 'tampered' });
  });

  it('gets ten knocks of one page to compare codes with, however often the patient tries again', async () => {
    doctor = await server.doctor(NOTE);
    let knocks = 0;
    server.misdeeds.fromReader = (message) => {
      if (message.t !== 'knock') return message;
      knocks += 1;
      return null;
    };
    const patient = await patientAt();
    for (let tries = 0; tries < 15; tries++) {
      if (patient.now?.name === 'gone') patient.session.retry();
      await server.advance(SECOND);
      expect(patient.now?.name).toBe('closed');
      patient.session.open();
      await expect.poll(() => knocks > tries || patient.now?.name === 'gone').toBe(true);
      await server.advance(16 * SECOND);
      await expect.poll(() => patient.now).toMatchObject({ name: 'gone', reason: 'unreachable' });
    }
    expect(knocks).toBe(10);
  });

  it('shows two codes when it keeps its commitment: the phone call finds it out', async () => {
    const { patient, fake, asDoctor } = await knockInTheMiddle();
    const nD = toBase64Url(fake.secrets.nD);
    server.toReader(0, {
      t: 'sealed',
      ciphertext: await sealed(asDoctor.streams.outgoing.seal, { kind: 'reveal', nD }),
    });
    await expect.poll(() => patient.now).toMatchObject({ name: 'waiting', shortCode: expect.any(String) });
    const shown = patient.now?.name === 'waiting' ? patient.now.shortCode : null;
    expect(shown).not.toBe(doctor.rows[0]?.shortCode);
  });

  it('has forty tries at the code in the life of a room; then nobody new waits, and the doctor is told', async () => {
    doctor = await server.doctor(NOTE);
    const { psk, roomId } = await stolen();
    for (let tries = 0; tries < 45; tries++) {
      await expect.poll(() => server.prekeys.length).toBeGreaterThan(0);
      const next = server.prekeys.shift();
      if (next === undefined) throw new Error('no offer');
      const { enc, ciphertext } = await knock(psk, roomId, next.prekey, { language: 'en' });
      const readerId = toBase64Url(randomBytes(16));
      server.toComposer({ t: 'prekey-taken', prekeyId: next.prekeyId });
      server.toComposer({ t: 'knocked', readerId, prekeyId: next.prekeyId, enc, ciphertext });
      await expect.poll(() => doctor.alert === 'shut' || doctor.rows.some(({ id }) => id === readerId)).toBe(true);
      server.toComposer({ t: 'reader-left', readerId, prekeyId: next.prekeyId });
    }
    expect(doctor.alert).toBe('shut');
    expect(Math.max(...doctor.rows.map(({ number }) => number))).toBe(40);
    const late = await patientAt();
    late.session.open();
    await expect.poll(() => late.now).toMatchObject({ name: 'gone', reason: 'declined' });
  });

  /** A patient who reads, whose page the server has made to knock at its own door. */
  async function lured() {
    doctor = await server.doctor(NOTE, { admission: 'link' });
    const patient = await patientAt();
    await readsAll(patient);
    const { psk, roomId } = await stolen();
    const fake = await createPrekey();
    server.prekeys.unshift({ prekeyId: 'fake', prekey: fake.prekey });
    const said: ClientMessage[] = [];
    server.misdeeds.fromReader = (message) => {
      if (message.t === 'knock' || message.t === 'sealed') said.push(message);
      return message;
    };
    server.misdeeds.toComposer = () => null;
    server.toReader(0, { t: 'resumed' });
    await expect.poll(() => said.length).toBe(1);
    const [caught] = said;
    if (caught?.t !== 'knock') throw new Error('nobody knocked');
    const { streams, hello } = await answer(psk, roomId, fake.prekey, fake.secrets, caught);
    const nD = toBase64Url(fake.secrets.nD);
    return { patient, streams, hello, nD, said };
  }

  it('cannot take over a patient who reads: it does not know the pass, so its note is not shown', async () => {
    const { patient, streams, hello, nD } = await lured();
    // What the patient proved is good in this handshake alone: the pass itself did not travel.
    expect(hello.readmissionToken).toBeUndefined();
    const allowed = { editing: false, copy: true, print: true };
    const note = { text: 'Methotrexate 100 mg, every day', format: 'plain', medicines: [] } as const;
    const forged = encodeNoteMessage({
      kind: 'note',
      rev: 9,
      nD,
      token: nD,
      leftMs: 60_000,
      ...allowed,
      note,
    });
    deliver('fake', copyOf(await streams.note.seal(forged)));
    await expect.poll(() => patient.now).toMatchObject({ name: 'gone', reason: 'tampered' });
    expect(JSON.stringify(patient.states)).not.toContain('100 mg');
  });

  it('cannot answer in the doctor’s place that the note is still open, nor give it more time, nor ask for patience', async () => {
    const { patient, streams, nD, said } = await lured();
    await server.advance(5 * SECOND);
    expect(said.map(({ t }) => t)).toEqual(['knock', 'sealed']);
    for (const word of [
      { kind: 'pong', number: 1, rev: 1 },
      { kind: 'reveal', nD },
    ]) {
      server.toReader(1, { t: 'sealed', ciphertext: await sealed(streams.outgoing.seal, word) });
      await server.advance(SECOND);
      expect(patient.now?.name).toBe('interrupted');
    }
    deliver('fake', copyOf(await streams.note.seal(encodeNoteMessage({ kind: 'time', addedMs: 60_000 }))));
    await expect.poll(() => patient.now).toMatchObject({ name: 'gone', reason: 'tampered' });
  });
});
