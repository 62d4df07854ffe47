import type { Logger } from 'pino';
import { z } from 'zod';
import type { Config } from '../../src/config/config.ts';
import { phoneNumber } from '../../src/config/value-types.ts';
import { ADMISSIONS, type Admission, LIMITS } from '../../src/protocol/constants.ts';
import type { Policy } from '../../src/protocol/messages.ts';
import { strictestOf } from '../../src/rooms/policy.ts';
import type { DoctorId, Store, Tenant } from '../../src/store/store.ts';
import { errorFields } from './error-fields.ts';
import type { DoctorPreferences, Preferences } from './preferences.ts';

const seconds = z.int().min(LIMITS.expiryMinSeconds).max(LIMITS.expiryMaxSeconds);
const readers = z.int().min(1).max(LIMITS.readersMax);

/** What a tenant's admin chose for all its doctors; null is the server's own default. Missing fields count as null. */
export const tenantSettingsSchema = z.object({
  expiryDefaultSeconds: seconds.nullable().default(null),
  expiryMaxSeconds: seconds.nullable().default(null),
  admissions: z.array(z.enum(ADMISSIONS)).min(1).nullable().default(null),
  admissionDefault: z.enum(ADMISSIONS).nullable().default(null),
  readersDefault: readers.nullable().default(null),
  readersMax: readers.nullable().default(null),
  /** The practice's phone number, for patients whose note is gone. */
  phone: phoneNumber.nullable().default(null),
  /** Code of the language for doctors who did not choose one. */
  language: z.string().nullable().default(null),
  /** Who else may change these settings, by the platform's ids of people. */
  admins: z
    .array(z.string().regex(/^[A-Z0-9]{2,20}$/))
    .max(20)
    .nullable()
    .default(null),
});
export type TenantSettings = z.infer<typeof tenantSettingsSchema>;

/** The settings of a tenant whose admin chose nothing. */
export const NO_SETTINGS: TenantSettings = tenantSettingsSchema.parse({});

/** What holds for a tenant's doctors: no null left, defaults within the limits, limits within the server's. */
export interface EffectiveSettings {
  expiryDefaultSeconds: number;
  expiryMaxSeconds: number;
  /** At least one. */
  admissions: readonly Admission[];
  admissionDefault: Admission;
  readersDefault: number;
  readersMax: number;
  phone: string | null;
}

/** What holds for one doctor. */
export interface DoctorSettings extends EffectiveSettings {
  /** What patients see, as the doctor set it; null when they did not. */
  name: string | null;
  /** What the doctor chose in the last form. */
  lastChoice: Preferences['lastChoice'];
}

/** What is wrong with an admin's settings, and the field to change. */
export interface SettingsProblem {
  field: 'expiryDefaultSeconds' | 'expiryMaxSeconds' | 'admissionDefault' | 'readersDefault';
  kind: 'over-server-limit' | 'over-own-limit' | 'not-among-allowed';
}

/** What a doctor chose for one note; undefined is the tenant's default. */
export type Choice = { readonly [Field in keyof Policy]?: Policy[Field] | undefined };

/** Why a choice is refused, and what would do. */
export type PolicyRefusal =
  | { kind: 'out-of-range'; minSeconds: number; maxSeconds: number }
  | { kind: 'admission-not-allowed'; allowed: readonly Admission[] }
  | { kind: 'readers-out-of-range'; min: number; max: number };

/** Where settings are read. */
interface SettingsSource {
  store: Store;
  log: Logger;
}

/** What a tenant's admin chose. Counts as nothing when it cannot be read, so that doctors can go on. Never rejects. */
export async function loadOwnSettings(tenant: Tenant, { store, log }: SettingsSource): Promise<TenantSettings> {
  try {
    return (await store.settings.find(tenant, tenantSettingsSchema)) ?? NO_SETTINGS;
  } catch (error) {
    log.error({
      event: 'settings-unreadable',
      platform: tenant.platform,
      tenant: tenant.tenant,
      ...errorFields(error),
    });
    return NO_SETTINGS;
  }
}

