import { randomBytes, toBase64Url } from '../../src/protocol/bytes.ts';
import { answer, createPrekey, type FirstKnock, knock } from '../../src/protocol/crypto/handshake.ts';
import { deriveLinkKeys } from '../../src/protocol/crypto/link-keys.ts';
import { ROOM_ID_BYTES } from '../../src/protocol/link.ts';
import type { Hello } from '../../src/protocol/sealed.ts';

export const HELLO: Hello = { language: 'en' };

/** A room with a link, as the composer and everybody with the link know it. */
export async function newRoom() {
  const roomId = toBase64Url(randomBytes(ROOM_ID_BYTES));
  const { psk } = await deriveLinkKeys(randomBytes(32), roomId);
  return { roomId, psk };
}

/** Both sides of a first knock: what the page keeps, and what the composer finds. */
export interface Before {
  page: FirstKnock | null;
  composer(named: { commit: string; enc: string }): Promise<FirstKnock | null>;
}

const NOTHING_BEFORE: Before = { page: null, composer: async () => null };

/** A composer and a reader right after a handshake that nobody disturbed. */
export async function meet(
  room?: Awaited<ReturnType<typeof newRoom>>,
  hello = HELLO,
  readmissionTokens: Iterable<string> = [],
  before = NOTHING_BEFORE,
) {
  const { roomId, psk } = room ?? (await newRoom());
  const { prekey, secrets } = await createPrekey();
  const reader = await knock(psk, roomId, prekey, hello, before.page);
  const composer = await answer(psk, roomId, prekey, secrets, reader, readmissionTokens, before.composer);
  return { roomId, psk, prekey, secrets, reader, composer };
}
