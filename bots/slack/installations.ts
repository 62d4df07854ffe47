import { type Authorize, type AuthorizeResult, type Context, webApi } from '@slack/bolt';
import type { Installation, InstallationQuery, InstallationStore } from '@slack/oauth';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock } from '../../src/clock.ts';
import type { SlackConfig } from '../../src/config/config.ts';
import type { Doctor } from '../../src/rooms/room.ts';
import { StoreError } from '../../src/store/errors.ts';
import type { Store, Tenant } from '../../src/store/store.ts';
import { renewToken } from './connection/token-renewal.ts';
import { errorFields, slackErrorOf } from './slack-log.ts';

/** Where a request or an installation comes from, as Slack says; null or missing where it does not apply. */
export interface SlackSource {
  isEnterpriseInstall?: boolean | undefined;
  enterpriseId?: string | null | undefined;
  teamId?: string | null | undefined;
}

/** The tenant of a request: the organisation when GLIR is installed in a whole Enterprise Grid, else the workspace. */
export function tenantOf({ isEnterpriseInstall, enterpriseId, teamId }: SlackSource): Tenant | null {
  const id = isEnterpriseInstall === true ? enterpriseId : teamId;
  return id === undefined || id === null || id === '' ? null : { platform: 'slack', tenant: id };
}

/**
 * The doctor behind a request, from what Slack signed. Without a name: Slack gives the real one only to apps that may read
 * every member's profile, which GLIR does not ask for, and a handle such as `mrossi2` is none. Throws an Error when Slack does
 * not say where it comes from.
 */
export function doctorOf(context: Context, user: string): Doctor {
  const tenant = tenantOf(context);
  if (tenant === null) throw new Error('A request from Slack names no workspace.');
  return { platform: 'slack', tenant: tenant.tenant, user, displayName: '' };
}

const named = z.object({ id: z.string(), name: z.string().exactOptional() });

/** What Slack gave us when GLIR was installed: the parts that GLIR uses. */
const installationSchema = z.object({
  team: named.optional(),
  enterprise: named.optional(),
  /** Who installed GLIR last. */
  user: z.object({ id: z.string() }),
  /** Who installed GLIR first; null when that could not be read. Without one, as GLIR kept it before, it is `user`. */
  admin: z.string().nullable().exactOptional(),
  bot: z.object({
    token: z.string(),
    refreshToken: z.string().exactOptional(),
    /** Seconds since the Unix epoch; only with token rotation. */
    expiresAt: z.number().exactOptional(),
    scopes: z.array(z.string()),
    id: z.string(),
    userId: z.string(),
  }),
  appId: z.string().exactOptional(),
  isEnterpriseInstall: z.boolean().default(false),
  authVersion: z.literal('v2').default('v2'),
});
type SlackInstallation = z.infer<typeof installationSchema>;

/** GLIR is not for the workspace that it was installed in. */
class TeamNotServed extends Error {
  override readonly name = 'TeamNotServed';
  /** For the page that the SDK shows the error with. */
  readonly code = 'glir_team_not_served';
}

interface StoreOptions {
  store: Store;
  /** Of two installations of a tenant at once, one is the first. */
  inTurn: InTurn;
  log: Logger;
  /** `slack.teams` of the configuration. */
  teams: readonly string[] | null;
  /** Somebody else than the time before installed GLIR. */
  onReinstalled: (tenant: Tenant, facts: { by: string; admin: string | null }) => void;
}

/**
 * GLIR's installations, encrypted in the store, as Slack's SDK wants them. Whoever installed GLIR first stays its admin, also
 * when somebody else installs it again. Its calls reject with an Error.
 */
