import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { z } from 'zod';
import type { DataKey } from '../../../src/config/secret.ts';
import { Secret } from '../../../src/config/secret.ts';
import { StoreError } from '../../../src/store/errors.ts';
import { openStore } from '../../../src/store/open-store.ts';
import type { DoctorId, PastNote, Store } from '../../../src/store/store.ts';
import { standingClock } from '../../support/server/movable-clock.ts';
import { type Place, sqlitePlace } from './places.ts';

export { meddle } from './places.ts';

export const HOUR = 60 * 60 * 1000;
export const DAY = 24 * HOUR;

export const CLINIC = { platform: 'slack', tenant: 'T-CLINIC' } as const;
export const PRACTICE = { platform: 'slack', tenant: 'T-PRACTICE' } as const;
export const ROSSI: DoctorId = { ...CLINIC, user: 'U-ROSSI' };
export const WEBER: DoctorId = { ...CLINIC, user: 'U-WEBER' };

/** Any JSON. */
export const anything = z.unknown();

export function dataKey(id = 'k1'): DataKey {
  return { id, key: new Secret(randomBytes(32).toString('base64')) };
}

export function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), 'glir-store-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

/** A store in SQLite in a folder of its own, unless another folder is given; closed after the test. */
export async function storeIn({ dir = folder(), ...options }: { dir?: string } & StoreOptions = {}) {
  return { dir, ...(await storeAt({ place: sqlitePlace(dir), ...options })) };
}

export interface StoreOptions {
  keys?: readonly DataKey[];
  historyDays?: number;
  clock?: ReturnType<typeof standingClock>;
}

/** A store at a place; closed after the test. */
export async function storeAt({
  place,
  keys = [dataKey()],
  historyDays = 90,
  clock = standingClock(),
}: { place: Place } & StoreOptions) {
  const log: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
  const again = async (): Promise<Store> => {
    const { dir, postgres } = place;
    const store = await openStore({ settings: { dir, postgres, keys, historyDays }, clock, log: logger });
    onTestFinished(() => store.close());
    return store;
  };
  return { place, keys, clock, log, store: await again(), again };
}

/** A note that ended at this time. */
export function pastNote(endedAt: number, more: Partial<PastNote> = {}): PastNote {
  return {
    roomTag: 'AbCd1234',
    createdAt: endedAt - 70_000,
    openedAt: endedAt - 60_000,
    endedAt,
    reason: 'revoked',
    readBy: 1,
    ...more,
  };
}

/** The StoreError that the work ends with. */
export async function storeErrorOf(work: () => unknown): Promise<StoreError> {
  try {
    await work();
  } catch (error) {
    if (error instanceof StoreError) return error;
    throw error;
  }
  throw new Error('there was no error');
}
