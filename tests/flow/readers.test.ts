import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/protocol/bytes.ts';
import type { ServerMessage } from '../../src/protocol/messages.ts';
import type { Glir } from '../support/server/glir.ts';
import { type RawClient, rawClient } from '../support/signalling/client.ts';
import { anyKnock, isRefused, talkingRoom } from '../support/signalling/raw.ts';
import { useSharedServer } from '../support/signalling/shared-server.ts';
import { watchTimers } from '../support/signalling/timers.ts';
import { composer, type Reader, reader } from '../support/signalling/wrtc.ts';

const PREKEY = { pkD: 'p'.repeat(87), nonce: 'n'.repeat(22), commit: 'c'.repeat(43) };
const DTLS = { fingerprints: [{ algorithm: 'sha-256', value: 'AB:CD' }] };
/** Three who read, and eight more who may be connected. */
const CONNECTED_MAX = 11;

let glir: Glir;
useSharedServer((started) => {
  glir = started;
});

const has = (client: RawClient, t: ServerMessage['t']) => client.received.some((message) => message.t === t);
const count = (client: RawClient, t: ServerMessage['t']) => client.received.filter((message) => message.t === t).length;

describe('before the doctor admits a reader', () => {
  it('nothing that the composer sends reaches it, and afterwards everything does', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const link = await doctor.share({ admission: 'ask' });
    const [admitted, waiting] = [await reader(link), await reader(link)];
    await admitted.tap();
    const first = await doctor.knock();
    await doctor.admit(first);
    await waiting.tap();
    const second = await doctor.knock();

    second.channel.send(utf8('too early'));
    // Both streams share one connection: when this one's frame is there, the SFU has dealt with the one before.
    first.channel.send(utf8('in between'));
    expect(await admitted.channel.frame(0)).toEqual(utf8('in between'));
    await doctor.admit(second);
    second.channel.send(utf8('in time'));
    expect(await waiting.channel.frame(0)).toEqual(utf8('in time'));
    expect(waiting.channel.frames).toHaveLength(1);
    expect(admitted.channel.frames).toHaveLength(1);
  });

  it('a tap is asked for: an admission without one is refused', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const patient = await reader(await doctor.share());
    const { readerId } = patient.joined;
    await isRefused(doctor.client, { t: 'admit', id: 1, readerId }, 'not-allowed');
    await isRefused(doctor.client, { t: 'admit', id: 2, readerId: 'r'.repeat(22) }, 'unknown-reader');
  });

  it('a second tap is refused, and the first counts', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const patient = await reader(await doctor.share());
    await patient.tap();
    await expect(patient.tap()).rejects.toMatchObject({ code: 'not-allowed' });
    await doctor.knock();
    expect(count(doctor.client, 'knocked')).toBe(1);
  });

  it('a tap that is not sealed for this room proves nothing to the composer', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const patient = await reader(await doctor.share({ admission: 'ask' }));
    expect(await patient.client.ask(anyKnock)).toMatchObject({ t: 'reply' });
    await expect(doctor.knock()).rejects.toThrow('could not prove');
    expect(glir.app.rooms.find(doctor.roomId)?.reading).toBe(0);
  });
});

describe('the number of readers', () => {
  it.each(['ask', 'link'] as const)('is kept to what the doctor chose with admission "%s"', async (admission) => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const link = await doctor.share({ admission, maxReaders: 3 });
    const patients: Reader[] = [];
    for (let number = 0; number < 3; number++) {
      const patient = await reader(link);
      await patient.tap();
      await doctor.admit(await doctor.knock());
      patients.push(patient);
    }
    const fourth = await reader(link);
    await expect(fourth.tap()).rejects.toMatchObject({ code: 'room-full' });
    expect(count(doctor.client, 'knocked')).toBe(3);
    patients[0]?.leave();
    await doctor.client.next(({ t }) => t === 'reader-left');
    await fourth.tap();
    const knock = await doctor.knock();
    await doctor.admit(knock);
    await doctor.send(knock, 'for the fourth');
    expect(await fourth.note()).toMatchObject({ note: { text: 'for the fourth' } });
  });

  it('is kept when more wait than may read', async () => {
    const room = await talkingRoom(glir.url, { prekeys: 4, admission: 'ask' });
    const readers: string[] = [];
    for (let number = 0; number < 4; number++) {
      const { client, readerId } = await room.visitor();
      await client.ask(anyKnock);
      readers.push(readerId);
    }
    const answers = await Promise.all(
      readers.map((readerId, id) => room.doctor.ask({ t: 'admit', id: 50 + id, readerId })),
    );
    expect(answers.map((answer) => (answer.t === 'refused' ? answer.code : answer.t))).toEqual([
      'reply',
      'reply',
      'reply',
      'room-full',
    ]);
    room.doctor.close();
  });
});