export function installationStore({ store, inTurn, log, teams, onReinstalled }: StoreOptions): InstallationStore {
  const find = async (query: InstallationQuery<boolean>): Promise<SlackInstallation> => {
    const installation = await store.installations.find(mustBe(tenantOf(query)), installationSchema);
    if (installation === null) throw new Error('GLIR is not installed in this workspace.');
    return installation;
  };
  /** Who installed GLIR before; null when nobody did, and without an admin when it cannot be read any more. */
  const before = async (tenant: Tenant): Promise<{ by: string | null; admin: string | null } | null> => {
    try {
      const known = await store.installations.find(tenant, installationSchema);
      return known === null ? null : { by: known.user.id, admin: adminOf(known) };
    } catch (error) {
      log.error({ event: 'slack-admin-unreadable', tenant: tenant.tenant, ...errorFields(error) });
      return { by: null, admin: null };
    }
  };
  async function save(tenant: Tenant, installation: Installation): Promise<void> {
    const known = await before(tenant);
    const by = installation.user.id;
    const admin = known === null ? by : known.admin;
    await store.installations.save(tenant, installationSchema.parse({ ...installation, admin }));
    log.info({ event: 'slack-installation-saved', tenant: tenant.tenant });
    if (known === null || known.by === by) return;
    log.warn({ event: 'slack-reinstalled', tenant: tenant.tenant });
    onReinstalled(tenant, { by, admin });
  }
  return {
    async storeInstallation(installation) {
      const tenant = mustBe(tenantOfInstallation(installation));
      if (!isServed(tenant, teams)) throw new TeamNotServed('GLIR is not for this workspace.');
      await inTurn(tenant, () => save(tenant, installation));
    },
    fetchInstallation: async (query) => sdkForm(await find(query)),
    async deleteInstallation(query) {
      await store.removeTenant(mustBe(tenantOf(query)));
    },
  };
}

/** Whether GLIR is for a tenant. */
function isServed({ tenant }: Tenant, teams: readonly string[] | null): boolean {
  return teams === null || teams.includes(tenant);
}

function adminOf({ admin, user }: SlackInstallation): string | null {
  return admin === undefined ? user.id : admin;
}

/** The tenant that an installation is for; null when Slack names none. */
export function tenantOfInstallation(installation: Pick<Installation, 'team' | 'enterprise' | 'isEnterpriseInstall'>) {
  return tenantOf({
    isEnterpriseInstall: installation.isEnterpriseInstall,
    enterpriseId: installation.enterprise?.id,
    teamId: installation.team?.id,
  });
}

function sdkForm({ team, enterprise, user, admin: _admin, ...rest }: SlackInstallation): Installation<'v2', boolean> {
  return { ...rest, team, enterprise, user: { id: user.id, token: undefined, scopes: undefined } };
}

function mustBe(tenant: Tenant | null): Tenant {
  if (tenant === null) throw new Error('Slack names no workspace and no organisation.');
  return tenant;
}

/** Runs what changes a tenant's installation, one after the other. */
export type InTurn = <Result>(tenant: Tenant, work: () => Promise<Result>) => Promise<Result>;

/** Turns for this process. */
export function createTurns(): InTurn {
  const last = new Map<string, Promise<unknown>>();
  return (tenant, work) => {
    const before = last.get(tenant.tenant) ?? Promise.resolve();
    const mine = before.then(work, work);
    const settled = mine.then(
      () => undefined,
      () => undefined,
    );
    last.set(tenant.tenant, settled);
    void settled.then(() => {
      if (last.get(tenant.tenant) === settled) last.delete(tenant.tenant);
    });
    return mine;
  };
}

/** A token is renewed in its last two hours; Slack gives one for twelve. */
const RENEW_SECONDS = 2 * 60 * 60;
/** A token with less than this left is not used any more, but renewed first. */
const TOO_SHORT_SECONDS = 60;
/** A doctor's command has to be answered within three seconds, also while Slack renews slowly. */
const PATIENCE_MS = 1_500;

/** A client that speaks for GLIR in one tenant, and what it may do there. */
export interface TenantClient {
  client: webApi.WebClient;
  scopes: readonly string[];
  /** Who may change the settings where the configuration names nobody; null when that is not known any more. */
  admin: string | null;
  /** Who installed GLIR last, when that was somebody else. */
  reinstalledBy: string | null;
}

/**
 * Who may change the settings: those whom the configuration names, otherwise whoever installed GLIR first and those who were
 * chosen in the settings. Slack names its own admins only to apps that may read every member's profile.
 *
 * @param chosen in the settings
 */
export function adminsOf(
  { admin }: Pick<TenantClient, 'admin'>,
  { admins }: Pick<SlackConfig, 'admins'>,
  chosen: readonly string[] | null,
): readonly string[] {
  return admins ?? [...(admin === null ? [] : [admin]), ...(chosen ?? [])];
}

