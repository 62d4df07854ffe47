import { importJWK } from 'jose';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock } from '../../src/clock.ts';
import { faultOf } from '../commands/fault.ts';

const TIMEOUT_MS = 5_000;
/** Microsoft asks to fetch the keys at least once a day. */
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
      log.warn({ event: 'teams-keys-unread', ...faultOf(error) });
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
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new Error(`The signing keys' server answered ${response.status}.`);
  return response.json();
}
