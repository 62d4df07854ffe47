import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import type { Glir } from '../support/server/glir.ts';
import { SOON } from '../support/server/soon.ts';
import type { Bystander } from '../support/signalling/bystander.ts';
import { rawClient } from '../support/signalling/client.ts';
import { anyKnock, isRefused, joinMessage, talkingRoom } from '../support/signalling/raw.ts';
import { useSharedServer } from '../support/signalling/shared-server.ts';
import { composer, reader, ticketFor } from '../support/signalling/wrtc.ts';

const KEY = 'k'.repeat(43);
const ROOM = 'r'.repeat(22);
const POLICY = { expirySeconds: 600, admission: 'ask', maxReaders: 3, showName: true };
const PREKEY = { pkD: 'p'.repeat(87), nonce: 'n'.repeat(22), commit: KEY };
const DTLS = { fingerprints: [{ algorithm: 'sha-256', value: 'AB:CD' }] };

let glir: Glir;
let others: Bystander;
useSharedServer((...started) => {
  [glir, others] = started;
});

describe('a message that cannot be read', () => {
  it.each([
    ['no JSON', 'hello'],
    ['half of a JSON text', '{"t":"compose"'],
    ['nothing', ''],
    ['null', 'null'],
    ['a number', '7'],
    ['a list', '[{"t":"leave"}]'],
    ['an unknown type', '{"t":"destroy-everything"}'],
    ['no type', '{}'],
    ['a message of the server', '{"t":"ended","reason":"revoked","agoMs":0,"phone":null}'],
    ['a type from the prototype', '{"t":"__proto__"}'],
    ['very deep JSON', '['.repeat(30_000)],
    ['a byte order mark', '\uFEFF{"t":"leave"}'],
  ])('is refused when it is %s, and the socket goes on', async (_name, text) => {
    const client = await rawClient(glir.url);
    client.sendRaw(text);
    expect(await client.next(({ t }) => t === 'refused')).toEqual({ t: 'refused', code: 'bad-message' });
    await isRefused(client, { t: 'compose', id: 3, version: 1, ticket: KEY }, 'unknown-ticket');
    client.close();
  });

  it('is refused when it is binary, even with the right bytes in it', async () => {
    const client = await rawClient(glir.url);
    client.sendRaw(Buffer.from(JSON.stringify({ t: 'compose', id: 1, version: 1, ticket: await ticketFor(glir.url) })));
    expect(await client.next(({ t }) => t === 'refused')).toEqual({ t: 'refused', code: 'bad-message' });
    client.close();
  });

  it.each([
    ['a field too many', { t: 'compose', version: 1, ticket: KEY, admin: true }],
    ['a field too few', { t: 'compose', version: 1 }],
    ['a number for a ticket', { t: 'compose', version: 1, ticket: 7 }],
    ['a ticket that is too short', { t: 'compose', version: 1, ticket: 'short' }],
    ['a ticket with other letters', { t: 'compose', version: 1, ticket: `${'k'.repeat(42)}!` }],
    ['a version in words', { t: 'compose', version: 'one', ticket: KEY }],
    ['an owner token over 4 KiB', { t: 'resume', version: 1, ownerToken: 'o'.repeat(4_097) }],
    ['a path for a room', { t: 'join', version: 1, roomId: '../../../etc/passwd/xx', joinKey: KEY }],
    ['an object for a key', { t: 'join', version: 1, roomId: ROOM, joinKey: { $ne: null } }],
    ['an expiry under a minute', { t: 'share', joinHash: KEY, policy: { ...POLICY, expirySeconds: 59 } }],
    ['an expiry over a day', { t: 'share', joinHash: KEY, policy: { ...POLICY, expirySeconds: 86_401 } }],
    ['a fraction of a second', { t: 'share', joinHash: KEY, policy: { ...POLICY, expirySeconds: 60.5 } }],
    ['no readers', { t: 'share', joinHash: KEY, policy: { ...POLICY, maxReaders: 0 } }],
    ['too many readers', { t: 'share', joinHash: KEY, policy: { ...POLICY, maxReaders: 21 } }],
    ['an admission of its own', { t: 'share', joinHash: KEY, policy: { ...POLICY, admission: 'everybody' } }],
    ['a box over its limit', { t: 'knock', enc: 'e'.repeat(87), ciphertext: 'b'.repeat(11_000) }],
    ['a box that is not base64url', { t: 'sealed', ciphertext: '<script>' }],
    ['no seconds for more time', { t: 'extend' }],
    ['seconds in words', { t: 'extend', totalSeconds: '60' }],
    ['less than a minute in all', { t: 'extend', totalSeconds: 59 }],
    ['more than a day in all', { t: 'extend', totalSeconds: 86_401 }],
    ['time taken away', { t: 'extend', totalSeconds: -60 }],
    ['a fraction of a second more', { t: 'extend', totalSeconds: 60.5 }],
    ['time without end', { t: 'extend', totalSeconds: 1e300 }],
    ['more time for another room', { t: 'extend', totalSeconds: 60, roomId: ROOM }],
    ['no reason for the end', { t: 'end' }],
    ['an end that only the server can give', { t: 'end', reason: 'expired' }],
    ['an end that is none', { t: 'end', reason: 'bored' }],
    ['two reasons for the end', { t: 'end', reason: ['revoked'] }],
    ['no box', { t: 'sealed' }],
    ['an empty box', { t: 'sealed', ciphertext: '' }],
    ['a PIN beside the knock', { t: 'knock', enc: 'e'.repeat(87), ciphertext: 'b', pin: '314159' }],
    ['a PIN beside the box', { t: 'sealed', ciphertext: 'b', pin: '314159' }],
    ['a PIN in the policy', { t: 'share', joinHash: KEY, policy: { ...POLICY, admission: 'pin', pin: '314159' } }],
    ['a phone number in the policy', { t: 'share', joinHash: KEY, policy: { ...POLICY, phone: '112' } }],
    ['a phone number in a join', { t: 'join', version: 1, roomId: ROOM, joinKey: KEY, phone: '112' }],
    ['a word of the server about time', { t: 'time-left', leftMs: 1, totalMs: 1 }],
  ])('is refused with its own id when it has %s', async (_name, message) => {
    const client = await rawClient(glir.url);
    await isRefused(client, message.t === 'sealed' ? message : { id: 41, ...message }, 'bad-message');
    client.close();
  });

  it.each([0, -1, 1.5, '1', null, 1e300])('is refused without an id when its id is %j', async (id) => {
    const client = await rawClient(glir.url);
    client.sendRaw(JSON.stringify({ t: 'compose', id, version: 1, ticket: KEY }));
    expect(await client.next(({ t }) => t === 'refused')).toEqual({ t: 'refused', code: 'bad-message' });
    client.close();
  });

  it.each([
    ['compose', { ticket: KEY }],
    ['resume', { ownerToken: 'x' }],
    ['join', { roomId: ROOM, joinKey: KEY }],
  ])('is refused as another version when "%s" says so', async (t, rest) => {
    const client = await rawClient(glir.url);
    await isRefused(client, { t, id: 1, version: 2, ...rest }, 'wrong-version');
    client.close();
  });
});