describe('a connection that nobody taps', () => {
  it('is closed after a minute, and its offer serves nobody else', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const link = await doctor.share();
    const patient = await reader(link);
    const first = patient.joined;
    await patient.channel.opened;
    glir.clock.advance(59_000);
    await isRefused(patient.client, {}, 'bad-message');
    expect(has(patient.client, 'untapped')).toBe(false);
    glir.clock.advance(1_000);
    await patient.client.next(({ t }) => t === 'untapped');
    await patient.channel.closed;
    const prekeyId = first.channel.dataProducerId;
    expect(await doctor.client.next(({ t }) => t === 'reader-left')).toEqual({
      t: 'reader-left',
      readerId: first.readerId,
      prekeyId,
    });
    await isRefused(patient.client, anyKnock, 'not-allowed');

    await patient.join();
    expect(patient.joined.prekey).not.toEqual(first.prekey);
    expect(patient.joined.channel.dataProducerId).not.toBe(prekeyId);
    expect(patient.joined.readerId).not.toBe(first.readerId);
    await patient.tap();
    await doctor.knock();
  });

  it('stays when it was tapped in time', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const patient = await reader(await doctor.share({ admission: 'link' }));
    await patient.tap();
    const knock = await doctor.knock();
    glir.clock.advance(120_000);
    await doctor.send(knock, 'here');
    expect(await patient.note()).toMatchObject({ note: { text: 'here' } });
  });

  it('makes place for the next when eleven are connected: the one that waited longest goes', async () => {
    const room = await talkingRoom(glir.url, { prekeys: CONNECTED_MAX + 2 });
    const visitors: Awaited<ReturnType<typeof room.visitor>>[] = [];
    for (let number = 0; number < CONNECTED_MAX; number++) visitors.push(await room.visitor());
    const [first, second] = visitors;
    expect(visitors.some(({ client }) => has(client, 'untapped'))).toBe(false);
    await room.visitor();
    await first?.client.next(({ t }) => t === 'untapped');
    expect(visitors.filter(({ client }) => has(client, 'untapped'))).toEqual([first]);
    await room.visitor();
    await second?.client.next(({ t }) => t === 'untapped');
    expect(count(room.doctor, 'reader-left')).toBe(2);
    room.doctor.close();
  });

  it('is one of eleven at most, also when many come at the same moment', async () => {
    const room = await talkingRoom(glir.url, { prekeys: 20 });
    const comings = await Promise.allSettled(Array.from({ length: 20 }, () => room.visitor()));
    const refusals = comings.flatMap((coming) => (coming.status === 'rejected' ? [String(coming.reason)] : []));
    const here = 20 - refusals.length - count(room.doctor, 'reader-left');
    expect(here).toBeLessThanOrEqual(CONNECTED_MAX);
    expect(here).toBeGreaterThan(0);
    expect(new Set(refusals)).toEqual(new Set(refusals.length === 0 ? [] : ['Refused: room-full']));
    room.doctor.close();
  });
});

