import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { SOON } from '../support/server/soon.ts';
import { rawClient } from '../support/signalling/client.ts';
import { joinEarly } from '../support/signalling/early-join.ts';
import { anyKnock, isRefused, joinMessage, talkingRoom } from '../support/signalling/raw.ts';
import { closeAllPages, composer, reader } from '../support/signalling/wrtc.ts';

const ATTACH_MS = 10_000;
const KEY = 'k'.repeat(43);

let glir: Glir;
beforeAll(async () => {
  glir = await startGlir();
});
afterEach(async () => {
  closeAllPages();
  await glir.app.rooms.endAll('revoked');
  await expect.poll(() => glir.app.workers()?.dump(), SOON).toEqual({ routers: 0, transports: 0 });
});
afterAll(() => glir.stop());

async function sharedNote(url = glir.url) {
  const doctor = await composer(url, { command: '/glir' });
  return { doctor, link: await doctor.share({ admission: 'link' }) };
}

function transports(): Promise<number | undefined> {
  return Promise.resolve(glir.app.workers()?.dump()).then((dump) => dump?.transports);
}

function attach(id: number, token: string | undefined, roomId = 'r'.repeat(22)) {
  return { t: 'attach', id, roomId, token };
}

/** TCP connections of the server, those of sockets included. */
function connections(): Promise<number> {
  return promisify(glir.app.server.getConnections.bind(glir.app.server))();
}

describe('a patient’s page that joins before its socket is there', () => {
  it('gets what the socket would have said, and its socket goes on with what comes next', async () => {
    const { doctor, link } = await sharedNote();
    const { status, messages, token } = await joinEarly(glir.url, await joinMessage(link));
    expect(status).toBe(200);
    expect(messages).toEqual([{ t: 'reply', id: 1, data: expect.objectContaining({ admission: 'link' }) }]);
    const socket = await rawClient(glir.url);
    expect(await socket.ask(attach(5, token))).toEqual({ t: 'reply', id: 5, data: {} });
    expect(await socket.ask(anyKnock)).toMatchObject({ t: 'reply', id: anyKnock.id });
    await doctor.client.next(({ t }) => t === 'knocked');
    socket.close();
    await expect.poll(() => glir.app.rooms.find(doctor.roomId)?.reading, SOON).toBe(0);
  });

  it('hears what was said meanwhile, in the order in which it was said', async () => {
    const { doctor, link } = await sharedNote();
    const { token } = await joinEarly(glir.url, await joinMessage(link));
    await doctor.client.ask({ t: 'extend', id: 800, totalSeconds: 3_600 });
    await doctor.client.ask({ t: 'end', id: 801, reason: 'revoked' });
    const socket = await rawClient(glir.url);
    socket.sendRaw(JSON.stringify(attach(5, token)));
    expect(await socket.closed).toBe(1000);
    expect(socket.received.map(({ t }) => t)).toEqual(['time-left', 'ended']);
  });

  it('has its place for 10 s, and then no more', async () => {
    const { doctor, link } = await sharedNote();
    const before = await transports();
    const { token } = await joinEarly(glir.url, await joinMessage(link));
    expect(await transports()).toBe((before ?? 0) + 1);
    glir.clock.advance(ATTACH_MS);
    await doctor.client.next(({ t }) => t === 'reader-left');
    await expect.poll(transports, SOON).toBe(before);
    await isRefused(await rawClient(glir.url), attach(5, token), 'unknown-reader');
  });

  it('keeps it once its socket is there, from whatever address', async () => {
    const { doctor, link } = await sharedNote();
    const { token } = await joinEarly(glir.url, await joinMessage(link), { from: '127.0.0.7' });
    const socket = await rawClient(glir.url);
    await socket.ask(attach(5, token));
    glir.clock.advance(ATTACH_MS);
    await socket.ask(anyKnock);
    await doctor.client.next(({ t }) => t === 'knocked');
  });

  it('waits for a doctor who is cut off, and hears of the return', async () => {
    const { doctor, link } = await sharedNote();
    doctor.client.cut();
    await expect.poll(() => glir.app.rooms.find(doctor.roomId)?.state, SOON).toBe('interrupted');
    const { messages, token } = await joinEarly(glir.url, await joinMessage(link));
    expect(messages.at(-1)).toEqual({ t: 'refused', id: 1, code: 'not-open' });
    const socket = await rawClient(glir.url);
    await socket.ask(attach(5, token));
    await doctor.resume();
    await socket.next(({ t }) => t === 'resumed');
  });

  it('is told how a note ended that is over', async () => {
    const { doctor, link } = await sharedNote();
    await doctor.client.ask({ t: 'end', id: 801, reason: 'revoked' });
    const { messages, token } = await joinEarly(glir.url, await joinMessage(link));
    expect(messages).toMatchObject([
      { t: 'ended', reason: 'revoked' },
      { t: 'refused', code: 'ended-room' },
    ]);
    expect(token).toBeUndefined();
  });

  it('leaves nothing behind when it is gone before the answer', async () => {
    const room = await talkingRoom(glir.url, { prekeys: 0 });
    const before = await transports();
    const open = await connections();
    const gone = new AbortController();
    const { roomId, joinKey } = room;
    const join = { t: 'join', id: 1, version: PROTOCOL_VERSION, roomId, joinKey };
    const asked = joinEarly(glir.url, join, { signal: gone.signal });
    // The server waits for the doctor's next prekey.
    await expect.poll(transports, SOON).toBe((before ?? 0) + 1);
    gone.abort();
    await expect(asked).rejects.toThrow();
    await expect.poll(connections, SOON).toBeLessThanOrEqual(open);
    await room.prekey();
    await room.doctor.next(({ t }) => t === 'reader-left');
    await expect.poll(transports, SOON).toBe(before);
    room.doctor.close();
  });
});

