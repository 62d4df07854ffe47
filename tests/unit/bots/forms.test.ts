import { describe, expect, it } from 'vitest';
import { ownSettings } from '../../../bots/commands/desk.ts';
import { FIELD_OF, noteForm, readNoteChoice } from '../../../bots/commands/note-form.ts';
import { openRoom } from '../../../bots/commands/open.ts';
import { effective, NO_SETTINGS, policyFor, tenantSettingsSchema } from '../../../bots/commands/settings.ts';
import { saveSettings, settingsForm } from '../../../bots/commands/settings-form.ts';
import type { Choices, Form } from '../../../bots/commands/view.ts';
import { ROSSI } from '../rooms/setup.ts';
import { deskFor, LIMITS } from './setup.ts';

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
      expect(policyFor(settings, readNoteChoice(chosen))).toMatchObject({
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
    const { desk, rooms } = await deskFor();
    const opened = await openRoom(readNoteChoice(choicesIn(noteForm(settings), changed)), ROSSI, settings, desk);
    expect(Object.entries(FIELD_OF).find(([kind]) => kind === opened.kind)?.[1]).toBe(field);
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
    expect(() => readNoteChoice(choices)).toThrow();
  });
});

describe('the settings', () => {
  const formNow = async (desk: Awaited<ReturnType<typeof deskFor>>['desk']) =>
    settingsForm(effective(await ownSettings(ROSSI, desk), LIMITS), LIMITS);

  it.each(TENANTS)(
    'save or refuse at its field everything that they offer, and show what was saved (%s)',
    async (_name, tenant) => {
      const { desk, store } = await deskFor();
      await store.settings.save(ROSSI, tenant);
      const begin = await formNow(desk);
      let saved = 0;
      for (const choices of everyChoice(begin)) {
        await store.settings.save(ROSSI, tenant);
        const result = await saveSettings(ROSSI, choices, desk);
        if (result.kind === 'problems') {
          expect(begin.fields.map(({ id }) => id)).toEqual(expect.arrayContaining(Object.keys(result.errors)));
          continue;
        }
        expect(result).toEqual({ kind: 'saved' });
        expect(choicesIn(await formNow(desk))).toEqual(choices);
        saved += 1;
      }
      expect(saved).toBeGreaterThan(5);
    },
  );

  it('can be raised again after they were lowered', async () => {
    const { desk } = await deskFor();
    await saveSettings(ROSSI, choicesIn(await formNow(desk), { expiryMaxSeconds: '3600' }), desk);
    const lowered = await formNow(desk);
    expect(lowered.fields[0]?.options.at(-1)?.value).toBe('86400');
    expect(await saveSettings(ROSSI, choicesIn(lowered, { expiryMaxSeconds: '86400' }), desk)).toEqual({
      kind: 'saved',
    });
  });

  it('that contradict each other are refused, each at the field to change, and nothing is saved', async () => {
    const { desk, store } = await deskFor();
    const choices = {
      expiryMaxSeconds: '900',
      expiryDefaultSeconds: '3600',
      admissions: 'ask',
      admissionDefault: 'link',
      readersMax: '1',
      readersDefault: '20',
    };
    const result = await saveSettings(ROSSI, choices, desk);
    expect(result.kind === 'problems' ? Object.keys(result.errors) : []).toEqual([
      'expiryDefaultSeconds',
      'admissionDefault',
      'readersDefault',
    ]);
    expect(await store.settings.find(ROSSI, tenantSettingsSchema)).toBeNull();
  });

  it('keep what the form does not ask for, and the log has the tenant alone', async () => {
    const { desk, store, logged } = await deskFor();
    await store.settings.save(ROSSI, tenantSettingsSchema.parse({ phone: '+39 055 123' }));
    expect(await saveSettings(ROSSI, choicesIn(await formNow(desk)), desk)).toEqual({ kind: 'saved' });
    expect((await ownSettings(ROSSI, desk)).phone).toBe('+39 055 123');
    expect(logged()).toMatchObject([{ event: 'settings-changed', platform: 'slack', tenant: 'T1' }]);
    expect(JSON.stringify(logged())).not.toContain(ROSSI.user);
  });

  it.each<[string, Choices]>([
    ['is not ours', {}],
    ['has a choice that was never offered', { expiryMaxSeconds: 'MARKER' }],
    ['has more than there can be', { expiryMaxSeconds: '999999' }],
    ['would allow no way in', { admissions: 'none' }],
  ])('from a form that %s change nothing', async (name, changed) => {
    const { desk, store, logged } = await deskFor();
    const choices = name === 'is not ours' ? changed : choicesIn(await formNow(desk), changed);
    expect(await saveSettings(ROSSI, choices, desk)).toEqual({ kind: 'trouble' });
    expect(await store.settings.find(ROSSI, tenantSettingsSchema)).toBeNull();
    expect(logged()).toMatchObject([{ event: 'settings-unknown-form' }]);
    expect(JSON.stringify(logged())).not.toContain('MARKER');
  });

  it('that cannot be saved are said to have failed', async () => {
    const { desk, logged } = await deskFor();
    const choices = choicesIn(await formNow(desk));
    const settings = {
      ...desk.store.settings,
      find: () => Promise.resolve(null),
      save: () => Promise.reject(new Error('MARKER')),
    };
    const broken = { ...desk, store: { ...desk.store, settings } };
    expect(await saveSettings(ROSSI, choices, broken)).toEqual({ kind: 'trouble' });
    expect(logged().at(-1)).toMatchObject({ event: 'settings-not-saved', error: 'Error' });
    expect(JSON.stringify(logged())).not.toContain('MARKER');
  });
});
