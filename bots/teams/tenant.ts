import type { TeamsConfig } from '../../src/config/config.ts';
import type { Provenance } from './activity.ts';
import { CHANNEL } from './channel-token.ts';

/**
 * Whether an activity comes from where GLIR is for: from Teams, and with a registration from the one tenant, so that
 * nothing in it may name another; from the Playground, which signs nothing, through the Playground's own connector.
 */
export function isServed({ channel, tenants }: Provenance, serviceUrl: string, app: TeamsConfig['app']): boolean {
  if (channel !== CHANNEL || tenants.length === 0) return false;
  return app.kind === 'registered'
    ? tenants.every((tenant) => tenant === app.tenantId)
    : URL.parse(serviceUrl)?.origin === app.origin;
}
