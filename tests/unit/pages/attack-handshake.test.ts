import { beforeEach, describe, expect, it, vi } from 'vitest';
import { type Bytes, copyOf, fromBase64Url, randomBytes, toBase64Url, utf8 } from '../../../src/protocol/bytes.ts';
import {
  answer,
  createPrekey,
  type FirstKnock,
  knock,
  type Prekey,
  suite,
} from '../../../src/protocol/crypto/handshake.ts';
import { deriveLinkKeys, lengthPrefixed } from '../../../src/protocol/crypto/link-keys.ts';
import { unpad } from '../../../src/protocol/crypto/padding.ts';
import { createSealer } from '../../../src/protocol/crypto/sealed-stream.ts';
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

  it('gets one code of a page to compare, however often it makes that page knock, and ten knocks at most', async () => {
    doctor = await server.doctor(NOTE);
    const { psk, roomId } = await stolen();
    // It plays the doctor's page as well as it can: it keeps every first knock, and goes on from it as the doctor would.
    const firsts = new Map<string, FirstKnock>();
    const commitments = new Map<string, Bytes>();
    const codes: string[] = [];
    const fakes = new Map<string, Awaited<ReturnType<typeof createPrekey>>>();
    server.misdeeds.join = (reply) => {
      const fake = spare.shift();
      if (fake === undefined) throw new Error('no more offers');
      fakes.set(reply.readerId, fake);
      commitments.set(fake.prekey.commit, fake.secrets.nD);
      return { ...reply, prekey: fake.prekey };
    };
    const spare = await Promise.all(Array.from({ length: 60 }, () => createPrekey()));
    const answering: Promise<void>[] = [];
    server.misdeeds.fromReader = (message) => {
      if (message.t !== 'knock') return message;
      const fake = fakes.get(server.seats.at(-1)?.readerId ?? '');
      if (fake === undefined) throw new Error('not its own offer');
      const { prekey, secrets } = fake;
      const known = async ({ commit }: { commit: string }) => firsts.get(commit) ?? null;
      answering.push(
        answer(psk, roomId, prekey, secrets, message, [], known).then(async ({ first, streams }) => {
          firsts.set(first.commit, first);
          codes.push(await streams.shortCode(commitments.get(first.commit) ?? randomBytes(32)));
        }),
      );
      return null;
    };
    const patient = await patientAt();
    for (let tries = 0; tries < 15; tries++) {
      if (patient.now?.name === 'gone') patient.session.retry();
      await server.advance(SECOND);
      expect(patient.now?.name).toBe('closed');
      patient.session.open();
      await expect.poll(() => answering.length > tries || patient.now?.name === 'gone').toBe(true);
      // Without a word to the patient it makes the page connect and knock anew.
      for (let more = 0; more < 2 && patient.now?.name !== 'gone'; more++) {
        const before = answering.length;
        server.toReader(server.seats.length - 1, { t: 'resumed' });
        await server.advance(SECOND);
        await expect.poll(() => answering.length > before || patient.now?.name === 'gone').toBe(true);
      }
      await server.advance(16 * SECOND);
      await expect.poll(() => patient.now).toMatchObject({ name: 'gone', reason: 'unreachable' });
    }
    await Promise.all(answering);
    expect(codes).toHaveLength(10);
    expect(new Set(codes).size).toBe(1);
  });

  it('cannot take up with a page anew: a doctor’s page that does not know its first knock is not believed', async () => {
    const { patient, asDoctor } = await knockInTheMiddle();
    expect(asDoctor.first.commit).not.toBe('');
    const { psk, roomId } = await stolen();
    // The first codes did not agree, so it cuts the page off and offers another prekey.
    const other = await createPrekey();
    server.misdeeds.join = (reply) => ({ ...reply, prekey: other.prekey });
    const caught: Extract<ClientMessage, { t: 'knock' }>[] = [];
    server.misdeeds.fromReader = (message) => {
      if (message.t === 'knock') caught.push(message);
      return message.t === 'knock' ? null : message;
    };
    server.misdeeds.toReader = (message) => message;
    server.toReader(0, { t: 'resumed' });
    await expect.poll(() => caught.length).toBe(1);
    const [knocked] = caught;
    if (knocked === undefined) throw new Error('nobody knocked');
    const stranger = { ...asDoctor.first, key: randomBytes(32) };
    const forget = async () => stranger;
    await expect(answer(psk, roomId, other.prekey, other.secrets, knocked, [], forget)).rejects.toThrow('prove');
    // The true first knock is known to it, and still the new commitment is not taken.
    const again = await createPrekey();
    server.misdeeds.join = (reply) => ({ ...reply, prekey: again.prekey });
    server.toReader(1, { t: 'resumed' });
    await expect.poll(() => caught.length).toBe(2);
    const next = caught[1] ?? knocked;
    const { streams } = await answer(psk, roomId, again.prekey, again.secrets, next, [], async () => asDoctor.first);
    const nD = toBase64Url(again.secrets.nD);
    server.toReader(2, {
      t: 'sealed',
      ciphertext: await sealed(streams.outgoing.seal, { kind: 'reveal', nD }),
    });
    await expect.poll(() => patient.now).toMatchObject({ name: 'gone', reason: 'tampered' });
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

  /** Knocks at the doctor's page with the stolen link, and leaves again; gives the row that the doctor sees, or null. */
  async function knockAndLeave(leaves = true) {
    const { psk, roomId } = await stolen();
    await expect.poll(() => server.prekeys.length).toBeGreaterThan(0);
    const next = server.prekeys.shift();
    if (next === undefined) throw new Error('no offer');
    const { enc, ciphertext } = await knock(psk, roomId, next.prekey, { language: 'en' });
    const readerId = toBase64Url(randomBytes(16));
    server.toComposer({ t: 'prekey-taken', prekeyId: next.prekeyId });
    server.toComposer({ t: 'knocked', readerId, prekeyId: next.prekeyId, enc, ciphertext });
    const row = () => doctor.rows.find(({ id }) => id === readerId);
    const isShut = () => doctor.alert === 'shut' || doctor.alert === 'many-codes';
    await expect.poll(() => isShut() || row() !== undefined).toBe(true);
    const seen = row() ?? null;
    if (leaves || seen === null) server.toComposer({ t: 'reader-left', readerId, prekeyId: next.prekeyId });
    return seen;
  }

  it('gets nine codes of the doctor’s page, until the doctor decides there; what the chat says does not count', async () => {
    doctor = await server.doctor(NOTE);
    for (let tries = 0; tries < 8; tries++) expect(await knockAndLeave()).not.toBeNull();
    const waiting = await knockAndLeave(false);
    expect(await knockAndLeave()).toBeNull();
    expect(doctor.alert).toBe('many-codes');
    const late = await patientAt();
    late.session.open();
    await expect.poll(() => late.now?.name).toBe('gone');

    server.toComposer({ t: 'decision-requested', readerId: waiting?.id ?? '', decision: 'refuse' });
    await expect.poll(() => doctor.rows.find(({ id }) => id === waiting?.id)?.state).toBe('refused');
    expect(await knockAndLeave()).toBeNull();

    doctor.session.letMoreAsk();
    expect(doctor.alert).toBeNull();
    await readsAll(await patientAt());
  });

  it('gets one more code for each reader whom the doctor turns away', async () => {
    doctor = await server.doctor(NOTE);
    for (let tries = 0; tries < 8; tries++) await knockAndLeave();
    for (let refused = 0; refused < 3; refused++) {
      const row = await knockAndLeave(false);
      doctor.session.refuse(row?.id ?? '');
      await expect.poll(() => doctor.rows.find(({ id }) => id === row?.id)?.state).toBe('refused');
    }
    expect(await knockAndLeave()).not.toBeNull();
    expect(await knockAndLeave()).toBeNull();
  });

  it('has forty knocks in the life of a room, whatever the doctor decides; then nobody new waits', async () => {
    doctor = await server.doctor(NOTE);
    let rows = 0;
    for (let tries = 0; tries < 45; tries++) {
      if ((await knockAndLeave()) !== null) rows += 1;
      if (doctor.alert === 'many-codes') doctor.session.letMoreAsk();
    }
    expect(doctor.alert).toBe('shut');
    // Each time that the doctor was asked, one knock got no code.
    expect(rows).toBe(40);
    const late = await patientAt();
    late.session.open();
    await expect.poll(() => late.now?.name).toBe('gone');
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
    // It takes what the link and its own prekey give, without the key of the patient's first knock.
    const parts = [fake.prekey.pkD, fake.prekey.nonce, fake.prekey.commit].map(fromBase64Url);
    const info = lengthPrefixed(utf8('glir/1 handshake'), utf8(roomId), ...parts);
    const setup = { info, psk, pskId: utf8('glir/1 note link') };
    const context = await suite.SetupRecipient(fake.secrets.keys, fromBase64Url(caught.enc), setup);
    const opened = await context.Open(fromBase64Url(caught.ciphertext));
    const hello: unknown = JSON.parse(Buffer.from(unpad(copyOf(opened))).toString());
    const sealer = async (label: string) => createSealer(copyOf(await context.Export(utf8(`glir/1 ${label}`), 16)));
    const streams = { note: await sealer('note'), outgoing: await sealer('to reader') };
    const nD = toBase64Url(fake.secrets.nD);
    return { patient, streams, hello, nD, said };
  }

  it('cannot take over a patient who reads: it does not know the pass, so its note is not shown', async () => {
    const { patient, streams, hello, nD } = await lured();
    // What the patient proved is good in this handshake alone: the pass itself did not travel, nor the key of its first knock.
    expect(hello).toMatchObject({
      readmissionToken: expect.stringMatching(/^.{43}$/),
      first: { proof: expect.any(String) },
    });
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

  it.each([
    ['answer that the note is still open', () => ({ kind: 'pong', number: 1, rev: 1 })],
    ['ask for patience', (nD: string) => ({ kind: 'reveal', nD })],
    ['give it more time', null],
  ])('cannot %s in the doctor’s place', async (_what, word) => {
    const { patient, streams, nD, said } = await lured();
    await server.advance(5 * SECOND);
    expect(said.map(({ t }) => t)).toEqual(['knock', 'sealed']);
    const shown = patient.states.length;
    if (word === null)
      deliver('fake', copyOf(await streams.note.seal(encodeNoteMessage({ kind: 'time', addedMs: 60_000 }))));
    else server.toReader(1, { t: 'sealed', ciphertext: await sealed(streams.outgoing.seal, word(nD)) });
    await expect.poll(() => patient.now).toMatchObject({ name: 'gone', reason: 'tampered' });
    expect(patient.states.slice(shown).some(({ name }) => name === 'reading')).toBe(false);
  });
});
