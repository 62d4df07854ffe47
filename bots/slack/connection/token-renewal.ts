import { webApi } from '@slack/bolt';
import { z } from 'zod';
import type { Clock } from '../../../src/clock.ts';
import type { SlackConfig } from '../../../src/config/config.ts';
import { slackErrorOf } from '../slack-log.ts';

/** A bot's token with what renews it; `expiresAt` is in seconds since the Unix epoch. */
export interface RenewedToken {
  token: string;
  refreshToken: string;
  expiresAt: number;
}

const renewedSchema = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1),
  expires_in: z.number().positive(),
});

/**
 * Asks Slack for a new token (token rotation); the old refresh token is used up then. Slack's SDK is not used for it: it
 * does not say why Slack refuses.
 *
 * @returns Slack's word, such as `invalid_refresh_token`, when it refuses
 * Rejects when Slack cannot be reached.
 */
export async function renewToken(
  refreshToken: string,
  { clientId, clientSecret }: Pick<SlackConfig, 'clientId' | 'clientSecret'>,
  clientOptions: webApi.WebClientOptions,
  clock: Clock,
): Promise<RenewedToken | { refused: string }> {
  const askedAt = Math.floor(clock.now() / 1000);
  try {
    const answer = await new webApi.WebClient(undefined, clientOptions).oauth.v2.access({
      client_id: clientId,
      client_secret: clientSecret.reveal(),
      grant_type: 'refresh_token',
      refresh_token: refreshToken,
    });
    const { access_token: token, refresh_token: next, expires_in: seconds } = renewedSchema.parse(answer);
    return { token, refreshToken: next, expiresAt: askedAt + seconds };
  } catch (error) {
    const refused = slackErrorOf(error);
    if (refused === null) throw error;
    return { refused };
  }
}
