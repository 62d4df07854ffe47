import { randomBytes, toBase64Url } from '../../../src/protocol/bytes.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/constants.ts';
import { createPrekey } from '../../../src/protocol/crypto/handshake.ts';
import { joinHashOf } from '../../../src/protocol/crypto/link-keys.ts';
import { localAnswerSchema } from '../../../src/protocol/local-chat.ts';
import { request } from '../../support/signalling/channels.ts';
import { type RawClient, rawClient } from '../../support/signalling/client.ts';
import { createAgent, post } from '../pace.ts';

/** As many as the doctor's page keeps ready. */
const PREKEYS = 3;
const EXPIRY_SECONDS = 3_600;
const agent = createAgent();
/** All rooms are given the same: to make one costs the client more than a room costs the server. */
const made = createPrekey();

/** A node, and what it is called in public. */
export interface Talker {
  publicUrl: string;
  nodeUrl: string;
}

/** An open note. */
export interface OpenRoom {
  /** The doctor destroys it; fulfilled when the patient has heard of it, or the doctor where nobody reads. */
  revoke(): Promise<void>;
}

/**
 * A room whose doctor and patient only talk: the server makes their transports, and nobody connects them. The patient has
 * tapped and was let in.
 */
export async function openTalking(talker: Talker, { read }: { read: boolean }): Promise<OpenRoom> {
  const ticket = await ticketAt(talker);
  const doctor = await rawClient(talker.nodeUrl, talker.publicUrl);
  try {
    return await openAs(doctor, ticket, read ? talker : null);
  } catch (error) {
    doctor.close();
    throw error;
  }
}

async function openAs(doctor: RawClient, ticket: string, readAt: Talker | null): Promise<OpenRoom> {
  const { roomId, policy } = await request(doctor, 'compose', { version: PROTOCOL_VERSION, ticket });
  const joinKey = randomBytes(32);
  const joinHash = await joinHashOf(joinKey);
  await request(doctor, 'share', { joinHash, policy: { ...policy, admission: 'link', expirySeconds: EXPIRY_SECONDS } });
  if (readAt === null) {
    return {
      async revoke() {
        await request(doctor, 'end', { reason: 'revoked' });
        doctor.close();
      },
    };
  }
  const { prekey } = await made;
  for (let streamId = 0; streamId < PREKEYS; streamId++) {
    await request(doctor, 'prekey', { sctp: { streamId, ordered: true }, prekey });
  }
  const reader = await rawClient(readAt.nodeUrl, readAt.publicUrl);
  await request(reader, 'join', { version: PROTOCOL_VERSION, roomId, joinKey: toBase64Url(joinKey) });
  await request(doctor, 'prekey', { sctp: { streamId: PREKEYS, ordered: true }, prekey });
  await request(reader, 'knock', { enc: 'e'.repeat(87), ciphertext: 'b'.repeat(400) });
  return { revoke: () => revoke(doctor, reader) };
}

async function revoke(doctor: RawClient, reader: RawClient): Promise<void> {
  const over = reader.next(({ t }) => t === 'ended');
  await Promise.all([request(doctor, 'end', { reason: 'revoked' }), over]);
  doctor.close();
  reader.close();
}

/** Types /glir in the local chat of a node. */
export async function ticketAt({ publicUrl, nodeUrl }: Talker): Promise<string> {
  const body = JSON.stringify({ text: '/glir' });
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    origin: publicUrl,
    host: new URL(publicUrl).host,
  };
  const { text } = await post(`${nodeUrl}/local/command`, headers, body, agent);
  const [answer] = localAnswerSchema.parse(JSON.parse(text)).messages;
  if (answer?.kind !== 'compose') throw new Error(`/glir was answered with ${answer?.kind ?? 'nothing'}`);
  return new URL(answer.url).hash.slice(1);
}
