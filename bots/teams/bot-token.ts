import { z } from 'zod';
import type { Clock } from '../../src/clock.ts';
import type { TeamsConfig } from '../../src/config/config.ts';
import type { SigningKeys } from './signing-keys.ts';

const TIMEOUT_MS = 5_000;
/** Renewed so long before its end. */
const MARGIN_MS = 5 * 60 * 1000;

const grantSchema = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });

/** What GLIR shows to Teams' connector. */
export interface BotToken {
  /** Rejects with an Error that holds no secret. */
  get(): Promise<string>;
}

/** The client credentials grant (RFC 6749, section 4.4) of the bot's own tenant; a token is kept until shortly before its end. */
export function createBotToken(
  app: Extract<TeamsConfig['app'], { kind: 'registered' }>,
  keys: Pick<SigningKeys, 'issuer'>,
  clock: Clock,
): BotToken {
  let kept: { token: string; until: number } | null = null;
  let asking: Promise<string> | null = null;

  async function ask(): Promise<string> {
    const asked = clock.now();
    const response = await fetch(`${app.loginUrl}/${app.tenantId}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: app.appId,
        client_secret: app.password.reveal(),
        scope: `${await keys.issuer()}/.default`,
      }),
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) throw new LoginRefused(response.status);
    const { access_token: token, expires_in: seconds } = grantSchema.parse(await response.json());
    kept = { token, until: asked + seconds * 1000 - MARGIN_MS };
    return token;
  }

  return {
    get() {
      if (kept !== null && clock.now() < kept.until) return Promise.resolve(kept.token);
      asking ??= ask().finally(() => {
        asking = null;
      });
      return asking;
    },
  };
}

/** Microsoft's login gives no token: most often the app's password is wrong or too old. */
class LoginRefused extends Error {
  override readonly name = 'LoginRefused';
  /** The HTTP status. */
  readonly code: string;

  constructor(status: number) {
    super("Microsoft's login refuses GLIR. Check GLIR_TEAMS_APP_PASSWORD and GLIR_TEAMS_TENANT_ID.");
    this.code = String(status);
  }
}