describe('an offer', () => {
  const offerOf = (streamId: number, sctp: object = {}) => ({
    t: 'prekey',
    id: 100 + streamId,
    sctp: { streamId, ...sctp },
    prekey: PREKEY,
  });

  it('is refused on a stream that has one already, and the first stays good', async () => {
    const room = await talkingRoom(glir.url, { prekeys: 0 });
    expect(await room.doctor.ask(offerOf(7))).toMatchObject({ t: 'reply' });
    await isRefused(room.doctor, offerOf(7), 'bad-message');
    await room.visitor();
    room.doctor.close();
  });

  it.each([
    ['contradicts itself', { ordered: true, maxRetransmits: 3 }],
    ['has two limits', { ordered: false, maxRetransmits: 3, maxPacketLifeTime: 5 }],
    ['has no such stream', { streamId: 65_536 }],
    ['has a stream below zero', { streamId: -1 }],
  ])('is refused when it %s', async (_name, sctp) => {
    const room = await talkingRoom(glir.url, { prekeys: 0 });
    await isRefused(room.doctor, offerOf(9, sctp), 'bad-message');
    expect(await room.doctor.ask(offerOf(9))).toMatchObject({ t: 'reply' });
    room.doctor.close();
  });

  it('is refused when 32 are waiting already', async () => {
    const room = await talkingRoom(glir.url, { prekeys: 0 });
    for (let made = 0; made < 32; made++) expect(await room.doctor.ask(offerOf(made))).toMatchObject({ t: 'reply' });
    await isRefused(room.doctor, offerOf(32), 'not-allowed');
    await room.visitor();
    expect(await room.doctor.ask(offerOf(32))).toMatchObject({ t: 'reply' });
    room.doctor.close();
  });

  it('is waited for by whoever comes before it, five seconds at most', async () => {
    const timers = watchTimers(glir.clock);
    const room = await talkingRoom(glir.url, { prekeys: 0 });
    const waits = timers.started(5_000);
    const early = room.visitor();
    await waits;
    await room.prekey();
    expect((await early).readerId).toMatch(/^.{22}$/);

    const waitsAgain = timers.started(5_000);
    const late = expect(room.visitor()).rejects.toMatchObject({ code: 'no-prekey' });
    await waitsAgain;
    glir.clock.advance(5_000);
    await late;
    room.doctor.close();
  });
});

describe('a connection with parameters that cannot be right', () => {
  it.each([
    ['no fingerprint', { fingerprints: [] }],
    ['an unknown algorithm', { fingerprints: [{ algorithm: 'md5', value: 'AB' }] }],
    ['a role of its own', { ...DTLS, role: 'boss' }],
    ['nine fingerprints', { fingerprints: Array(9).fill(DTLS.fingerprints[0]) }],
    ['a fingerprint without end', { fingerprints: [{ algorithm: 'sha-256', value: 'A'.repeat(257) }] }],
    ['no parameters', null],
  ])('is refused with %s', async (_name, dtls) => {
    const room = await talkingRoom(glir.url);
    const { client } = await room.visitor();
    await isRefused(client, { t: 'connect', id: 1, dtls }, 'bad-message');
    room.doctor.close();
  });

  it('gets nowhere with the fingerprint of somebody else, and is not asked twice', async () => {
    const room = await talkingRoom(glir.url);
    const { client } = await room.visitor();
    expect(await client.ask({ t: 'connect', id: 1, dtls: DTLS })).toMatchObject({ t: 'reply' });
    await isRefused(client, { t: 'connect', id: 2, dtls: DTLS }, 'not-allowed');
    expect(await client.ask({ t: 'restart-ice', id: 3 })).toMatchObject({ t: 'reply' });
    room.doctor.close();
  });

  it('leaves no error in the log, for nothing went wrong here', async () => {
    const room = await talkingRoom(glir.url);
    await isRefused(room.doctor, { t: 'prekey', id: 1, sctp: { streamId: 0 }, prekey: PREKEY }, 'bad-message');
    room.doctor.close();
    const client = await rawClient(glir.url);
    await isRefused(client, {}, 'bad-message');
    client.close();
    expect(glir.log.filter((line) => /"event":"[a-z-]*(?:error|fault)"/.test(line))).toEqual([]);
  });
});
