import type { App } from '@slack/bolt';
import { tenantOf as auditTenant } from '../../src/audit/audit-events.ts';
import type { Tenant } from '../../src/store/store.ts';
import type { SlackContext } from './desk.ts';
import { faultOf } from './sdk-log.ts';
import { tenantOf } from './tenant.ts';

/** Forgets a tenant that removed GLIR or took its token back: its rooms end, and then its rows are deleted. */
export function answerRemoval(app: App, bot: SlackContext): void {
  app.event('app_uninstalled', async ({ context }) => forget(tenantOf(context), bot));
  app.event('tokens_revoked', async ({ event, context }) => {
    // A person's own token is none of ours.
    if ((event.tokens.bot ?? []).length > 0) await forget(tenantOf(context), bot);
  });
}

async function forget(tenant: Tenant | null, { rooms, store, audit, log }: SlackContext): Promise<void> {
  if (tenant === null) return;
  audit.record({ action: 'app-uninstalled', ...auditTenant(tenant), where: 'workspace' });
  const ended = await rooms.endTenant(tenant, 'stopped');
  try {
    await store.removeTenant(tenant);
    audit.record({ action: 'tenant-data-removed', ...auditTenant(tenant) });
    log.info({ event: 'slack-removed', tenant: tenant.tenant, ended });
  } catch (error) {
    log.error({ event: 'slack-not-removed', tenant: tenant.tenant, ...faultOf(error) });
    throw error;
  }
}
