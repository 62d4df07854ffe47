import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromBase64Url, randomBytes, toBase64Url } from '../../../src/protocol/bytes.ts';
import { createPrekey } from '../../../src/protocol/crypto/handshake.ts';
import { deriveLinkKeys } from '../../../src/protocol/crypto/link-keys.ts';
import { SECRET_BYTES } from '../../../src/protocol/link.ts';
import { clientMessageSchema } from '../../../src/protocol/messages.ts';
import { practice, ROSSI, refusalOf } from '../rooms/setup.ts';
import { storeIn } from '../store/setup.ts';

const ENOUGH_BYTES = 128 / 8;

/** Everything that lets somebody do something, made as GLIR makes it. Readers' ids and passes are the pages' tests'. */
const SECRETS: [string, () => string | Promise<string>][] = [
  ['the secret of a note link', () => toBase64Url(randomBytes(SECRET_BYTES))],
  ['a join key', async () => toBase64Url((await deriveLinkKeys(randomBytes(SECRET_BYTES), 'r'.repeat(22))).joinKey)],
  ['a room’s id', async () => (await (await practice()).rooms.draft(ROSSI)).room.id],
  ['a ticket', async () => (await (await practice()).rooms.draft(ROSSI)).ticket],
  [
    'an owner token’s signature',
    async () => (await (await practice({ key: randomBytes(32) })).composed()).ownerToken.split('.')[1] ?? '',
  ],
  ['the nonce of a prekey', async () => (await createPrekey()).prekey.nonce],
  ['the state of an installation', async () => (await storeIn()).store.states.issue({}, 60)],
];

describe.each(SECRETS)('%s', (_what, make) => {
  it('has 128 bits or more, and never comes twice', async () => {
    const made = await Promise.all(Array.from({ length: 50 }, make));
    expect(new Set(made).size).toBe(50);
    for (const each of made) expect(fromBase64Url(each).length).toBeGreaterThanOrEqual(ENOUGH_BYTES);
  });
});

describe('a secret that is nearly right', () => {
  /** Another last character, of which the last bits do not count: the fourth-last changes a whole one. */
  const near = (secret: string): string => {
    const at = secret.length - 4;
    return `${secret.slice(0, at)}${secret[at] === 'A' ? 'B' : 'A'}${secret.slice(at + 1)}`;
  };

  it('is as unknown as any other: a ticket', async () => {
    const { rooms } = await practice();
    const { ticket } = await rooms.draft(ROSSI);
    expect(await refusalOf(() => rooms.redeem(near(ticket), () => false))).toBe('unknown-ticket');
    expect(await refusalOf(() => rooms.redeem('k'.repeat(43), () => false))).toBe('unknown-ticket');
  });

  it('is as unknown as any other: an owner token, and its empty signature', async () => {
    const { rooms, composed } = await practice();
    const { ownerToken } = await composed();
    const [payload = ''] = ownerToken.split('.');
    for (const wrong of [
      near(ownerToken),
      payload,
      `${payload}.`,
      `.${ownerToken}`,
      `${near(payload)}.${ownerToken.split('.')[1]}`,
    ]) {
      expect(await refusalOf(() => rooms.claimsOf(wrong)), wrong).toBe('wrong-owner');
    }
  });

  it('is as unknown as any other: the state of an installation', async () => {
    const { states } = (await storeIn()).store;
    const state = await states.issue({}, 60);
    expect(await states.redeem(near(state), z.unknown())).toBeNull();
    expect(await states.redeem(state, z.unknown())).not.toBeNull();
  });
});

it('no message that shows a secret takes a shorter one', () => {
  const base = { id: 1, version: 1 };
  for (const short of ['', 'k', 'k'.repeat(21), 'k'.repeat(42)]) {
    const messages = [
      { t: 'compose', ...base, ticket: short },
      { t: 'join', ...base, roomId: 'r'.repeat(22), joinKey: short },
      { t: 'join', ...base, roomId: short, joinKey: 'k'.repeat(43) },
    ];
    for (const message of messages) expect(clientMessageSchema.safeParse(message).success).toBe(false);
  }
});
