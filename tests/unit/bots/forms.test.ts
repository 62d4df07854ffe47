import { describe, expect, it } from 'vitest';
import { noteForm, readNoteChoice, refusedField } from '../../../bots/commands/note-form.ts';
import { openRoom } from '../../../bots/commands/run-command.ts';
import {
  effective,
  loadOwnSettings,
  NO_SETTINGS,
  policyFor,
  tenantSettingsSchema,
} from '../../../bots/commands/settings.ts';
import { saveSettings, settingsForm } from '../../../bots/commands/settings-form.ts';
import type { Choices, Form } from '../../../bots/commands/view.ts';
import { ROSSI } from '../rooms/setup.ts';
import { botContextFor, LIMITS } from './setup.ts';

const STRICT = tenantSettingsSchema.parse({
  expiryMaxSeconds: 5_400,
  expiryDefaultSeconds: 4_000,
  readersMax: 7,
  readersDefault: 6,
  admissions: ['ask'],
});
const TENANTS = [
  ['without settings', NO_SETTINGS],
  ['of a strict admin', STRICT],
  ['with the least there can be', tenantSettingsSchema.parse({ expiryMaxSeconds: 60, readersMax: 1 })],
] as const;

/** What comes back when nothing is changed, or one field is. */
function choicesIn(form: Form, changed: Choices = {}): Choices {
  return { ...Object.fromEntries(form.fields.map(({ id, chosen }) => [id, chosen])), ...changed };
}

/** Each field with each of its options, the others as they are. */
function everyChoice(form: Form): Choices[] {
  return form.fields.flatMap(({ id, options }) => options.map(({ value }) => choicesIn(form, { [id]: value })));
}

const FORMS: [string, Form][] = TENANTS.flatMap(([name, tenant]) => [
  [`the form ${name}`, noteForm(effective(tenant, LIMITS))],
  [`the settings ${name}`, settingsForm(effective(tenant, LIMITS), LIMITS)],
]);

