import { type Authorize, type AuthorizeResult, type Context, webApi } from '@slack/bolt';
import type { Installation, InstallationQuery, InstallationStore, InstallProvider } from '@slack/oauth';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock } from '../../src/clock.ts';
import type { SlackConfig } from '../../src/config/config.ts';
import type { Doctor } from '../../src/rooms/room.ts';
import type { Store, Tenant } from '../../src/store/store.ts';
import { errorFields } from './slack-log.ts';

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
 * The doctor behind a request, from what Slack signed. Throws an Error when Slack does not say where it comes from.
 *
 * @param handle Slack's handle of the person, such as `anna.rossi`
 */
export function doctorOf(context: Context, user: string, handle: string): Doctor {
  const tenant = tenantOf(context);
  if (tenant === null) throw new Error('A request from Slack names no workspace.');
  return { platform: 'slack', tenant: tenant.tenant, user, displayName: nameOf(handle) };
}

/**
 * A handle as a name to show a patient: `anna.rossi` is `Anna Rossi`. Slack gives the real name only to apps that may
 * read every member's profile, which GLIR does not ask for.
 */
export function nameOf(handle: string): string {
  const parts = handle.split(/[._\-\s]+/).filter((word) => word !== '');
  return parts.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
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
export function installationStore({ store, log, teams, onReinstalled }: StoreOptions): InstallationStore {
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
  /** One after the other, so that of two at once one is the first. */
  let saving: Promise<void> = Promise.resolve();
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
      const saved = saving.then(() => save(tenant, installation));
      saving = saved.catch(() => undefined);
      await saved;
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

/** Slack's SDK renews a token in its last two hours; Slack gives one for twelve. */
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
 * Who may change the settings: those whom the configuration names, otherwise whoever installed GLIR first. Slack names its
 * own admins only to apps that may read every member's profile.
 */
export function adminsOf(
  { admin }: Pick<TenantClient, 'admin'>,
  { admins }: Pick<SlackConfig, 'admins'>,
): readonly string[] {
  return admins ?? (admin === null ? [] : [admin]);
}

/** GLIR's tokens (token rotation: a token lives for twelve hours). */
export interface Tokens {
  /** For Bolt. Never rejects: without a bot token in the result, GLIR is not installed there or cannot read its token. */
  authorize: Authorize<boolean>;
  /** A client for a tenant; null where GLIR is not installed, or its token cannot be had. */
  of(tenant: Tenant): Promise<TenantClient | null>;
}

/** Renewals of one tenant happen one after the other: Slack takes each refresh token once. */
export function createTokens({
  store,
  teams,
  installer,
  clientOptions,
  clock,
  log,
}: {
  store: Store;
  /** `slack.teams` of the configuration. */
  teams: readonly string[] | null;
  installer: Pick<InstallProvider, 'authorize'>;
  clientOptions: webApi.WebClientOptions;
  clock: Clock;
  log: Logger;
}): Tokens {
  const renewing = new Map<string, Promise<void>>();
  const clients = new Map<string, webApi.WebClient>();

  const find = (tenant: Tenant) => store.installations.find(tenant, installationSchema);
  const secondsLeft = ({ bot: { refreshToken, expiresAt } }: SlackInstallation): number =>
    refreshToken === undefined || expiresAt === undefined ? Infinity : expiresAt - clock.now() / 1000;

  /** One at a time per tenant; whoever comes meanwhile waits for the one under way. */
  function renew(tenant: Tenant, installation: SlackInstallation): Promise<void> {
    const underWay = renewing.get(tenant.tenant);
    if (underWay !== undefined) return underWay;
    const renewal = installer
      .authorize({
        teamId: installation.team?.id,
        enterpriseId: installation.enterprise?.id,
        isEnterpriseInstall: installation.isEnterpriseInstall,
      })
      .then(async () => {
        // The SDK does not report that Slack refused; the stored token shows it.
        const renewed = await find(tenant);
        const done = renewed !== null && secondsLeft(renewed) > RENEW_SECONDS;
        log[done ? 'info' : 'error']({
          event: done ? 'slack-token-renewed' : 'slack-token-not-renewed',
          tenant: tenant.tenant,
        });
      })
      .catch((error: unknown) =>
        log.error({ event: 'slack-token-not-renewed', tenant: tenant.tenant, ...errorFields(error) }),
      )
      .finally(() => renewing.delete(tenant.tenant));
    renewing.set(tenant.tenant, renewal);
    return renewal;
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
    if (!isServed(tenant, teams)) {
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
    const client = new webApi.WebClient(token, clientOptions);
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
  };
}
