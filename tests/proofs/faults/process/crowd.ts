import { randomBytes } from '../../../../src/protocol/bytes.ts';
import { PROTOCOL_VERSION } from '../../../../src/protocol/constants.ts';
import { createPrekey } from '../../../../src/protocol/crypto/handshake.ts';
import { joinHashOf } from '../../../../src/protocol/crypto/link-keys.ts';
import { request } from '../../../support/signalling/channels.ts';
import { type RawClient, rawClient } from '../../../support/signalling/client.ts';
import { ticketFor } from '../../../support/signalling/wrtc.ts';
import type { Fault } from '../fault.ts';
import { now } from '../watch.ts';
import { said } from './sight.ts';

const ROOMS = 500;
const AT_ONCE = 10;
const STOP_MS = 5_000;

interface OpenRoom {
  client: RawClient;
  ownerToken: string;
}

/** A room that only its composer's socket keeps open. */
async function openRoom(url: string): Promise<OpenRoom> {
  const client = await rawClient(url);
  const { policy } = await request(client, 'compose', { version: PROTOCOL_VERSION, ticket: await ticketFor(url) });
  const joinHash = await joinHashOf(randomBytes(32));
  const { ownerToken } = await request(client, 'share', { joinHash, policy });
  const { prekey } = await createPrekey();
  await request(client, 'prekey', { sctp: { streamId: 0, ordered: true }, prekey });
  return { client, ownerToken };
}

const crowdStopped: Fault = {
  name: 'stopped-with-500-rooms',
  fault: `The server is asked to stop (SIGTERM) while ${ROOMS} rooms are open, 50 of which ended before, and is started again.`,
  expected:
    'It is gone within 5 s with exit code 0, every composer’s socket is closed; the open rooms can be had back, the ended ones cannot.',
  limitMs: 180_000,
  async run(stage) {
    // One address makes all of them here, which no clinic does.
    const server = await stage.server({ settings: { GLIR_LIMIT_USER_NOTES: '10000', GLIR_LIMIT_USER_ROOMS: '10000' } });
    const rooms: OpenRoom[] = [];
    const more = async () => {
      while (rooms.length < ROOMS) rooms.push(await openRoom(server.url));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, more));
    const ended = rooms.slice(0, 50);
    const open = rooms.slice(50);
    for (const { client } of ended) await client.ask({ t: 'end', id: 1, reason: 'revoked' });
    stage.progress(`${rooms.length} rooms`);
    const at = now();
    const code = await server.kill('SIGTERM');
    const took = now() - at;
    await Promise.all(rooms.map(({ client }) => client.closed));
    await server.start();
    const [back, revived] = [await comeBack(server.url, open.slice(0, 100)), await comeBack(server.url, ended)];
    return {
      seen: `stopped ${said(took)} with code ${code}; ${back} of 100 open rooms could be had back, ${revived} of ${ended.length} ended ones`,
      recoveredMs: took,
      ok: took <= STOP_MS && code === 0 && back === 100 && revived === 0,
    };
  },
};

/** How many of these rooms their owners get back. */
async function comeBack(url: string, rooms: readonly OpenRoom[]): Promise<number> {
  let count = 0;
  for (const { ownerToken } of rooms) {
    const client = await rawClient(url);
    const answer = await client.ask({ t: 'resume', id: 1, version: PROTOCOL_VERSION, ownerToken });
    if (answer.t === 'reply') count += 1;
    client.close();
  }
  return count;
}

export const CROWD_FAULTS: readonly Fault[] = [crowdStopped];
