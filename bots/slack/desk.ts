import type { Logger } from 'pino';
import type { Clock } from '../../src/clock.ts';
import type { Config } from '../../src/config/config.ts';
import type { Origin, Room } from '../../src/rooms/room.ts';
import type { Rooms } from '../../src/rooms/rooms.ts';
import { roomTag } from '../../src/rooms/tag.ts';
import type { Store, Tenant } from '../../src/store/store.ts';
import { effective, NO_SETTINGS, tenantSettingsSchema } from '../commands/settings.ts';
import type { FollowedNotes } from './followed-notes.ts';
import type { Homes } from './homes.ts';
import { faultOf } from './sdk-log.ts';
import type { Tokens } from './tokens.ts';

/** What everything that answers a doctor in Slack works with. */
export interface Desk {
  rooms: Rooms;
  clock: Clock;
  store: Store;
  log: Logger;
  publicUrl: string;
  /** The server's own limits. */
  limits: Config['rooms'];
  tokens: Tokens;
  notes: FollowedNotes;
  homes: Homes;
}

/** What holds in a tenant. Its own settings count as unset when they cannot be read, so that doctors can go on. */
export async function settingsOf(tenant: Tenant, { store, limits, log }: Pick<Desk, 'store' | 'limits' | 'log'>) {
  return effective(await ownSettings(tenant, { store, log }), limits);
}

/** What a tenant's admin chose. */
export async function ownSettings(tenant: Tenant, { store, log }: Pick<Desk, 'store' | 'log'>) {
  try {
    return (await store.settings.find(tenant, tenantSettingsSchema)) ?? NO_SETTINGS;
  } catch (error) {
    log.error({ event: 'slack-settings-unreadable', tenant: tenant.tenant, ...faultOf(error) });
    return NO_SETTINGS;
  }
}

/** The doctor's own live room by its tag; undefined for everybody else's. */
export function ownRoom(origin: Origin, tag: string, { rooms }: Pick<Desk, 'rooms'>): Room | undefined {
  return rooms.of(origin).find((room) => roomTag(room.id) === tag);
}