/** What holds for a doctor. Never rejects. */
export async function loadSettings(
  doctor: DoctorId,
  { store, limits, log, preferences }: SettingsSource & { limits: Config['rooms']; preferences: DoctorPreferences },
): Promise<DoctorSettings> {
  const [own, { name, lastChoice }] = await Promise.all([
    loadOwnSettings(doctor, { store, log }),
    preferences.of(doctor),
  ]);
  return { ...effective(own, limits), name, lastChoice };
}

/** A tenant's settings within the server's limits. A stored default that its limit no longer allows is lowered to it. */
export function effective(settings: TenantSettings, server: Config['rooms']): EffectiveSettings {
  const expiryMaxSeconds = Math.min(settings.expiryMaxSeconds ?? server.expiryMaxSeconds, server.expiryMaxSeconds);
  const readersMax = settings.readersMax ?? LIMITS.readersMax;
  const admissions = ADMISSIONS.filter((admission) => settings.admissions?.includes(admission) ?? true);
  return {
    expiryDefaultSeconds: Math.min(settings.expiryDefaultSeconds ?? server.expiryDefaultSeconds, expiryMaxSeconds),
    expiryMaxSeconds,
    admissions,
    admissionDefault: defaultAdmission(settings.admissionDefault, admissions),
    readersDefault: Math.min(settings.readersDefault ?? server.readersDefault, readersMax),
    readersMax,
    phone: settings.phone ?? server.phone,
  };
}

/** What is wrong with an admin's settings; empty when they agree with each other and with the server. */
export function settingsProblems(settings: TenantSettings, server: Config['rooms']): SettingsProblem[] {
  const { expiryDefaultSeconds, expiryMaxSeconds, admissionDefault, readersDefault } = settings;
  const limits = effective(settings, server);
  const problems: SettingsProblem[] = [];
  if ((expiryMaxSeconds ?? 0) > server.expiryMaxSeconds) {
    problems.push({ field: 'expiryMaxSeconds', kind: 'over-server-limit' });
  }
  if ((expiryDefaultSeconds ?? 0) > limits.expiryMaxSeconds) {
    problems.push({ field: 'expiryDefaultSeconds', kind: 'over-own-limit' });
  }
  if (admissionDefault !== null && !limits.admissions.includes(admissionDefault)) {
    problems.push({ field: 'admissionDefault', kind: 'not-among-allowed' });
  }
  if ((readersDefault ?? 0) > limits.readersMax) problems.push({ field: 'readersDefault', kind: 'over-own-limit' });
  return problems;
}

/** The policy of a doctor's draft: the choice where there is one, the tenant's defaults otherwise. */
export function policyFor(
  settings: EffectiveSettings,
  choice: Choice,
): PolicyRefusal | { kind: 'policy'; policy: Policy } {
  const policy: Policy = {
    expirySeconds: choice.expirySeconds ?? settings.expiryDefaultSeconds,
    admission: choice.admission ?? settings.admissionDefault,
    maxReaders: choice.maxReaders ?? settings.readersDefault,
    showName: choice.showName ?? true,
  };
  const { expiryMaxSeconds: maxSeconds, admissions: allowed, readersMax: max } = settings;
  const minSeconds = LIMITS.expiryMinSeconds;
  if (!isWithin(policy.expirySeconds, minSeconds, maxSeconds)) return { kind: 'out-of-range', minSeconds, maxSeconds };
  if (!allowed.includes(policy.admission)) return { kind: 'admission-not-allowed', allowed };
  if (!isWithin(policy.maxReaders, 1, max)) return { kind: 'readers-out-of-range', min: 1, max };
  return { kind: 'policy', policy };
}

/** The stricter one where the admin's choice is not allowed, or there is none. */
function defaultAdmission(chosen: Admission | null, allowed: readonly Admission[]): Admission {
  if (chosen !== null && allowed.includes(chosen)) return chosen;
  return strictestOf(allowed);
}

function isWithin(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}
