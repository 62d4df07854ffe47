import { z } from 'zod';
import { type AuditEvent, personOf } from '../../src/audit/audit-events.ts';
import type { Audit } from '../../src/audit/audit-log.ts';
import type { Config } from '../../src/config/config.ts';
import { phoneNumber } from '../../src/config/value-types.ts';
import { ADMISSIONS, LIMITS } from '../../src/protocol/constants.ts';
import type { Doctor } from '../../src/rooms/room.ts';
import type { Tenant } from '../../src/store/store.ts';
import type { BotContext } from './bot-context.ts';
import { type ChatLanguage, chatLanguages, languageOfLocale } from './chat-language.ts';
import { errorFields } from './error-fields.ts';
import { admissionOptions, expiryOptions, numberChoice, readersOptions } from './note-form.ts';
import {
  type EffectiveSettings,
  effective,
  loadOwnSettings,
  type SettingsProblem,
  settingsProblems,
  type TenantSettings,
  tenantSettingsSchema,
} from './settings.ts';
import type { Choices, Field, Form, Option } from './view.ts';

/** As long as a phone number may be. */
const PHONE_CHARACTERS = 32;

/** What doctors may choose from, by the admin's choice; null is everything. */
const ALLOWED = { all: null, checked: ['pin', 'ask'], ask: ['ask'] } as const;

/** How each field is read. People and the language are asked for on some platforms only. */
const choicesSchema = z.object({
  expiryMaxSeconds: numberChoice,
  expiryDefaultSeconds: numberChoice,
  admissions: z.enum(['all', 'checked', 'ask']).transform((chosen) => ALLOWED[chosen]),
  admissionDefault: z.enum(ADMISSIONS),
  readersMax: numberChoice,
  readersDefault: numberChoice,
  phone: z
    .string()
    .transform((typed) => (typed.trim() === '' ? null : typed.trim()))
    .exactOptional(),
  language: z
    .string()
    .transform((chosen) => languageOfLocale(chosen)?.code ?? null)
    .exactOptional(),
  admins: z
    .string()
    .transform((people) => (people === '' ? null : people.split(',')))
    .exactOptional(),
});
type SettingsField = keyof typeof choicesSchema.shape;

/** What a platform has to ask its admins for. */
export interface AskedOfAdmins {
  /** The language that doctors are spoken to in, where the platform does not tell it. */
  language: boolean;
  /** Who else may change the settings, where nothing else says so. */
  admins: boolean;
}

/**
 * The settings as they hold.
 *
 * @param own what the admin chose
 * @param limits the server's own
 */
export function settingsForm(
  own: TenantSettings,
  limits: Config['rooms'],
  language: ChatLanguage,
  asked: AskedOfAdmins,
): Form {
  const { text: say } = language;
  const settings = effective(own, limits);
  const { expiryMaxSeconds, expiryDefaultSeconds, readersMax, readersDefault } = settings;
  const expiries = expiryOptions(language, limits.expiryMaxSeconds, expiryMaxSeconds, expiryDefaultSeconds);
  const readers = readersOptions(language, LIMITS.readersMax, readersMax, readersDefault);
  const allowed = (['ask', 'checked', 'all'] as const).map((value) => ({
    value,
    text: say(`settings.admissions.${value}`),
  }));
  const field = (id: SettingsField & AskedSetting, options: Option[], chosen: string | number): Field => ({
    kind: 'choice',
    id,
    label: say(`settings.${id}`),
    options,
    chosen: String(chosen),
  });
  const languages = chatLanguages().map(({ code, name }) => ({ value: code, text: name }));
  return {
    id: 'glir-settings',
    title: say('settings.title'),
    intro: null,
    submit: say('save'),
    cancel: say('cancel'),
    fields: [
      field('expiryMaxSeconds', expiries, expiryMaxSeconds),
      field('expiryDefaultSeconds', expiries, expiryDefaultSeconds),
      field('admissions', allowed, allowedNow(settings)),
      field('admissionDefault', admissionOptions(language, ['ask', 'pin', 'link']), settings.admissionDefault),
      field('readersMax', readers, readersMax),
      field('readersDefault', readers, readersDefault),
      {
        kind: 'text',
        id: 'phone',
        label: say('settings.phone'),
        hint: say('settings.phone.hint'),
        maxLength: PHONE_CHARACTERS,
        value: own.phone ?? '',
      },
      ...(asked.language ? [field('language', languages, languageOfLocale(own.language)?.code ?? 'en')] : []),
      ...(asked.admins
        ? [{ kind: 'people', id: 'admins', label: say('settings.admins'), chosen: own.admins ?? [] } as const]
        : []),
    ],
  };
}

/** Settings whose fields offer a few choices. */
type AskedSetting = Exclude<keyof TenantSettings, 'phone' | 'admins'>;

function allowedNow({ admissions }: EffectiveSettings): keyof typeof ALLOWED {
  if (admissions.includes('link')) return 'all';
  return admissions.includes('pin') ? 'checked' : 'ask';
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
  language: ChatLanguage,
  { store, audit, log, limits }: Pick<BotContext, 'store' | 'audit' | 'log' | 'limits'>,
): Promise<SavedSettings> {
  const tenant: Tenant = { platform: admin.platform, tenant: admin.tenant };
  const before = await loadOwnSettings(tenant, { store, log });
  const settings = readSettings(choices, before);
  if (settings === null) {
    log.warn({ event: 'settings-unknown-form', ...tenant });
    return { kind: 'trouble' };
  }
  if (settings === 'no-phone') return { kind: 'problems', errors: { phone: language.text('settings.phone.wrong') } };
  const problems = settingsProblems(settings, limits);
  if (problems.length > 0) {
    return { kind: 'problems', errors: Object.fromEntries(problems.map((problem) => problemText(problem, language))) };
  }
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
function readSettings(choices: Choices, before: TenantSettings): TenantSettings | 'no-phone' | null {
  const chosen = choicesSchema.safeParse(choices);
  if (!chosen.success) return null;
  const { phone } = chosen.data;
  if (typeof phone === 'string' && !phoneNumber.safeParse(phone).success) return 'no-phone';
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

const PROBLEM_KEYS = {
  'over-own-limit': 'settings.overOwnLimit',
  'over-server-limit': 'settings.overServerLimit',
  'not-among-allowed': 'settings.notAmongAllowed',
} as const;

function problemText({ field: id, kind }: SettingsProblem, { text: say }: ChatLanguage): [string, string] {
  return [id, say(PROBLEM_KEYS[kind])];
}
