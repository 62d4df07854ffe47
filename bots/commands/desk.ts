import type { Logger } from 'pino';
import type { Audit } from '../../src/audit/audit-log.ts';
import type { Clock } from '../../src/clock.ts';
import type { Config } from '../../src/config/config.ts';
import type { DraftLimits } from '../../src/limits/draft-limits.ts';
import { type Doctor, type Room, roomTag } from '../../src/rooms/room.ts';
import type { RoomService } from '../../src/rooms/room-service.ts';
import type { DoctorId, PastNote, Store, Tenant } from '../../src/store/store.ts';
import { faultOf } from './fault.ts';
import {
  type EffectiveSettings,
  effective,
  NO_SETTINGS,
  type TenantSettings,
  tenantSettingsSchema,
} from './settings.ts';

/** What everything that answers a doctor works with, on every platform. */
export interface BotContext {
  rooms: RoomService;
  /** How many notes may be begun. */
  drafts: DraftLimits;
  clock: Clock;
  store: Store;
  audit: Audit;
  log: Logger;
  publicUrl: string;
  /** The server's own limits. */
  limits: Config['rooms'];
}

/** What a tenant's admin chose. Counts as nothing when it cannot be read, so that doctors can go on. Never rejects. */
export async function ownSettings(
  tenant: Tenant,
  { store, log }: Pick<BotContext, 'store' | 'log'>,
): Promise<TenantSettings> {
  try {
    return (await store.settings.find(tenant, tenantSettingsSchema)) ?? NO_SETTINGS;
  } catch (error) {
    log.error({ event: 'settings-unreadable', platform: tenant.platform, tenant: tenant.tenant, ...faultOf(error) });
    return NO_SETTINGS;
  }
}

/** What holds in a tenant. Never rejects. */
export async function settingsOf(
  tenant: Tenant,
  { store, limits, log }: Pick<BotContext, 'store' | 'limits' | 'log'>,
): Promise<EffectiveSettings> {
  return effective(await ownSettings(tenant, { store, log }), limits);
}

/** A doctor's last notes, at most `limit`; none when they cannot be read. Never rejects. */
export async function pastNotes(
  doctor: DoctorId,
  limit: number,
  { store, log }: Pick<BotContext, 'store' | 'log'>,
): Promise<PastNote[]> {
  try {
    return await store.history.ofDoctor(doctor, limit);
  } catch (error) {
    log.error({ event: 'history-unreadable', platform: doctor.platform, ...faultOf(error) });
    return [];
  }
}

/** The doctor's own live room by its tag; undefined for everybody else's. */
export function ownRoom(doctor: Doctor, tag: string, { rooms }: Pick<BotContext, 'rooms'>): Room | undefined {
  return rooms.of(doctor).find((room) => roomTag(room.id) === tag);
}
