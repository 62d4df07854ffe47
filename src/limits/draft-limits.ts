import type { LimitsConfig } from '../config/config.ts';
import type { Doctor } from '../rooms/room.ts';
import type { RoomService } from '../rooms/room-service.ts';
import { createRateCounter } from './rate-counter.ts';

const HOUR = 60 * 60;

/** Whose limit is reached, and what to do about it. */
export type DraftExcess = { whose: 'user' | 'tenant' } & (
  | { kind: 'open-at-once'; most: number }
  | { kind: 'in-an-hour'; most: number; waitSeconds: number }
);

/** How many notes a doctor, and all doctors of a tenant, may begin and have open. */
export interface DraftLimits {
  /** Counts one more; null when the doctor may begin it. */
  take(doctor: Doctor): Promise<DraftExcess | null>;
}

/**
 * Watches the rooms to know how many are open. The local chat has one doctor who counts as a tenant, and no limit in an
 * hour: whoever reaches it sits at this computer.
 */
export function createDraftLimits(limits: Pick<LimitsConfig, 'notes' | 'rooms'>, rooms: RoomService): DraftLimits {
  const open = { user: new Map<string, Set<string>>(), tenant: new Map<string, Set<string>>() };
  const begun = {
    user: createRateCounter({ points: limits.notes.user, seconds: HOUR }),
    tenant: createRateCounter({ points: limits.notes.tenant, seconds: HOUR }),
  };

  rooms.onEvent(({ kind, room }) => {
    for (const whose of ['user', 'tenant'] as const) {
      const key = keyOf(room.doctor, whose);
      const ids = open[whose].get(key) ?? new Set();
      if (kind === 'ended') ids.delete(room.id);
      else ids.add(room.id);
      if (ids.size > 0) open[whose].set(key, ids);
      else open[whose].delete(key);
    }
  });

  function openAtOnce(doctor: Doctor): DraftExcess | null {
    for (const whose of doctor.platform === 'local' ? (['tenant'] as const) : (['user', 'tenant'] as const)) {
      const most = limits.rooms[whose];
      const ids = open[whose].get(keyOf(doctor, whose));
      if (ids !== undefined && ids.size >= most) return { kind: 'open-at-once', whose, most };
    }
    return null;
  }

  async function inAnHour(doctor: Doctor): Promise<DraftExcess | null> {
    if (doctor.platform === 'local') return null;
    for (const whose of ['user', 'tenant'] as const) {
      const excess = await begun[whose].take(keyOf(doctor, whose));
      const most = limits.notes[whose];
      if (excess !== null) return { kind: 'in-an-hour', whose, most, waitSeconds: excess.waitSeconds };
    }
    return null;
  }

  return { take: async (doctor) => openAtOnce(doctor) ?? (await inAnHour(doctor)) };
}

function keyOf({ platform, tenant, user }: Doctor, whose: 'user' | 'tenant'): string {
  return JSON.stringify(whose === 'user' ? [platform, tenant, user] : [platform, tenant]);
}
