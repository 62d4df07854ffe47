import { z } from 'zod';
import { personOf } from '../../src/audit/audit-events.ts';
import type { Audit } from '../../src/audit/audit-log.ts';
import type { Config } from '../../src/config/config.ts';
import { ADMISSIONS, LIMITS } from '../../src/protocol/constants.ts';
import type { Doctor } from '../../src/rooms/room.ts';
import type { Tenant } from '../../src/store/store.ts';
import { type BotContext, ownSettings } from './desk.ts';
import { faultOf } from './fault.ts';
import { admissionOptions, lifeOptions, numeric, readersOptions } from './options.ts';
import {
  type EffectiveSettings,
  type SettingsProblem,
  settingsProblems,
  type TenantSettings,
  tenantSettingsSchema,
} from './settings.ts';
import { changesOf } from './settings-changes.ts';
import type { Choices, Field, Form } from './view.ts';
import { words } from './words.ts';

/** What doctors may choose from, by the admin's choice; null is everything. */
const ALLOWED = { all: null, checked: ['pin', 'ask'], ask: ['ask'] } as const;

/** How each field is read from its choice. The phone number is text, and so not asked for here. */
const choicesSchema = z.object({
  expiryMaxSeconds: numeric,
  expiryDefaultSeconds: numeric,
  admissions: z.enum(['all', 'checked', 'ask']).transform((chosen) => ALLOWED[chosen]),
  admissionDefault: z.enum(ADMISSIONS),
  readersMax: numeric,
  readersDefault: numeric,
});

/** The settings as they hold; `limits` are the server's own. */
export function settingsForm(settings: EffectiveSettings, limits: Config['rooms']): Form {
  const { expiryMaxSeconds, expiryDefaultSeconds, readersMax, readersDefault } = settings;
  const lives = lifeOptions(limits.expiryMaxSeconds, expiryMaxSeconds, expiryDefaultSeconds);
  const readers = readersOptions(LIMITS.readersMax, readersMax, readersDefault);
  const allowed = [
    { value: 'ask', text: words.settings.admissionsAsk },
    { value: 'checked', text: words.settings.admissionsChecked },
    { value: 'all', text: words.settings.admissionsAll },
  ];
  return {
    id: 'glir-settings',
    title: words.settings.title,
    intro: null,
    submit: words.save,
    cancel: words.cancel,
    fields: [
      field('expiryMaxSeconds', lives, expiryMaxSeconds),
      field('expiryDefaultSeconds', lives, expiryDefaultSeconds),
      field('admissions', allowed, allowedNow(settings)),
      field('admissionDefault', admissionOptions(['ask', 'pin', 'link']), settings.admissionDefault),
      field('readersMax', readers, readersMax),
      field('readersDefault', readers, readersDefault),
    ],
  };
}

function allowedNow({ admissions }: EffectiveSettings): keyof typeof ALLOWED {
  if (admissions.includes('link')) return 'all';
  return admissions.includes('pin') ? 'checked' : 'ask';
}

function field(id: keyof typeof choicesSchema.shape, options: Field['options'], chosen: string | number): Field {
  return { id, label: words.settings[id], options, chosen: String(chosen) };
}

/** What became of submitted settings; `errors` has a sentence for each field to change, by its id. */
export type SavedSettings =
  | { kind: 'saved' }
  | { kind: 'problems'; errors: Record<string, string> }
  | { kind: 'trouble' };

/**
 * Saves an admin's choices that agree with each other and with the server's. Whether it is an admin is the platform's to
 * ask. Never rejects.
 */
export async function saveSettings(
  admin: Doctor,
  choices: Choices,
  { store, audit, log, limits }: Pick<BotContext, 'store' | 'audit' | 'log' | 'limits'>,
): Promise<SavedSettings> {
  const tenant: Tenant = { platform: admin.platform, tenant: admin.tenant };
  const before = await ownSettings(tenant, { store, log });
  const settings = readSettings(choices, before);
  if (settings === null) {
    log.warn({ event: 'settings-unknown-form', ...tenant });
    return { kind: 'trouble' };
  }
  const problems = settingsProblems(settings, limits);
  if (problems.length > 0) return { kind: 'problems', errors: Object.fromEntries(problems.map(problemText)) };
  try {
    // Before they hold: no change goes unrecorded.
    await audit.require(...changesOf(admin, before, settings));
    await keep(() => store.settings.save(tenant, settings), admin, audit);
  } catch (error) {
    log.error({ event: 'settings-not-saved', ...tenant, ...faultOf(error) });
    return { kind: 'trouble' };
  }
  log.info({ event: 'settings-changed', ...tenant });
  return { kind: 'saved' };
}

/** Takes back in the audit what could not be kept. */
async function keep(save: () => Promise<void>, admin: Doctor, audit: Audit): Promise<void> {
  try {
    await save();
  } catch (error) {
    audit.record({ action: 'settings-not-saved', ...personOf(admin) });
    throw error;
  }
}

/** Null for a form that is not ours, or not of this version. What the form does not ask for stays as it is. */
function readSettings(choices: Choices, before: TenantSettings): TenantSettings | null {
  const chosen = choicesSchema.safeParse(choices);
  if (!chosen.success) return null;
  return tenantSettingsSchema.safeParse({ ...before, ...chosen.data }).data ?? null;
}

function problemText({ field: id, kind }: SettingsProblem): [string, string] {
  switch (kind) {
    case 'over-own-limit':
      return [id, words.settings.overOwnLimit];
    case 'over-server-limit':
      return [id, words.settings.overServerLimit];
    case 'not-among-allowed':
      return [id, words.settings.notAmongAllowed];
  }
}
