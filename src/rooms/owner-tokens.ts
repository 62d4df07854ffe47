import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { Refused } from '../protocol/errors.ts';
import { policyLimitsSchema, policySchema } from '../protocol/messages.ts';
import type { Room } from './room.ts';

const time = z.int();
const claimsSchema = z.strictObject({
  version: z.literal(1),
  roomId: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  doctor: z.strictObject({
    platform: z.enum(['slack', 'teams', 'local']),
    tenant: z.string(),
    user: z.string(),
    displayName: z.string(),
  }),
  policy: policySchema,
  isChosen: z.boolean().default(false),
  limits: policyLimitsSchema,
  phone: z.string().nullable(),
  /** Null together with `openedAt`, for a draft. */
  joinHash: z.string().nullable(),
  createdAt: time,
  openedAt: time.nullable(),
  expiresAt: time,
  signedAt: time,
  /** Of tokens that were signed before rooms could move between nodes. */
  run: z.string().optional(),
});
/**
 * What an owner token says about its room: all that it takes to make the room again. Times are milliseconds since the
 * Unix epoch, by the server's clock when it signed.
 */
export type OwnerClaims = z.infer<typeof claimsSchema>;

/** Signs and checks owner tokens: whoever holds one is the tab that owns the room's note. */
export interface OwnerTokens {
  sign(room: Room, signedAt: number): string;
  /** Throws Refused `wrong-owner` when the token is not one of ours. */
  verify(token: string): OwnerClaims;
}

/** HMAC-SHA256 (RFC 2104) over the claims, compared in constant time. `key` has 32 random bytes. */
export function createOwnerTokens(key: Uint8Array): OwnerTokens {
  const mac = (payload: string) => createHmac('sha256', key).update(payload).digest();
  return {
    sign(room, signedAt) {
      const {
        id: roomId,
        doctor,
        policy,
        isChosen,
        limits,
        phone,
        state,
        joinHash,
        createdAt,
        openedAt,
        expiresAt,
      } = room;
      const { platform, tenant, user, displayName } = doctor;
      const isDraft = state === 'draft';
      const claims: OwnerClaims = {
        version: 1,
        roomId,
        doctor: { platform, tenant, user, displayName },
        policy,
        isChosen,
        limits,
        phone,
        joinHash: isDraft ? null : joinHash,
        createdAt: Math.floor(createdAt),
        openedAt: isDraft || openedAt === null ? null : Math.floor(openedAt),
        expiresAt: Math.floor(expiresAt),
        signedAt: Math.floor(signedAt),
      };
      const payload = Buffer.from(JSON.stringify(claims)).toString('base64url');
      return `${payload}.${mac(payload).toString('base64url')}`;
    },
    verify(token) {
      const [payload = '', signature = ''] = token.split('.');
      const given = Buffer.from(signature, 'base64url');
      const expected = mac(payload);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) throw new Refused('wrong-owner');
      // Signed by us, but perhaps by another version.
      const claims = claimsSchema.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
      if (!claims.success) throw new Refused('wrong-owner');
      return claims.data;
    },
  };
}
