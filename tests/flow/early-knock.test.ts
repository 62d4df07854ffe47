import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Bytes } from '../../src/protocol/bytes.ts';
import { PROTOCOL_VERSION } from '../../src/protocol/constants.ts';
import { knock } from '../../src/protocol/crypto/handshake.ts';
import { deriveLinkKeys } from '../../src/protocol/crypto/link-keys.ts';
import { parseNoteLink } from '../../src/protocol/link.ts';
import { decodeNoteMessage } from '../../src/protocol/note-message.ts';
import { browserClock } from '../../web-shared/clock.ts';
import { openPrepared, prepareConnection, type ReaderTransport } from '../../web-shared/net/data-connection.ts';
import { actAsBrowser } from '../bench/wrtc.ts';
import { type Glir, startGlir } from '../support/server/glir.ts';
import { SOON } from '../support/server/soon.ts';
import { request } from '../support/signalling/channels.ts';
import { type RawClient, rawClient } from '../support/signalling/client.ts';
import { isRefused, joinMessage } from '../support/signalling/raw.ts';
import { type Composer, closeAllPages, composer } from '../support/signalling/wrtc.ts';

const CONNECT_MS = 8_000;

let glir: Glir;
const open = new Set<{ close(): void }>();
beforeAll(async () => {
  glir = await startGlir();
  actAsBrowser(glir.url);
});
afterEach(async () => {
  for (const one of open) one.close();
  open.clear();
  closeAllPages();
  await glir.app.rooms.endAll('revoked');
  await expect.poll(() => glir.app.workers()?.dump(), SOON).toEqual({ routers: 0, transports: 0 });
});
afterAll(() => glir.stop());

/** A patient's page whose fingerprint travels with the join, and which connects when it is told to. */
async function earlyReader(link: string) {
  const { pathname, hash } = new URL(link);
  const parts = parseNoteLink(pathname, hash);
  const prepared = await prepareConnection();
  if (parts === null || prepared === null) throw new Error('no link, or no connection');
  open.add(prepared);
  const keys = await deriveLinkKeys(parts.secret, parts.roomId);
  const client = await rawClient(glir.url);
  const asked: string[] = [];
  const { t: _t, id: _id, ...join } = await joinMessage(link);
  const joined = await request(client, 'join', {
    ...(join as { roomId: string; joinKey: string }),
    version: PROTOCOL_VERSION,
    dtls: prepared.dtls,
  });
  const { enc, ciphertext, streams } = await knock(keys.psk, parts.roomId, joined.prekey, { language: 'en' });
  const frames: Bytes[] = [];
  return {
    client,
    /** What it asked of the server after the join. */
    asked,
    frames,
    knock: () => request(client, 'knock', { enc, ciphertext }),
    async connect(): Promise<ReaderTransport> {
      const signalling = {
        clock: browserClock,
        expectMessage: () => undefined,
        request: (t: 'restart-ice') => {
          asked.push(t);
          return request(client, t, {});
        },
      };
      const on = {
        signal: AbortSignal.timeout(60_000),
        frame: (frame: Bytes) => void frames.push(frame),
        closed: () => undefined,
      };
      const transport = await openPrepared(prepared, joined, signalling, on);
      open.add(transport);
      return transport;
    },
    async note() {
      await expect.poll(() => frames.length, SOON).toBeGreaterThan(0);
      const [frame] = frames;
      if (frame === undefined) throw new Error('nothing came');
      const message = decodeNoteMessage(await streams.note.open(frame));
      if (message.kind !== 'note') throw new Error('no note came first');
      return message.note.text;
    },
  };
}

async function sharedNote(): Promise<{ doctor: Composer; link: string }> {
  const doctor = await composer(glir.url, { command: '/glir' });
  return { doctor, link: await doctor.share({ admission: 'link' }) };
}

/** The composer's stream is worked on in order: when the server answers this, it has taken in what was sent before. */
async function settled(client: RawClient): Promise<void> {
  await client.ask({ t: 'report-readers', id: 90_000, waiting: [], readBy: 0 });
  await new Promise((resolve) => setTimeout(resolve, 200));
}

describe('a join with the fingerprint of the page’s certificate', () => {
  it('is answered by a server that is ready: the page connects without asking for anything more', async () => {
    const { link } = await sharedNote();
    const patient = await earlyReader(link);
    const transport = await patient.connect();
    await transport.opened;
    expect(patient.asked).toEqual([]);
    await isRefused(
      patient.client,
      { t: 'connect', id: 70, dtls: { fingerprints: [{ algorithm: 'sha-256', value: 'AA' }] } },
      'not-allowed',
    );
  });

  it('is refused when that cannot be right, and leaves nothing behind', async () => {
    const { doctor, link } = await sharedNote();
    const before = await glir.app.workers()?.dump();
    const unreadable = { fingerprints: [{ algorithm: 'md5', value: 'AA' }] };
    await isRefused(await rawClient(glir.url), await joinMessage(link, { dtls: unreadable }), 'bad-message');
    expect(await glir.app.workers()?.dump()).toEqual(before);
    expect(glir.app.rooms.find(doctor.roomId)?.reading).toBe(0);
  });

  it('opens no connection for a wrong key, whatever the fingerprint', async () => {
    const { link } = await sharedNote();
    const before = await glir.app.workers()?.dump();
    const prepared = await prepareConnection();
    const { dtls } = prepared ?? {};
    prepared?.close();
    const wrong = await joinMessage(link, { joinKey: 'k'.repeat(43), dtls });
    await isRefused(await rawClient(glir.url), wrong, 'wrong-key');
    expect(await glir.app.workers()?.dump()).toEqual(before);
  });
});

describe('a knock before the data channel is open', () => {
  it.each([
    ['800 bytes', 800],
    ['60 kB', 60_000],
  ])('loses nothing of a note of %s: the worker keeps it until the channel opens', async (_name, bytes) => {
    const { doctor, link } = await sharedNote();
    const patient = await earlyReader(link);
    await patient.knock();
    const text = 'n'.repeat(bytes);
    await doctor.send(await doctor.knock(), text);
    await settled(doctor.client);
    expect(patient.frames).toEqual([]);
    await patient.connect();
    expect(await patient.note()).toBe(text);
    expect(patient.frames).toHaveLength(1);
  });

  it('loses its place when no connection follows within 8 s', async () => {
    const { doctor, link } = await sharedNote();
    const patient = await earlyReader(link);
    await patient.knock();
    await doctor.knock();
    glir.clock.advance(CONNECT_MS - 2_000);
    expect(glir.app.rooms.find(doctor.roomId)?.reading).toBe(1);
    glir.clock.advance(2_000);
    await patient.client.next(({ t }) => t === 'untapped');
    expect(glir.app.rooms.find(doctor.roomId)?.reading).toBe(0);
  });

  it('keeps it when one does', async () => {
    const { doctor, link } = await sharedNote();
    const patient = await earlyReader(link);
    await patient.knock();
    await doctor.send(await doctor.knock(), 'short');
    await patient.connect();
    expect(await patient.note()).toBe('short');
    glir.clock.advance(2 * CONNECT_MS);
    await settled(doctor.client);
    expect(glir.app.rooms.find(doctor.roomId)?.reading).toBe(1);
  });
});