describe('too much of it', () => {
  it('closes a socket with 1009 when a message is over 64 KiB', async () => {
    const client = await rawClient(glir.url);
    client.sendRaw(JSON.stringify({ t: 'sealed', ciphertext: 'b'.repeat(65 * 1024) }));
    expect(await client.closed).toBe(1009);
  });

  it('reads a message of just 64 KiB, and refuses it', async () => {
    const client = await rawClient(glir.url);
    client.sendRaw('x'.repeat(64 * 1024));
    expect(await client.next(({ t }) => t === 'refused')).toMatchObject({ code: 'bad-message' });
    client.close();
  });

  it('refuses and closes a socket with 1008 when messages come too often, and does nothing of what comes later', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    for (let sent = 0; sent < 400; sent++) doctor.client.sendRaw('{"t":"sealed","ciphertext":"b"}');
    doctor.leave();
    expect(await doctor.client.closed).toBe(1008);
    const codes = doctor.client.received.flatMap((message) => (message.t === 'refused' ? [message.code] : []));
    expect(codes.filter((code) => code === 'too-often')).toHaveLength(1);
    expect(codes.length).toBeLessThan(150);
    expect(glir.app.rooms.find(doctor.roomId)?.state).toBe('draft');
  });

  it('does nothing more for a socket that it closes, even when that one does not hear of it', async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    await doctor.share();
    doctor.client.freeze();
    for (let sent = 0; sent < 400; sent++) doctor.client.sendRaw('{"t":"sealed","ciphertext":"b"}');
    await others.stillWell();
    glir.clock.advance(10_000);
    doctor.leave();
    for (let beat = 0; beat < 3; beat++) {
      await others.stillWell();
      glir.clock.advance(3_000);
    }
    await expect.poll(() => glir.app.rooms.find(doctor.roomId)?.state, SOON).not.toBe('open');
    await others.stillWell();
    glir.clock.advance(15 * 60_000);
    expect((await glir.app.rooms.findTombstone(doctor.roomId))?.reason).toBe('lost');
  });

  it('lets somebody talk again who keeps below the limit', async () => {
    const client = await rawClient(glir.url);
    for (let second = 0; second < 3; second++) {
      for (let sent = 0; sent < 90; sent++) client.sendRaw('{}');
      const id = second + 1;
      client.sendRaw(JSON.stringify({ t: 'end', id, reason: 'revoked' }));
      const answer = await client.next((message) => message.t === 'refused' && message.id === id);
      expect(answer).toMatchObject({ code: 'not-allowed' });
      glir.clock.advance(10_000);
    }
    client.close();
  });
});