/** GLIR's tokens (token rotation: a token lives for twelve hours). */
export interface Tokens {
  /** For Bolt. Never rejects: without a bot token in the result, GLIR is not installed there or cannot read its token. */
  authorize: Authorize<boolean>;
  /** A client for a tenant; null where GLIR is not installed, or its token cannot be had. */
  of(tenant: Tenant): Promise<TenantClient | null>;
  /** Slack says that a tenant's token is too old, whatever it said when it gave it: renews it. Never rejects. */
  renewNow(tenant: Tenant): Promise<void>;
  /**
   * Asks Slack whether a tenant's token is of use still. Rejects when Slack or the store cannot be asked.
   *
   * @param hinted whether Slack said that GLIR was removed: then less is enough to call it dead
   */
  check(tenant: Tenant, options: { hinted: boolean }): Promise<TokenCheck>;
  /** The token as it is stored; null when there is none that can be read. */
  stored(tenant: Tenant): Promise<string | null>;
  inTurn: InTurn;
}

const UNREADABLE: ReadonlySet<string> = new Set(['missing-key', 'tampered', 'unreadable']);

/** What became of an installation; `dead` is a token that Slack took back for good. */
export interface TokenCheck {
  state: 'none' | 'alive' | 'dead' | 'unknown';
  /** The token that was asked about. */
  token: string | null;
}

/** What Slack says of a token that is gone for good. */
const DEAD: ReadonlySet<string> = new Set(['account_inactive', 'token_revoked']);
/** What it says then too, but also for example of a server whose address a workspace does not allow. */
const DEAD_WHEN_HINTED: ReadonlySet<string> = new Set([...DEAD, 'invalid_auth', 'invalid_refresh_token']);

