import { expect } from 'vitest';
import { randomBytes, toBase64Url } from '../../../src/protocol/bytes.ts';
import { PROTOCOL_VERSION } from '../../../src/protocol/constants.ts';
import { createPrekey } from '../../../src/protocol/crypto/handshake.ts';
import { deriveLinkKeys, joinHashOf } from '../../../src/protocol/crypto/link-keys.ts';
import type { Refusal } from '../../../src/protocol/errors.ts';
import { parseNoteLink } from '../../../src/protocol/link.ts';
import { request } from './channels.ts';
import { type RawClient, rawClient } from './client.ts';
import { ticketFor } from './wrtc.ts';

/** A room whose composer and readers only talk: no WebRTC behind it, so that many cost little. */
export interface TalkingRoom {
  doctor: RawClient;
  roomId: string;
  ownerToken: string;
  joinKey: string;
  /** Publishes offers. */
  prekey(count?: number): Promise<void>;
  /** Connects somebody who has the link; `join` is the reply. */
  visitor(): Promise<{ client: RawClient; readerId: string }>;
}

/** Opens a room that anybody with the link may read. */
export async function talkingRoom(url: string, { prekeys = 3, admission = 'link' } = {}): Promise<TalkingRoom> {
  const doctor = await rawClient(url);
  const ticket = await ticketFor(url);
  const { roomId, policy } = await request(doctor, 'compose', { version: PROTOCOL_VERSION, ticket });
  const joinKey = randomBytes(32);
  const joinHash = await joinHashOf(joinKey);
  const { ownerToken } = await request(doctor, 'share', {
    joinHash,
    policy: { ...policy, admission: admission === 'link' ? 'link' : 'ask' },
  });
  const room: TalkingRoom = {
    doctor,
    roomId,
    ownerToken,
    joinKey: toBase64Url(joinKey),
    async prekey(count = 1) {
      for (let made = 0; made < count; made++) {
        const { prekey } = await createPrekey();
        await request(doctor, 'prekey', { sctp: { streamId: streams++, ordered: true }, prekey });
      }
    },
    async visitor() {
      const client = await rawClient(url);
      const { readerId } = await request(client, 'join', { version: PROTOCOL_VERSION, roomId, joinKey: room.joinKey });
      return { client, readerId };
    },
  };
  let streams = 0;
  await room.prekey(prekeys);
  return room;
}

/** A join with a note link's own key; `over` replaces parts of it. */
export async function joinMessage(link: string, over: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
  const { pathname, hash } = new URL(link);
  const parts = parseNoteLink(pathname, hash);
  if (parts === null) throw new Error('the note link is not complete');
  const { joinKey } = await deriveLinkKeys(parts.secret, parts.roomId);
  return { t: 'join', id: 1, version: PROTOCOL_VERSION, roomId: parts.roomId, joinKey: toBase64Url(joinKey), ...over };
}

/** Says something and expects this refusal, with the message's own id. */
export async function isRefused(client: RawClient, message: Record<string, unknown>, code: Refusal): Promise<void> {
  const { id } = message;
  expect(await client.ask(message)).toEqual({ t: 'refused', code, ...(id === undefined ? {} : { id }) });
}

/** Something that looks like a knock. */
export const anyKnock = { t: 'knock', id: 900, enc: 'e'.repeat(87), ciphertext: 'b'.repeat(100) };
