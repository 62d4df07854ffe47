import type { Context } from '@slack/bolt';
import type { Doctor } from '../../src/rooms/room.ts';
import type { Tenant } from '../../src/store/store.ts';

/** What Slack says about where something comes from; it is null or missing where it does not apply. */
export interface SlackPlace {
  isEnterpriseInstall?: boolean | undefined;
  enterpriseId?: string | null | undefined;
  teamId?: string | null | undefined;
}

/** The tenant of a place: the organisation when GLIR is installed in a whole Enterprise Grid, else the workspace. */
export function tenantOf({ isEnterpriseInstall, enterpriseId, teamId }: SlackPlace): Tenant | null {
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
 * A handle as a name to show a patient: `anna.rossi` is `Anna Rossi`. Slack tells the real name only to apps that may
 * read every member's profile, which GLIR does not ask for.
 */
export function nameOf(handle: string): string {
  const words = handle.split(/[._\-\s]+/).filter((word) => word !== '');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
}
