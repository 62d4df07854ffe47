import type { Logger } from 'pino';
import { z } from 'zod';
import type { Clock } from '../../src/clock.ts';
import { ADMISSIONS } from '../../src/protocol/constants.ts';
import type { DoctorId, Store, Tenant } from '../../src/store/store.ts';
import { type ChatLanguage, english, languageOfLocale } from './chat-language.ts';
import { errorFields } from './error-fields.ts';

/** A name as patients may see it, at most. */
export const NAME_CHARACTERS = 60;
/** Control characters, line breaks, halves of characters, and marks that turn the direction of the text after them. */
const UNSHOWN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
/** What would be taken for a link, or for markup. */
const LINK_OR_MARKUP = /[<>@]|:\/\/|www\./i;

/** What a doctor is called, as text of one line. */
export const doctorName = z
  .string()
  .trim()
  .min(1)
  .refine((name) => [...name].length <= NAME_CHARACTERS && !UNSHOWN.test(name) && !LINK_OR_MARKUP.test(name));

const preferencesSchema = z.object({
  /** What patients see; null until the doctor says so. */
  name: doctorName.nullable().default(null),
  /** Code of the language that the doctor chose, or that their chat is in. */
  language: z.string().nullable().default(null),
  /** What the doctor chose in the last form. */
  lastChoice: z
    .object({ expirySeconds: z.int(), admission: z.enum(ADMISSIONS), maxReaders: z.int() })
    .nullable()
    .default(null),
  /** Whether GLIR has introduced itself. */
  welcomed: z.boolean().default(false),
});

/** What a doctor chose for themselves. */
export type Preferences = z.infer<typeof preferencesSchema>;

const NONE: Preferences = preferencesSchema.parse({});

/** Doctors' preferences, as the bots read them. */
export interface DoctorPreferences {
  /** As they are, or as they were known last where the store cannot be read in time. Never rejects. */
  of(doctor: DoctorId): Promise<Preferences>;
  /** Keeps some of them. Rejects when they cannot be kept. */
  save(doctor: DoctorId, change: Partial<Preferences>): Promise<void>;
  /**
   * The language to speak to a doctor in: their own, otherwise what the tenant's admin chose, otherwise English. Never rejects.
   */
  languageOf(doctor: DoctorId): Promise<ChatLanguage>;
}

/** Doctors whose preferences are remembered, for when the store does not answer. */
const REMEMBERED_MAX = 10_000;
/** A platform waits for GLIR's answer. */
const PATIENCE_MS = 500;

/** @param languageOfTenant what a tenant's admin chose; it never rejects */
export function createPreferences(
  { store, clock, log }: { store: Store; clock: Clock; log: Logger },
  languageOfTenant: (tenant: Tenant) => Promise<string | null>,
): DoctorPreferences {
  const remembered = new Map<string, Preferences>();
  const languages = new Map<string, ChatLanguage>();

  /** What is there in time, or what was there last. */
  async function inTime<Value>(
    key: string,
    known: Map<string, Value>,
    otherwise: () => Value,
    read: () => Promise<Value>,
  ): Promise<Value> {
    const last = () => known.get(key) ?? otherwise();
    const reading = read().then(
      (value) => {
        known.delete(key);
        known.set(key, value);
        const [oldest] = known.keys();
        if (known.size > REMEMBERED_MAX && oldest !== undefined) known.delete(oldest);
        return value;
      },
      (error: unknown) => {
        log.warn({ event: 'preferences-unreadable', ...errorFields(error) });
        return last();
      },
    );
    return await new Promise((resolve) => {
      const timer = clock.after(PATIENCE_MS, () => resolve(last()));
      void reading.then((value) => {
        timer.cancel();
        resolve(value);
      });
    });
  }

  function of(doctor: DoctorId): Promise<Preferences> {
    return inTime(
      keyOf(doctor),
      remembered,
      () => NONE,
      () => store.preferences.ofDoctor(doctor, preferencesSchema),
    );
  }

  return {
    of,
    async save(doctor, change) {
      const items = Object.entries(change);
      for (const [item, value] of items) await store.preferences.save(doctor, item, value);
      const before = remembered.get(keyOf(doctor));
      if (before !== undefined) remembered.set(keyOf(doctor), { ...before, ...change });
    },
    languageOf: (doctor) =>
      inTime(keyOf(doctor), languages, english, async () => {
        const [own, tenants] = await Promise.all([of(doctor), languageOfTenant(doctor)]);
        return languageOfLocale(own.language) ?? languageOfLocale(tenants) ?? english();
      }),
  };
}

function keyOf({ platform, tenant, user }: DoctorId): string {
  return JSON.stringify([platform, tenant, user]);
}
