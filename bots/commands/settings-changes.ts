import { type AuditEvent, personOf } from '../../src/audit/audit-events.ts';
import type { Doctor } from '../../src/rooms/room.ts';
import { type TenantSettings, tenantSettingsSchema } from './settings.ts';

/** What an admin's new settings change, for the audit: a row for each. */
export function changesOf(admin: Doctor, before: TenantSettings, after: TenantSettings): AuditEvent[] {
  return tenantSettingsSchema.keyof().options.flatMap((setting): AuditEvent[] => {
    if (JSON.stringify(before[setting]) === JSON.stringify(after[setting])) return [];
    const [from, to] = [worded(setting, before), worded(setting, after)];
    return [{ action: 'setting-changed', ...personOf(admin), setting, from, to }];
  });
}

/** A phone number is text from outside: the audit says only whether there is one. */
function worded(setting: keyof TenantSettings, settings: TenantSettings): string {
  if (setting === 'phone') return settings.phone === null ? 'not-set' : 'set';
  const value = settings[setting];
  if (value === null) return 'default';
  return Array.isArray(value) ? value.join('+') : String(value);
}
