import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { policySchema } from '../protocol/messages.ts';
import { Refused } from '../protocol/refused.ts';
import type { Room } from './room.ts';

const claimsSchema = z.object({
  roomId: z.string(),
  policy: policySchema,
  joinHash: z.string().nullable(),
  /** Milliseconds since the Unix epoch. */
  expiresAt: z.number(),
});
/** What an owner token says about its room. */
export type OwnerClaims = z.infer<typeof claimsSchema>;

/** Signs and checks owner tokens: whoever holds one is the tab that owns the room's note. */
export interface OwnerTokens {
  sign(room: Room): string;
  /** Throws Refused `wrong-owner` when the token is not one of ours. */
  verify(token: string): OwnerClaims;
}

/** HMAC-SHA256 (RFC 2104) over the claims. `key` has 32 random bytes. */
export function createOwnerTokens(key: Uint8Array): OwnerTokens {
  const mac = (payload: string) => createHmac('sha256', key).update(payload).digest();
  return {
    sign({ id: roomId, policy, joinHash, expiresAt }) {
      const claims: OwnerClaims = { roomId, policy, joinHash, expiresAt };
      const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
      return `${payload}.${mac(payload).toString('base64url')}`;
    },
    verify(token) {
      const [payload = '', signature = ''] = token.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = mac(payload);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Refused('wrong-owner');
      return claimsSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    },
  };
}