describe.each(FORMS)('%s', (_name, form) => {
  it('begins with one of its own options', () => {
    for (const { options, chosen } of form.fields) expect(options.map(({ value }) => value)).toContain(chosen);
  });

  it('offers nothing twice, and numbers from small to large', () => {
    for (const { options } of form.fields) {
      const values = options.map(({ value }) => value);
      expect(new Set(values).size).toBe(values.length);
      const numbers = values.map(Number).filter((value) => !Number.isNaN(value));
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
  });
});

describe('the form of a new note', () => {
  it.each(TENANTS)('reads back and allows everything that it offers (%s)', (_name, tenant) => {
    const settings = effective(tenant, LIMITS);
    const choices = everyChoice(noteForm(settings));
    expect(choices.length).toBeGreaterThan(2);
    for (const chosen of choices) {
      expect(policyFor(settings, readNoteChoice(chosen) ?? {})).toMatchObject({
        kind: 'policy',
        policy: {
          expirySeconds: Number(chosen['expiry']),
          admission: chosen['admission'],
          maxReaders: Number(chosen['readers']),
        },
      });
    }
  });

  it.each([
    [{ expiry: '90000' }, 'expiry'],
    [{ expiry: '0' }, 'expiry'],
    [{ admission: 'link' }, 'admission'],
    [{ readers: '8' }, 'readers'],
  ])('has a field to point at when %j is refused', async (changed, field) => {
    const settings = effective(STRICT, LIMITS);
    const { bot, rooms } = await botContextFor();
    const choice = readNoteChoice(choicesIn(noteForm(settings), changed));
    const opened = await openRoom(choice ?? {}, ROSSI, settings, bot);
    expect(opened.kind === 'opened' ? '' : refusedField(opened)).toBe(field);
    expect(rooms.of(ROSSI)).toEqual([]);
  });

  it.each<Choices>([
    {},
    { expiry: '900' },
    { expiry: '', admission: 'ask', readers: '3' },
    { expiry: '9e2', admission: 'ask', readers: '3' },
    { expiry: '-900', admission: 'ask', readers: '3' },
    { expiry: '900.5', admission: 'ask', readers: '3' },
    { expiry: '900', admission: 'everybody', readers: '3' },
    { expiry: '900', admission: 'ask', readers: 'MARKER' },
    { expiry: '99999999999', admission: 'ask', readers: '3' },
  ])('is not the one that brings %j', (choices) => {
    expect(readNoteChoice(choices)).toBeNull();
  });
});

describe('the settings', () => {
  const formNow = async (bot: Awaited<ReturnType<typeof botContextFor>>['bot']) =>
    settingsForm(effective(await loadOwnSettings(ROSSI, bot), LIMITS), LIMITS);

  it.each(TENANTS)(
    'save or refuse at its field everything that they offer, and show what was saved (%s)',
    async (_name, tenant) => {
      const { bot, store } = await botContextFor();
      await store.settings.save(ROSSI, tenant);
      const begin = await formNow(bot);
      let saved = 0;
      for (const choices of everyChoice(begin)) {
        await store.settings.save(ROSSI, tenant);
        const result = await saveSettings(ROSSI, choices, bot);
        if (result.kind === 'problems') {
          expect(begin.fields.map(({ id }) => id)).toEqual(expect.arrayContaining(Object.keys(result.errors)));
          continue;
        }
        expect(result).toEqual({ kind: 'saved' });
        expect(choicesIn(await formNow(bot))).toEqual(choices);
        saved += 1;
      }
      expect(saved).toBeGreaterThan(5);
    },
  );

  it('can be raised again after they were lowered', async () => {
    const { bot } = await botContextFor();
    await saveSettings(ROSSI, choicesIn(await formNow(bot), { expiryMaxSeconds: '3600' }), bot);
    const lowered = await formNow(bot);
    expect(lowered.fields[0]?.options.at(-1)?.value).toBe('86400');
    expect(await saveSettings(ROSSI, choicesIn(lowered, { expiryMaxSeconds: '86400' }), bot)).toEqual({
      kind: 'saved',
    });
  });

  it('that contradict each other are refused, each at the field to change, and nothing is saved', async () => {
    const { bot, store } = await botContextFor();
    const choices = {
      expiryMaxSeconds: '900',
      expiryDefaultSeconds: '3600',
      admissions: 'ask',
      admissionDefault: 'link',
      readersMax: '1',
      readersDefault: '20',
    };
    const result = await saveSettings(ROSSI, choices, bot);
    expect(result.kind === 'problems' ? Object.keys(result.errors) : []).toEqual([
      'expiryDefaultSeconds',
      'admissionDefault',
      'readersDefault',
    ]);
    expect(await store.settings.find(ROSSI, tenantSettingsSchema)).toBeNull();
  });

  it('keep what the form does not ask for, and the log has the tenant alone', async () => {
    const { bot, store, logged } = await botContextFor();
    await store.settings.save(ROSSI, tenantSettingsSchema.parse({ phone: '+39 055 123' }));
    expect(await saveSettings(ROSSI, choicesIn(await formNow(bot)), bot)).toEqual({ kind: 'saved' });
    expect((await loadOwnSettings(ROSSI, bot)).phone).toBe('+39 055 123');
    expect(logged()).toMatchObject([{ event: 'settings-changed', platform: 'slack', tenant: 'T1' }]);
    expect(JSON.stringify(logged())).not.toContain(ROSSI.user);
  });

  it.each<[string, Choices]>([
    ['is not ours', {}],
    ['has a choice that was never offered', { expiryMaxSeconds: 'MARKER' }],
    ['has more than there can be', { expiryMaxSeconds: '999999' }],
    ['would allow no way in', { admissions: 'none' }],
  ])('from a form that %s change nothing', async (name, changed) => {
    const { bot, store, logged } = await botContextFor();
    const choices = name === 'is not ours' ? changed : choicesIn(await formNow(bot), changed);
    expect(await saveSettings(ROSSI, choices, bot)).toEqual({ kind: 'trouble' });
    expect(await store.settings.find(ROSSI, tenantSettingsSchema)).toBeNull();
    expect(logged()).toMatchObject([{ event: 'settings-unknown-form' }]);
    expect(JSON.stringify(logged())).not.toContain('MARKER');
  });

  it('that cannot be saved are said to have failed', async () => {
    const { bot, logged } = await botContextFor();
    const choices = choicesIn(await formNow(bot));
    const settings = {
      ...bot.store.settings,
      find: () => Promise.resolve(null),
      save: () => Promise.reject(new Error('MARKER')),
    };
    const broken = { ...bot, store: { ...bot.store, settings } };
    expect(await saveSettings(ROSSI, choices, broken)).toEqual({ kind: 'trouble' });
    expect(logged().at(-1)).toMatchObject({ event: 'settings-not-saved', error: 'Error' });
    expect(JSON.stringify(logged())).not.toContain('MARKER');
  });
});