/** Renewals of one tenant happen one after the other: Slack takes each refresh token once. */
export function createTokens({
  store,
  slack,
  inTurn,
  clientOptions,
  onceOptions,
  clock,
  log,
}: {
  store: Store;
  slack: Pick<SlackConfig, 'clientId' | 'clientSecret' | 'teams'>;
  inTurn: InTurn;
  /** For renewals. */
  clientOptions: webApi.WebClientOptions;
  /** For everything else: without tries of its own. */
  onceOptions: webApi.WebClientOptions;
  clock: Clock;
  log: Logger;
}): Tokens {
  const renewing = new Map<string, Promise<RenewalResult>>();
  const clients = new Map<string, webApi.WebClient>();

  const find = (tenant: Tenant) => store.installations.find(tenant, installationSchema);
  const secondsLeft = ({ bot: { refreshToken, expiresAt } }: SlackInstallation): number =>
    refreshToken === undefined || expiresAt === undefined ? Infinity : expiresAt - clock.now() / 1000;

  /** `unreadable` when its key is gone or it was changed. Rejects when the store cannot be read. */
  async function findReadable(tenant: Tenant): Promise<SlackInstallation | 'unreadable' | null> {
    try {
      return await find(tenant);
    } catch (error) {
      if (error instanceof StoreError && UNREADABLE.has(error.code)) return 'unreadable';
      throw error;
    }
  }

  /** One at a time per tenant; whoever comes meanwhile waits for the one under way. Never rejects. */
  function renew(tenant: Tenant, installation: SlackInstallation): Promise<RenewalResult> {
    const underWay = renewing.get(tenant.tenant);
    if (underWay !== undefined) return underWay;
    const renewal = renewOnce(tenant, installation)
      .catch((error: unknown): RenewalResult => {
        log.error({ event: 'slack-token-not-renewed', tenant: tenant.tenant, ...errorFields(error) });
        return { renewed: false, slack: null };
      })
      .finally(() => renewing.delete(tenant.tenant));
    renewing.set(tenant.tenant, renewal);
    return renewal;
  }

  /** Rejects when Slack cannot be reached, or the new token cannot be kept. */
  async function renewOnce(tenant: Tenant, { bot: { refreshToken } }: SlackInstallation): Promise<RenewalResult> {
    if (refreshToken === undefined) return { renewed: false, slack: null };
    const answer = await renewToken(refreshToken, slack, clientOptions, clock);
    if ('refused' in answer) {
      log.error({ event: 'slack-token-not-renewed', tenant: tenant.tenant, slack: answer.refused });
      return { renewed: false, slack: answer.refused };
    }
    await inTurn(tenant, async () => {
      const before = await find(tenant);
      // Installed anew meanwhile, or removed.
      if (before?.bot.refreshToken !== refreshToken) return;
      await store.installations.save(tenant, { ...before, bot: { ...before.bot, ...answer } });
    });
    log.info({ event: 'slack-token-renewed', tenant: tenant.tenant });
    return { renewed: true, slack: null };
  }

  /** Rejects when Slack or the store cannot be asked. */
  async function stateOf(
    tenant: Tenant,
    installation: SlackInstallation,
    dead: ReadonlySet<string>,
  ): Promise<TokenCheck['state']> {
    let refusal = await refusalOf(clientOf(installation.bot.token));
    if (refusal === 'token_expired') {
      const { renewed, slack: renewalRefusal } = await renew(tenant, installation);
      refusal = renewed ? null : renewalRefusal;
      if (!renewed && refusal === null) return 'unknown';
    }
    if (refusal === null) return 'alive';
    return dead.has(refusal) ? 'dead' : 'unknown';
  }

  /** The installation with a token that can be used now; null when there is none. */
  async function fresh(tenant: Tenant): Promise<SlackInstallation | null> {
    const installation = await find(tenant);
    if (installation === null) return null;
    const left = secondsLeft(installation);
    if (left > RENEW_SECONDS) return installation;
    const renewal = renew(tenant, installation);
    if (left > TOO_SHORT_SECONDS) return installation;
    await Promise.race([renewal, new Promise<void>((resolve) => clock.after(PATIENCE_MS, resolve))]);
    const renewed = await find(tenant);
    return renewed === null || secondsLeft(renewed) <= 0 ? null : renewed;
  }

  async function freshOrNull(tenant: Tenant): Promise<SlackInstallation | null> {
    if (!isServed(tenant, slack.teams)) {
      log.warn({ event: 'slack-not-served', tenant: tenant.tenant });
      return null;
    }
    try {
      const installation = await fresh(tenant);
      if (installation === null) log.warn({ event: 'slack-not-installed', tenant: tenant.tenant });
      return installation;
    } catch (error) {
      log.error({ event: 'slack-installation-unreadable', tenant: tenant.tenant, ...errorFields(error) });
      return null;
    }
  }

  function clientOf(token: string): webApi.WebClient {
    const known = clients.get(token);
    if (known !== undefined) return known;
    if (clients.size > 1_000) clients.clear();
    const client = new webApi.WebClient(token, onceOptions);
    clients.set(token, client);
    return client;
  }

  return {
    async authorize(source) {
      const tenant = tenantOf(source);
      const installation = tenant === null ? null : await freshOrNull(tenant);
      const answer: AuthorizeResult = {
        ...(source.teamId === undefined ? {} : { teamId: source.teamId }),
        ...(source.enterpriseId === undefined ? {} : { enterpriseId: source.enterpriseId }),
      };
      if (installation === null) return answer;
      const { token, id, userId } = installation.bot;
      return { ...answer, botToken: token, botId: id, botUserId: userId };
    },
    async of(tenant) {
      const installation = await freshOrNull(tenant);
      if (installation === null) return null;
      const { bot, user } = installation;
      const admin = adminOf(installation);
      const reinstalledBy = admin === user.id ? null : user.id;
      return { client: clientOf(bot.token), scopes: bot.scopes, admin, reinstalledBy };
    },
    async renewNow(tenant) {
      const installation = await find(tenant).catch(() => null);
      if (installation !== null) await renew(tenant, installation);
    },
    async check(tenant, { hinted }) {
      const installation = await findReadable(tenant);
      // What GLIR cannot read it cannot use either, so Slack's word is enough.
      if (installation === 'unreadable') return { state: hinted ? 'dead' : 'unknown', token: null };
      if (installation === null) return { state: 'none', token: null };
      return {
        state: await stateOf(tenant, installation, hinted ? DEAD_WHEN_HINTED : DEAD),
        token: installation.bot.token,
      };
    },
    async stored(tenant) {
      const installation = await findReadable(tenant);
      return installation === 'unreadable' ? null : (installation?.bot.token ?? null);
    },
    inTurn,
  };
}

/** What Slack says is wrong with a client's token; null when nothing is. Rejects when Slack cannot be asked. */
async function refusalOf(client: webApi.WebClient): Promise<string | null> {
  try {
    await client.auth.test();
    return null;
  } catch (error) {
    const refusal = slackErrorOf(error);
    if (refusal === null) throw error;
    return refusal;
  }
}

/** `slack` is Slack's word when it refuses. */
interface RenewalResult {
  renewed: boolean;
  slack: string | null;
}