describe('a connection that is none of our pages', () => {
  it.each([
    'https://evil.example',
    'null',
    'http://localhost:1',
    'https://localhost',
    'http://localhost.evil.example',
    'file://',
  ])('gets 403 from the origin "%s"', async (origin) => {
    await expect(rawClient(glir.url, origin)).rejects.toThrow('403');
  });

  it('gets 403 without an origin', async () => {
    const socket = new WebSocket(`${glir.url.replace('http', 'ws')}/signal`);
    const [error] = await once(socket, 'error');
    expect(String(error)).toContain('403');
  });

  it.each(['/signal/', '/signals', '/SIGNAL'])('gets 404 at "%s"', async (path) => {
    expect(await socketAt(path)).toContain('404');
  });

  // RFC 9110, section 7.8: a server may ignore the wish for another protocol.
  it.each(['/', '/n/x', '/compose'])('gets the page that stands at "%s", and no socket', async (path) => {
    expect(await socketAt(path)).toContain('200');
  });

  it.each(['//', '///', '//[', 'http://[', '/\\', '*', '/signal%00', '//signal', 'http:///'])(
    'does no harm and gets no socket when it asks for "%s"',
    async (target) => {
      expect(await upgradeAt(target)).toMatch(/^HTTP\/1\.1 (200|4\d\d) /);
    },
  );

  it('gets 400 when it is no WebSocket handshake', async () => {
    expect(await upgradeAt('/signal', `Origin: ${glir.url}\r\nSec-WebSocket-Key: short`)).toMatch(/^HTTP\/1\.1 400 /);
  });
});

/** Asks for a WebSocket; gives how that failed. */
async function socketAt(path: string): Promise<string> {
  const socket = new WebSocket(`${glir.url.replace('http', 'ws')}${path}`, { origin: glir.url });
  const [error] = await once(socket, 'error');
  return String(error);
}

