import { z } from 'zod';
import { type AuditEvent, personOf } from '../../src/audit/audit-events.ts';
import type { Audit } from '../../src/audit/audit-log.ts';
import type { Config } from '../../src/config/config.ts';
import { ADMISSIONS, LIMITS } from '../../src/protocol/constants.ts';
import type { Doctor } from '../../src/rooms/room.ts';
import type { Tenant } from '../../src/store/store.ts';
import type { BotContext } from './bot-context.ts';
import { errorFields } from './error-fields.ts';
import { admissionOptions, expiryOptions, numberChoice, readersOptions } from './note-form.ts';
import {
  type EffectiveSettings,
  loadOwnSettings,
  type SettingsProblem,
  settingsProblems,
  type TenantSettings,
  tenantSettingsSchema,
} from './settings.ts';
import { strings } from './strings.ts';
import type { Choices, Field, Form } from './view.ts';

/** What doctors may choose from, by the admin's choice; null is everything. */
const ALLOWED = { all: null, checked: ['pin', 'ask'], ask: ['ask'] } as const;

/** How each field is read from its choice. The phone number is text, and so no field of this form. */
const choicesSchema = z.object({
  expiryMaxSeconds: numberChoice,
  expiryDefaultSeconds: numberChoice,
  admissions: z.enum(['all', 'checked', 'ask']).transform((chosen) => ALLOWED[chosen]),
  admissionDefault: z.enum(ADMISSIONS),
  readersMax: numberChoice,
  readersDefault: numberChoice,
});

/** The settings as they hold; `limits` are the server's own. */
export function settingsForm(settings: EffectiveSettings, limits: Config['rooms']): Form {
  const { expiryMaxSeconds, expiryDefaultSeconds, readersMax, readersDefault } = settings;
  const expiries = expiryOptions(limits.expiryMaxSeconds, expiryMaxSeconds, expiryDefaultSeconds);
  const readers = readersOptions(LIMITS.readersMax, readersMax, readersDefault);
  const allowed = [
    { value: 'ask', text: strings.settings.admissionsAsk },
    { value: 'checked', text: strings.settings.admissionsChecked },
    { value: 'all', text: strings.settings.admissionsAll },
  ];
  return {
    id: 'glir-settings',
    title: strings.settings.title,
    intro: null,
    submit: strings.save,
    cancel: strings.cancel,
    fields: [
      field('expiryMaxSeconds', expiries, expiryMaxSeconds),
      field('expiryDefaultSeconds', expiries, expiryDefaultSeconds),
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
  return { id, label: strings.settings[id], options, chosen: String(chosen) };
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
  const before = await loadOwnSettings(tenant, { store, log });
  const settings = readSettings(choices, before);
  if (settings === null) {
    log.warn({ event: 'settings-unknown-form', ...tenant });
    return { kind: 'trouble' };
  }
  const problems = settingsProblems(settings, limits);
  if (problems.length > 0) return { kind: 'problems', errors: Object.fromEntries(problems.map(problemText)) };
  try {
    // Before they hold: no change goes unrecorded.
    await audit.require(...settingsChanges(admin, before, settings));
    await saveOrTakeBack(() => store.settings.save(tenant, settings), admin, audit);
  } catch (error) {
    log.error({ event: 'settings-not-saved', ...tenant, ...errorFields(error) });
    return { kind: 'trouble' };
  }
  log.info({ event: 'settings-changed', ...tenant });
  return { kind: 'saved' };
}

/** Takes the change back in the audit when it could not be saved. */
async function saveOrTakeBack(save: () => Promise<void>, admin: Doctor, audit: Audit): Promise<void> {
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

/** What an admin's new settings change, for the audit: a row for each. */
export function settingsChanges(admin: Doctor, before: TenantSettings, after: TenantSettings): AuditEvent[] {
  return tenantSettingsSchema.keyof().options.flatMap((setting): AuditEvent[] => {
    if (JSON.stringify(before[setting]) === JSON.stringify(after[setting])) return [];
    const [from, to] = [auditText(setting, before), auditText(setting, after)];
    return [{ action: 'setting-changed', ...personOf(admin), setting, from, to }];
  });
}

/** A phone number is text from outside: the audit says only whether there is one. */
function auditText(setting: keyof TenantSettings, settings: TenantSettings): string {
  if (setting === 'phone') return settings.phone === null ? 'not-set' : 'set';
  const value = settings[setting];
  if (value === null) return 'default';
  return Array.isArray(value) ? value.join('+') : String(value);
}

function problemText({ field: id, kind }: SettingsProblem): [string, string] {
  switch (kind) {
    case 'over-own-limit':
      return [id, strings.settings.overOwnLimit];
    case 'over-server-limit':
      return [id, strings.settings.overServerLimit];
    case 'not-among-allowed':
      return [id, strings.settings.notAmongAllowed];
  }
}
