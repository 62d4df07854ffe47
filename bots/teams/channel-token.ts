import { errors, jwtVerify } from 'jose';
import { z } from 'zod';
import type { Clock } from '../../src/clock.ts';
import type { SigningKeys } from './signing-keys.ts';

/** The channel that GLIR takes requests from. */
export const CHANNEL = 'msteams';

const CLOCK_SKEW_SECONDS = 5 * 60;
const BEARER = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i;

/** The request does not prove that it comes from Teams and is meant for this bot. The message holds no part of it. */
export class TokenRefused extends Error {
  override readonly name = 'TokenRefused';
}

const claimsSchema = z.object({ serviceurl: z.string() });

/**
 * Checks a request's token as the Bot Connector authentication specification asks: signed by the channel's issuer with a
 * key endorsed for Teams, for this bot, and not expired. The activity's service URL has to be the one that is returned.
 *
 * botbuilder's own check is not used: it also takes tokens of the Emulator and of skills, which name no service URL; it
 * remembers a tenant from every unchecked token for good; it waits for keys without an end; and it writes to the console.
 *
 * @param authorization the header as it came
 * @throws TokenRefused, or an Error when the keys cannot be read
 */
export async function checkChannelToken(
  authorization: string | undefined,
  { appId, keys, clock }: { appId: string; keys: SigningKeys; clock: Clock },
): Promise<{ serviceUrl: string }> {
  const token = BEARER.exec(authorization ?? '')?.[1];
  if (token === undefined) throw new TokenRefused('There is no bearer token.');
  const issuer = await keys.issuer();
  try {
    const { payload } = await jwtVerify(
      token,
      async ({ kid }) => {
        const key = kid === undefined ? undefined : await keys.find(kid, CHANNEL);
        if (key === undefined) throw new TokenRefused('The key is not one for Teams.');
        return key;
      },
      {
        algorithms: ['RS256'],
        issuer,
        audience: appId,
        requiredClaims: ['exp'],
        clockTolerance: CLOCK_SKEW_SECONDS,
        currentDate: new Date(clock.now()),
      },
    );
    const claims = claimsSchema.safeParse(payload);
    if (!claims.success) throw new TokenRefused('The token names no service URL.');
    return { serviceUrl: claims.data.serviceurl };
  } catch (error) {
    if (error instanceof errors.JOSEError) throw new TokenRefused(`The token does not hold: ${error.code}.`);
    throw error;
  }
}
