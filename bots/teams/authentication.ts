import { errors, importJWK, jwtVerify } from 'jose';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock } from '../../src/clock.ts';
import type { TeamsConfig } from '../../src/config/config.ts';
import { errorFields } from '../commands/error-fields.ts';
import { isConnectorUrl } from './client/service-url.ts';

/** The channel that GLIR takes requests from. */
export const CHANNEL = 'msteams';

const TIMEOUT_MS = 5_000;

/** How requests prove that they come from Teams, and GLIR that it is the bot. */
export interface Authentication {
  /** The bot's application id; empty for the Playground. */
  appId: string;
  /**
   * Checks a request's `Authorization` header; gives the service URL that the request has to name. Null where requests
   * are not signed. Rejects with TokenRefused, or an Error when the signing keys cannot be read.
   */
  check: ((authorization: string | undefined) => Promise<{ serviceUrl: string }>) | null;
  /** What GLIR shows to Teams' connector; null where it asks for nothing. */
  botToken: BotToken | null;
}

/** The Playground signs nothing and asks for nothing. */
export function createAuthentication(app: TeamsConfig['app'], clock: Clock, log: Logger): Authentication {
  if (app.kind === 'playground') return { appId: '', check: null, botToken: null };
  const { appId } = app;
  const keys = createSigningKeys(app.openIdUrl, clock, log);
  return {
    appId,
    check: (authorization) => checkRequestToken(authorization, { appId, keys, clock }),
    botToken: createBotToken(app, keys, clock),
  };
}

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
async function checkRequestToken(
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

/** Microsoft asks bots to fetch the keys at least once a day. */
const FRESH_MS = 24 * 60 * 60 * 1000;
/** A token with an unknown key costs one look at Microsoft's keys, however many such tokens come. */
const PAUSE_MS = 60 * 1000;

const metadataSchema = z.object({ issuer: z.url(), jwks_uri: z.url() });
const keySchema = z.object({
  kty: z.literal('RSA'),
  kid: z.string(),
  n: z.string(),
  e: z.string(),
  /** The channels that a key may sign for; none given is all of them. */
  endorsements: z.array(z.string()).default([]),
});
const keysSchema = z.object({ keys: z.array(z.unknown()) });
type Key = z.infer<typeof keySchema>;

/** The keys that a channel's requests are signed with. Calls reject with an Error when there are none to be had. */
export interface SigningKeys {
  /** Who signs. */
  issuer(): Promise<string>;
  /** The key of that id, if it may sign for the channel; undefined otherwise. */
  find(kid: string, channel: string): Promise<Awaited<ReturnType<typeof importJWK>> | undefined>;
}

/** Reads the keys from an OpenID configuration when they are needed, and keeps them for a day. */
export function createSigningKeys(url: string, clock: Clock, log: Logger): SigningKeys {
  let known: { issuer: string; keys: Map<string, Key>; at: number } | null = null;
  let triedAt = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  async function read(): Promise<void> {
    triedAt = clock.now();
    const { issuer, jwks_uri: keysUrl } = metadataSchema.parse(await getJson(url));
    // Whoever could put other keys there could sign for Teams.
    if (!keysUrl.startsWith('https:') && new URL(keysUrl).origin !== new URL(url).origin) {
      throw new Error('The signing keys are not named by a https URL.');
    }
    // Keys of kinds that GLIR does not take are none of its business.
    const keys = keysSchema.parse(await getJson(keysUrl)).keys.flatMap((key) => keySchema.safeParse(key).data ?? []);
    known = { issuer, keys: new Map(keys.map((key) => [key.kid, key])), at: clock.now() };
  }

  /** One look at a time; what is known stays known when Microsoft cannot be reached. */
  async function refresh(): Promise<void> {
    reading ??= read().finally(() => {
      reading = null;
    });
    try {
      await reading;
    } catch (error) {
      log.warn({ event: 'teams-keys-unread', ...errorFields(error) });
      if (known === null) throw error;
    }
  }

  async function current(): Promise<NonNullable<typeof known>> {
    const isOld = known === null || clock.now() - known.at >= FRESH_MS;
    if (isOld && (known === null || clock.now() - triedAt >= PAUSE_MS)) await refresh();
    if (known === null) throw new Error("Microsoft's signing keys cannot be read.");
    return known;
  }

  return {
    issuer: async () => (await current()).issuer,
    async find(kid, channel) {
      let key = (await current()).keys.get(kid);
      if (key === undefined && clock.now() - triedAt >= PAUSE_MS) {
        await refresh();
        key = known?.keys.get(kid);
      }
      if (key === undefined) return undefined;
      const { endorsements, kty, n, e } = key;
      if (endorsements.length > 0 && !endorsements.includes(channel)) return undefined;
      return importJWK({ kty, n, e }, 'RS256');
    },
  };
}

async function getJson(url: string): Promise<unknown> {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`The signing keys' server answered ${response.status}.`);
  return response.json();
}

/** Renewed so long before its end. */
const MARGIN_MS = 5 * 60 * 1000;

const grantSchema = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() });

/** What GLIR shows to Teams' connector. */
export interface BotToken {
  /** Rejects with an Error that holds no secret. */
  get(): Promise<string>;
  /** The connector refuses this token: the next one is a new one. */
  refused(token: string): void;
}

/** The client credentials grant (RFC 6749, section 4.4) of the bot's own tenant; a token is kept until shortly before its end. */
export function createBotToken(
  app: Extract<TeamsConfig['app'], { kind: 'registered' }>,
  keys: Pick<SigningKeys, 'issuer'>,
  clock: Clock,
): BotToken {
  let current: { token: string; until: number } | null = null;
  let request: Promise<string> | null = null;

  async function requestToken(): Promise<string> {
    const requestedAt = clock.now();
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
    current = { token, until: requestedAt + seconds * 1000 - MARGIN_MS };
    return token;
  }

  return {
    get() {
      if (current !== null && clock.now() < current.until) return Promise.resolve(current.token);
      request ??= requestToken().finally(() => {
        request = null;
      });
      return request;
    },
    refused(token) {
      if (current?.token === token) current = null;
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

/**
 * Whether an activity comes from where GLIR is for: from Teams, and with a registration from the one tenant, so that
 * nothing in it may name another, and with a service URL that is Teams'; from the Playground, which signs nothing, through the Playground's own connector.
 */
export function isServed(
  { channel, tenants }: { channel: string; tenants: readonly string[] },
  serviceUrl: string,
  app: TeamsConfig['app'],
): boolean {
  if (channel !== CHANNEL || tenants.length === 0) return false;
  if (!isConnectorUrl(serviceUrl, app)) return false;
  return app.kind === 'playground' || tenants.every((tenant) => tenant === app.tenantId);
}
