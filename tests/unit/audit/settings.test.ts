import { describe, expect, it } from 'vitest';
import { NO_SETTINGS, type TenantSettings } from '../../../bots/commands/settings.ts';
import { saveSettings, settingsChanges } from '../../../bots/commands/settings-form.ts';
import type { AuditEvent } from '../../../src/audit/audit-events.ts';
import { AuditUnavailable } from '../../../src/audit/audit-log.ts';
import { botContextFor, ENGLISH } from '../bots/setup.ts';
import { ROSSI } from '../rooms/setup.ts';

const CHOICES = {
  expiryMaxSeconds: '3600',
  expiryDefaultSeconds: '600',
  admissions: 'ask',
  admissionDefault: 'ask',
  readersMax: '2',
  readersDefault: '1',
};

describe('a change of the settings', () => {
  const of = (before: Partial<TenantSettings>, after: Partial<TenantSettings>) =>
    settingsChanges(ROSSI, { ...NO_SETTINGS, ...before }, { ...NO_SETTINGS, ...after }).map((change) =>
      'from' in change ? `${change.setting}: ${change.from} > ${change.to}` : change.action,
    );

  it('is a row for each setting that is another one now', () => {
    expect(of({}, {})).toEqual([]);
    expect(of({ readersMax: 2 }, { readersMax: 20, admissions: ['link', 'pin', 'ask'] })).toEqual([
      'admissions: default > link+pin+ask',
      'readersMax: 2 > 20',
    ]);
    expect(of({ admissionDefault: 'link' }, {})).toEqual(['admissionDefault: link > default']);
  });

  it('of the phone number says that it changed, and not the number', () => {
    expect(of({ phone: '06 555 0100' }, { phone: '06 555 0199' })).toEqual(['phone: set > set']);
    expect(of({}, { phone: '06 555 0199' })).toEqual(['phone: not-set > set']);
  });

  /** A bot's context whose audit keeps what it is given, or takes nothing. */
  async function bot({ full = false } = {}) {
    const told: AuditEvent[] = [];
    const take = (...all: AuditEvent[]) => void told.push(...all);
    const require = (...all: AuditEvent[]) => {
      if (full) return Promise.reject(new AuditUnavailable('full'));
      take(...all);
      return Promise.resolve();
    };
    const { bot: own } = await botContextFor();
    return { told, bot: { ...own, audit: { ...own.audit, require, record: take } } };
  }

  it('does not hold when it cannot be written down', async () => {
    const { bot: full } = await bot({ full: true });
    expect(await saveSettings(ROSSI, CHOICES, ENGLISH, full)).toEqual({ kind: 'trouble' });
    const { bot: fine, told } = await bot();
    expect(await saveSettings(ROSSI, CHOICES, ENGLISH, { ...fine, store: full.store })).toEqual({ kind: 'saved' });
    expect(told).toHaveLength(6);
    expect(told[0]).toMatchObject({ action: 'setting-changed', from: 'default' });
  });

  it('that was written down but could not be kept is taken back', async () => {
    const { bot: fine, told } = await bot();
    const save = () => Promise.reject(new Error('disk full'));
    const store = { ...fine.store, settings: { ...fine.store.settings, save } };
    expect(await saveSettings(ROSSI, CHOICES, ENGLISH, { ...fine, store })).toEqual({ kind: 'trouble' });
    expect(told.at(-1)).toMatchObject({ action: 'settings-not-saved', user: 'U1' });
  });
});
