import type { LimitsConfig } from '../config/config.ts';
import type { Doctor, DoctorId, RoomCounts } from '../rooms/room.ts';
import { createRateCounter } from './rate-counter.ts';

const HOUR = 60 * 60;

/** Whose limit is reached, and what to do about it. */
export type DraftExcess = { whose: 'user' | 'tenant' } & (
  | { kind: 'open-at-once'; most: number }
  | { kind: 'in-an-hour'; most: number; waitSeconds: number }
);

/** How many notes a doctor, and all doctors of a tenant, may begin and have open. */
export interface DraftLimits {
  /**
   * Calls `draft`, which begins one note of the doctor's, or says which limit keeps the doctor from it. `draft` must count
   * in `countHere` as soon as it is called.
   */
  begin<Result>(
    doctor: Doctor,
    draft: () => Promise<Result>,
  ): Promise<Result | { kind: 'limited'; excess: DraftExcess }>;
  /** The doctor has begun a note on another node: it counts in the hour here as well. */
  begunElsewhere(doctor: DoctorId): Promise<void>;
}

/** The rooms that count: on this node, and on all others together. */
interface OpenRooms {
  countHere(doctor: Doctor): RoomCounts;
  countElsewhere(doctor: Doctor): Promise<RoomCounts>;
}

/**
 * The local chat has one doctor who counts as a tenant, and no limit in an hour: whoever reaches it sits at this computer.
 */
export function createDraftLimits(limits: Pick<LimitsConfig, 'notes' | 'rooms'>, rooms: OpenRooms): DraftLimits {
  const begun = {
    user: createRateCounter({ points: limits.notes.user, seconds: HOUR }),
    tenant: createRateCounter({ points: limits.notes.tenant, seconds: HOUR }),
  };

  function openAtOnce(doctor: Doctor, elsewhere: RoomCounts): DraftExcess | null {
    const here = rooms.countHere(doctor);
    for (const whose of doctor.platform === 'local' ? (['tenant'] as const) : (['user', 'tenant'] as const)) {
      const most = limits.rooms[whose];
      if (here[whose] + elsewhere[whose] >= most) return { kind: 'open-at-once', whose, most };
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

  return {
    async begunElsewhere(doctor) {
      if (doctor.platform === 'local') return;
      for (const whose of ['user', 'tenant'] as const) await begun[whose].take(keyOf(doctor, whose));
    },
    async begin(doctor, draft) {
      const elsewhere = await rooms.countElsewhere(doctor);
      const excess =
        openAtOnce(doctor, elsewhere) ??
        (await inAnHour(doctor)) ??
        // Another note may have been begun since; from here to `draft` nothing comes in between.
        openAtOnce(doctor, elsewhere);
      return excess === null ? await draft() : { kind: 'limited', excess };
    },
  };
}

function keyOf({ platform, tenant, user }: DoctorId, whose: 'user' | 'tenant'): string {
  return JSON.stringify(whose === 'user' ? [platform, tenant, user] : [platform, tenant]);
}