describe('who attacks the join', () => {
  it.each([
    ['another site’s page', 'https://evil.example'],
    ['a page without an origin', 'null'],
    ['no page at all', null],
  ])('is refused as %s, before anything is looked at', async (_who, origin) => {
    const { link } = await sharedNote();
    const before = await transports();
    const answer = await joinEarly(glir.url, await joinMessage(link), { origin });
    expect(answer).toEqual({ status: 403, messages: [{ t: 'refused', code: 'not-allowed' }], token: undefined });
    expect(await transports()).toBe(before);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['another message', JSON.stringify({ t: 'knock', id: 1 })],
    ['a message of doctors', JSON.stringify({ t: 'compose', id: 1, version: 1, ticket: KEY })],
    ['an unknown field', JSON.stringify({ t: 'join', id: 1, version: 1, roomId: 'r'.repeat(22), joinKey: KEY, x: 1 })],
  ])('is refused with %s', async (_what, body) => {
    const answer = await joinEarly(glir.url, body);
    expect(answer).toEqual({ status: 400, messages: [{ t: 'refused', code: 'bad-message' }], token: undefined });
  });

  it('is refused with a body that no page sends', async () => {
    const { status, messages } = await joinEarly(glir.url, `"${'x'.repeat(5_000)}"`);
    expect({ status, messages }).toEqual({ status: 413, messages: [{ t: 'refused', code: 'too-large' }] });
  });

  it('gets nothing made for a wrong key or a room that is none', async () => {
    const { link } = await sharedNote();
    const before = await transports();
    for (const [over, code] of [
      [{ joinKey: KEY }, 'wrong-key'],
      [{ roomId: 'r'.repeat(22) }, 'unknown-room'],
      [{ version: 99 }, 'wrong-version'],
    ] as const) {
      const { messages, token } = await joinEarly(glir.url, await joinMessage(link, over));
      expect(messages).toEqual([{ t: 'refused', id: 1, code }]);
      expect(token).toBeUndefined();
    }
    expect(await transports()).toBe(before);
  });

  it('cannot choose the token by which a reader is kept, which nodes alone say to each other', async () => {
    const { link } = await sharedNote();
    const before = await transports();
    const chosen = 'c'.repeat(22);
    const join = await joinMessage(link, { hold: chosen });
    expect((await joinEarly(glir.url, join)).messages).toMatchObject([{ t: 'refused', code: 'not-allowed' }]);
    await isRefused(await rawClient(glir.url), join, 'not-allowed');
    await isRefused(await rawClient(glir.url), attach(5, chosen), 'unknown-reader');
    expect(await transports()).toBe(before);
  });

  it('cannot use a token twice, nor one of another connection, nor guess one', async () => {
    const { link } = await sharedNote();
    const { token } = await joinEarly(glir.url, await joinMessage(link));
    const [first, second] = [await rawClient(glir.url), await rawClient(glir.url)];
    await first.ask(attach(5, token));
    await isRefused(second, attach(5, token), 'unknown-reader');
    await isRefused(first, attach(6, token), 'not-allowed');
    await isRefused(second, attach(7, 't'.repeat(22)), 'unknown-reader');
    const { token: another } = await joinEarly(glir.url, await joinMessage(link));
    await isRefused(first, attach(8, another), 'not-allowed');
  });
});

