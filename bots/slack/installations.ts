import type { Installation, InstallationQuery, InstallationStore } from '@slack/oauth';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Store, Tenant } from '../../src/store/store.ts';
import { tenantOf } from './tenant.ts';

const named = z.object({ id: z.string(), name: z.string().exactOptional() });

/** What Slack gave us when GLIR was installed: the parts that GLIR uses. */
export const installationSchema = z.object({
  team: named.optional(),
  enterprise: named.optional(),
  /** Who installed GLIR, and so may change its settings. */
  user: z.object({ id: z.string() }),
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
export type SlackInstallation = z.infer<typeof installationSchema>;

/** GLIR's installations, encrypted in the store, as Slack's SDK wants them. Its calls reject with an Error. */
export function installationStore(store: Store, log: Logger): InstallationStore {
  const find = async (query: InstallationQuery<boolean>): Promise<SlackInstallation> => {
    const installation = await store.installations.find(mustBe(tenantOf(query)), installationSchema);
    if (installation === null) throw new Error('GLIR is not installed in this workspace.');
    return installation;
  };
  return {
    async storeInstallation(installation) {
      const tenant = mustBe(tenantOfInstallation(installation));
      await store.installations.save(tenant, installationSchema.parse(installation));
      log.info({ event: 'slack-installation-kept', tenant: tenant.tenant });
    },
    fetchInstallation: async (query) => sdkForm(await find(query)),
    async deleteInstallation(query) {
      await store.removeTenant(mustBe(tenantOf(query)));
    },
  };
}

/** The tenant that an installation is for; null when Slack names none. */
export function tenantOfInstallation(installation: Pick<Installation, 'team' | 'enterprise' | 'isEnterpriseInstall'>) {
  return tenantOf({
    isEnterpriseInstall: installation.isEnterpriseInstall,
    enterpriseId: installation.enterprise?.id,
    teamId: installation.team?.id,
  });
}

function sdkForm({ team, enterprise, user, ...rest }: SlackInstallation): Installation<'v2', boolean> {
  return { ...rest, team, enterprise, user: { id: user.id, token: undefined, scopes: undefined } };
}

function mustBe(tenant: Tenant | null): Tenant {
  if (tenant === null) throw new Error('Slack names no workspace and no organisation.');
  return tenant;
}
