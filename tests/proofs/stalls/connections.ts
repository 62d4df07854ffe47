/** Readers who join, knock before they are connected, and wait for the note, several at a time. */

import { toBase64Url } from '../../../src/protocol/bytes.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/constants.ts';
import { knock } from '../../../src/protocol/crypto/handshake.ts';
import { deriveLinkKeys } from '../../../src/protocol/crypto/link-keys.ts';
import { parseNoteLink } from '../../../src/protocol/link.ts';
import type { Reply } from '../../../src/protocol/messages.ts';
import type { Server } from '../../bench/server.ts';
import { composerOf } from '../../bench/sessions.ts';
import { UdpRelay } from '../../support/network/udp-relay.ts';
import { request } from '../../support/signalling/channels.ts';
import { rawClient } from '../../support/signalling/client.ts';
import type { ReaderPages } from './reader-pages.ts';

export interface Connection {
  /** From the answer to the join to the note. */
  ms: number;
  /** Datagrams of this connection that were lost. */
  lost: number;
}

interface Run {
  server: Server;
  rtcPort: number;
  readers: ReaderPages;
  /** Share of datagrams, each way, from 0 to 1. */
  loss: number;
  connections: number;
  progress(done: number): void;
}

/** Each has a line of its own, so that what is lost there is lost of one connection. */
const LINES = 6;
const NOTE = 'Metformin 850 mg: 1 tablet with dinner';
/** A room may be joined only so often in a minute. */
const PER_ROOM = 20;
const PROGRESS = 250;

export async function connectMany(run: Run): Promise<Connection[]> {
  const { rtcPort, loss, connections, progress } = run;
  const made: Connection[] = [];
  let begun = 0;
  async function line(seed: number): Promise<void> {
    const relay = await UdpRelay.start(
      { address: '127.0.0.1', port: rtcPort },
      { loss, delayMs: 0, jitterMs: 0 },
      seed,
    );
    while (begun < connections) {
      const room = await shareNote(run.server);
      for (let inRoom = 0; inRoom < PER_ROOM && begun < connections; inRoom += 1) {
        begun += 1;
        made.push(await connectOnce(run, room.link, relay));
        if (made.length % PROGRESS === 0) progress(made.length);
      }
      await room.end();
    }
    await relay.close();
  }
  await Promise.all(Array.from({ length: LINES }, (_, at) => line(at + 1)));
  return made;
}

async function shareNote(server: Server): Promise<{ link: string; end(): Promise<unknown> }> {
  const composer = composerOf(await server.composeLink());
  await composer.reaches('writing');
  composer.session.choosePolicy({ admission: 'link', maxReaders: 20 });
  composer.session.write(NOTE);
  void composer.session.share();
  const { link } = await composer.reaches('open');
  return {
    link,
    end() {
      composer.session.destroy();
      return composer.reaches('over');
    },
  };
}

async function connectOnce({ server, readers }: Run, link: string, relay: UdpRelay): Promise<Connection> {
  const { pathname, hash } = new URL(link);
  const parts = parseNoteLink(pathname, hash);
  if (parts === null) throw new Error('the note link is not complete');
  const { roomId, secret } = parts;
  const keys = await deriveLinkKeys(secret, roomId);
  const half = await readers.prepare();
  const client = await rawClient(server.url);
  const before = relay.counts.lost;
  const join = { version: PROTOCOL_VERSION, roomId, joinKey: toBase64Url(keys.joinKey), dtls: half.dtls };
  const joined = await request(client, 'join', join);
  const { enc, ciphertext } = await knock(keys.psk, roomId, joined.prekey, { language: 'en' });
  const noteAt = half.firstMessage(through(relay, joined));
  const knocked = request(client, 'knock', { enc, ciphertext });
  const ms = await noteAt;
  await knocked;
  await half.close();
  client.close();
  return { ms, lost: relay.counts.lost - before };
}

/** The way over UDP alone, through the relay. */
function through({ port }: UdpRelay, joined: Reply<'join'>): Reply<'join'> {
  const { transport } = joined;
  const iceCandidates = transport.iceCandidates
    .filter(({ protocol }) => protocol === 'udp')
    .map((candidate) => ({ ...candidate, address: '127.0.0.1', ip: '127.0.0.1', port }));
  return { ...joined, transport: { ...transport, iceCandidates } };
}
