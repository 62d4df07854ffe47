import { type Authorize, type AuthorizeResult, webApi } from '@slack/bolt';
import type { InstallProvider } from '@slack/oauth';
import type { Logger } from 'pino';
import type { Clock } from '../../src/clock.ts';
import type { Store, Tenant } from '../../src/store/store.ts';
import { installationSchema, type SlackInstallation } from './installations.ts';
import { faultOf } from './sdk-log.ts';
import { tenantOf } from './tenant.ts';

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
  /** Who installed GLIR. */
  installedBy: string;
}

/** GLIR's tokens, kept fresh. */
export interface Tokens {
  /** For Bolt. Never rejects: without a bot token in the result, GLIR is not installed there or cannot read its token. */
  authorize: Authorize<boolean>;
  /** A client for a tenant; null where GLIR is not installed, or its token cannot be had. */
  of(tenant: Tenant): Promise<TenantClient | null>;
}

/** Renewals of one tenant happen one after the other: Slack takes each refresh token once. */
export function createTokens({
  store,
  installer,
  clientOptions,
  clock,
  log,
}: {
  store: Store;
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
        // The SDK says nothing when Slack refused; the row tells.
        const renewed = await find(tenant);
        const done = renewed !== null && secondsLeft(renewed) > RENEW_SECONDS;
        log[done ? 'info' : 'error']({
          event: done ? 'slack-token-renewed' : 'slack-token-not-renewed',
          tenant: tenant.tenant,
        });
      })
      .catch((error: unknown) =>
        log.error({ event: 'slack-token-not-renewed', tenant: tenant.tenant, ...faultOf(error) }),
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
    try {
      const installation = await fresh(tenant);
      if (installation === null) log.warn({ event: 'slack-not-installed', tenant: tenant.tenant });
      return installation;
    } catch (error) {
      log.error({ event: 'slack-installation-unreadable', tenant: tenant.tenant, ...faultOf(error) });
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
      const place: AuthorizeResult = {
        ...(source.teamId === undefined ? {} : { teamId: source.teamId }),
        ...(source.enterpriseId === undefined ? {} : { enterpriseId: source.enterpriseId }),
      };
      if (installation === null) return place;
      const { token, id, userId } = installation.bot;
      return { ...place, botToken: token, botId: id, botUserId: userId };
    },
    async of(tenant) {
      const installation = await freshOrNull(tenant);
      if (installation === null) return null;
      const { bot, user } = installation;
      return { client: clientOf(bot.token), scopes: bot.scopes, installedBy: user.id };
    },
  };
}
