import type { Clock } from '../clock.ts';
import type { DoctorId } from '../rooms/room.ts';
import { createTokenBucket } from './token-bucket.ts';

/**
 * What is written for one note, and for all notes of one doctor. Pages that come back over a bad line do so more often than
 * anybody gives a note more time, and after a restart all pages of a doctor come back at once.
 */
const RATES = {
  compose: { room: { burst: 20, perSecond: 0.5 }, doctor: { burst: 120, perSecond: 2 } },
  /** Other notes behind one compose link. */
  another: { room: { burst: 4, perSecond: 0.005 }, doctor: { burst: 120, perSecond: 2 } },
  resume: { room: { burst: 20, perSecond: 0.5 }, doctor: { burst: 120, perSecond: 2 } },
  extend: { room: { burst: 10, perSecond: 0.1 }, doctor: { burst: 20, perSecond: 0.2 } },
  restrict: { room: { burst: 10, perSecond: 0.1 }, doctor: { burst: 20, perSecond: 0.2 } },
} as const;
/** What is written at a doctor's word. */
export type Written = keyof typeof RATES;
/** What a doctor's page tells of its readers, at once and later. */
const REPORTS = { burst: 20, perSecond: 4 };
/** Of so many keys those are forgotten that have asked for nothing lately. */
const KEYS_MAX = 10_000;

/** How often doctors' pages may have something written down, or told to everybody. */
export interface WriteBudget {
  /** For one note of a doctor; `room` is a room's id, or what else stands for one. False when it is one too many. */
  take(what: Written, room: string, doctor: DoctorId | null): boolean;
  /** Whether what a page tells of its readers is told on at once. */
  mayReport(room: string): boolean;
}

export function createWriteBudget(clock: Clock): WriteBudget {
  const reports = bucketsOf(clock, REPORTS);
  const budgets = {
    compose: budgetOf(clock, RATES.compose),
    another: budgetOf(clock, RATES.another),
    resume: budgetOf(clock, RATES.resume),
    extend: budgetOf(clock, RATES.extend),
    restrict: budgetOf(clock, RATES.restrict),
  };
  return {
    take: (what, room, doctor) => budgets[what](room, doctor),
    mayReport: reports,
  };
}

function budgetOf(clock: Clock, rates: (typeof RATES)[Written]): (room: string, doctor: DoctorId | null) => boolean {
  const rooms = bucketsOf(clock, rates.room);
  const doctors = bucketsOf(clock, rates.doctor);
  return (room, doctor) => {
    if (!rooms(room)) return false;
    return doctor === null || doctors(JSON.stringify([doctor.platform, doctor.tenant, doctor.user]));
  };
}

/** A token bucket for each key. */
function bucketsOf(clock: Clock, rate: { burst: number; perSecond: number }): (key: string) => boolean {
  const fullAfterMs = (rate.burst / rate.perSecond) * 1000;
  const buckets = new Map<string, { take: () => boolean; at: number }>();

  function forgetFull(): void {
    const since = clock.uptime() - fullAfterMs;
    for (const [key, { at }] of buckets) {
      if (at > since && buckets.size < 2 * KEYS_MAX) break;
      buckets.delete(key);
    }
  }

  return (key) => {
    if (buckets.size >= KEYS_MAX) forgetFull();
    const bucket = buckets.get(key) ?? { take: createTokenBucket(clock, rate), at: 0 };
    bucket.at = clock.uptime();
    // The one that was asked for last comes last.
    buckets.delete(key);
    buckets.set(key, bucket);
    return bucket.take();
  };
}