describe('somebody who talks out of turn', () => {
  const composersOwn = [
    { t: 'share', id: 1, joinHash: KEY, policy: POLICY },
    { t: 'prekey', id: 2, sctp: { streamId: 0 }, prekey: PREKEY },
    { t: 'admit', id: 3, readerId: ROOM },
    { t: 'refuse', id: 4, readerId: ROOM },
    { t: 'end', id: 5, reason: 'revoked' },
    { t: 'extend', id: 5, totalSeconds: 60 },
    { t: 'report-readers', id: 6, waiting: [], readBy: 0 },
  ];

  it('is refused everything but joining and composing as long as nobody knows who it is', async () => {
    const client = await rawClient(glir.url);
    const both = [
      anyKnock,
      { t: 'connect', id: 7, dtls: DTLS },
      { t: 'restart-ice', id: 8 },
      { t: 'sealed', ciphertext: 'b' },
    ];
    for (const message of [...composersOwn, ...both]) await isRefused(client, message, 'not-allowed');
    client.sendRaw('{"t":"leave"}');
    await isRefused(client, { t: 'compose', id: 9, version: 1, ticket: KEY }, 'unknown-ticket');
    client.close();
  });

  it("is refused the composer's rights as a reader", async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const patient = await reader(await doctor.share());
    await patient.tap();
    const { readerId } = await doctor.knock();
    for (const message of composersOwn) await isRefused(patient.client, message, 'not-allowed');
    await isRefused(patient.client, { t: 'admit', id: 6, readerId }, 'not-allowed');
    const { ownerToken } = doctor;
    await isRefused(patient.client, { t: 'resume', id: 7, version: 1, ownerToken }, 'not-allowed');
    expect(glir.app.rooms.find(doctor.roomId)).toMatchObject({ state: 'open', reading: 0 });
  });

  it("is refused a reader's part as the composer", async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const link = await doctor.share();
    await isRefused(doctor.client, anyKnock, 'not-allowed');
    await isRefused(doctor.client, await joinMessage(link), 'not-allowed');
    await isRefused(doctor.client, { t: 'sealed', ciphertext: 'b' }, 'bad-message');
    await isRefused(doctor.client, { t: 'share', id: 2, joinHash: KEY, policy: POLICY }, 'not-allowed');
  });

  it('is refused a second room on the same socket', async () => {
    const [one, two] = [await talkingRoom(glir.url), await talkingRoom(glir.url)];
    const { client } = await one.visitor();
    const join = { t: 'join', id: 1, version: 1, roomId: two.roomId, joinKey: two.joinKey };
    await isRefused(client, join, 'not-allowed');
    const ticket = await ticketFor(glir.url);
    await isRefused(client, { t: 'compose', id: 2, version: 1, ticket }, 'not-allowed');
    for (const { doctor } of [one, two]) doctor.close();
    client.close();
  });

  it("cannot admit, refuse or talk to another room's reader", async () => {
    const doctor = await composer(glir.url, { command: '/glir' });
    const patient = await reader(await doctor.share({ admission: 'ask' }));
    await patient.tap();
    const knock = await doctor.knock();
    const other = await talkingRoom(glir.url);
    const { readerId } = knock;
    await isRefused(other.doctor, { t: 'admit', id: 1, readerId }, 'unknown-reader');
    await isRefused(other.doctor, { t: 'refuse', id: 2, readerId }, 'unknown-reader');
    await isRefused(other.doctor, { t: 'sealed', readerId, ciphertext: 'b' }, 'unknown-reader');
    other.doctor.close();
    await doctor.admit(knock);
    await doctor.send(knock, 'for the right one');
    expect(await patient.note()).toMatchObject({ note: { text: 'for the right one' } });
    expect(patient.client.received.filter(({ t }) => t !== 'reply')).toEqual([]);
  });
});

/** Sends a handshake by hand; gives the first line of the answer. */
async function upgradeAt(target: string, headers = `Origin: ${glir.url}\r\nSec-WebSocket-Key: ${'A'.repeat(22)}==`) {
  const socket = connect(Number(new URL(glir.url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n${headers}\r\n\r\n`,
  );
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return String(answer).split('\r\n')[0];
}