describe('limits of joins before the socket', () => {
  it('count wrong keys as those over a socket', async () => {
    const strict = await startGlir({ GLIR_LIMIT_WRONG_TRIES: '3' });
    try {
      const { link } = await sharedNote(strict.url);
      const wrong = await joinMessage(link, { joinKey: KEY });
      const codes: string[] = [];
      for (let time = 0; time < 5; time++) {
        const { messages } = await joinEarly(strict.url, wrong, { from: '127.0.0.9' });
        for (const message of messages) if (message.t === 'refused') codes.push(message.code);
      }
      expect(codes).toEqual(['wrong-key', 'wrong-key', 'wrong-key', 'too-often', 'too-often']);
      expect((await reader(link)).joined.admission).toBe('link');
    } finally {
      await strict.stop();
    }
  });

  it('answer a flood from one address with 429, and everybody else as ever', async () => {
    const strict = await startGlir({ GLIR_LIMIT_REQUESTS: '20' });
    try {
      const { link } = await sharedNote(strict.url);
      const wrong = await joinMessage(link, { joinKey: KEY });
      const flood = await Promise.all(
        Array.from({ length: 60 }, () => joinEarly(strict.url, wrong, { from: '127.0.0.9' }).catch(() => null)),
      );
      expect(flood.filter((answer) => answer?.status === 429).length).toBeGreaterThan(0);
      expect(flood.filter((answer) => answer?.status === 200).length).toBeLessThanOrEqual(20);
      const { token } = await joinEarly(strict.url, await joinMessage(link), { from: '127.0.0.10' });
      expect(token).toBeDefined();
    } finally {
      await strict.stop();
    }
  });

  it('leave a network no more readers than its sockets could be, until their sockets come', async () => {
    const strict = await startGlir({ GLIR_LIMIT_SOCKETS: '8' });
    try {
      const { link } = await sharedNote(strict.url);
      const join = await joinMessage(link);
      const tokens: unknown[] = [];
      for (let time = 0; time < 12; time++) {
        const { token } = await joinEarly(strict.url, join, { from: '127.0.0.9' });
        if (token !== undefined) tokens.push(token);
      }
      expect(tokens.length).toBeLessThanOrEqual(8);
      expect((await joinEarly(strict.url, join, { from: '127.0.0.10' })).token).toBeDefined();
      strict.clock.advance(ATTACH_MS);
      await expect
        .poll(async () => (await joinEarly(strict.url, join, { from: '127.0.0.9' })).token, SOON)
        .toBeDefined();
    } finally {
      await strict.stop();
    }
  });
});
