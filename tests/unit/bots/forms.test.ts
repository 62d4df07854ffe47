import { describe, expect, it, vi } from 'vitest';
import { noteForm, submitNoteForm } from '../../../bots/commands/note-form.ts';
import { parseCommand } from '../../../bots/commands/parse-command.ts';
import { type OpenedRoom, runCommand } from '../../../bots/commands/run-command.ts';
import {
  effective,
  loadOwnSettings,
  loadSettings,
  NO_SETTINGS,
  type TenantSettings,
  tenantSettingsSchema,
} from '../../../bots/commands/settings.ts';
import { saveSettings, settingsForm } from '../../../bots/commands/settings-form.ts';
import type { ChoiceField, Choices, Form } from '../../../bots/commands/view.ts';
import { ROSSI } from '../rooms/setup.ts';
import { botContextFor, ENGLISH, LIMITS } from './setup.ts';

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

/** Whom nothing names yet. */
const UNNAMED = { ...ROSSI, displayName: '' };
const ASKED = { language: true, admins: true };

/** What comes back when nothing is changed, or one field is. */
function choicesIn(form: Form, changed: Choices = {}): Choices {
  const shown = form.fields.map((field): [string, string] => {
    if (field.kind === 'people') return [field.id, field.chosen.join(',')];
    return [field.id, field.kind === 'text' ? field.value : field.chosen];
  });
  return { ...Object.fromEntries(shown), ...changed };
}

function choiceFields(form: Form): ChoiceField[] {
  return form.fields.filter((field) => field.kind === 'choice');
}

/** Each field with each of its options, the others as they are. */
function everyChoice(form: Form): Choices[] {
  return choiceFields(form).flatMap(({ id, options }) => options.map(({ value }) => choicesIn(form, { [id]: value })));
}

function formFor(tenant: TenantSettings, lastChoice: Parameters<typeof noteForm>[0]['lastChoice'] = null): Form {
  return noteForm({ ...effective(tenant, LIMITS), name: null, lastChoice }, ROSSI, ENGLISH);
}

const FORMS: [string, Form][] = TENANTS.flatMap(([name, tenant]) => [
  [`the form ${name}`, formFor(tenant)],
  [`the settings ${name}`, settingsForm(tenant, LIMITS, ENGLISH, ASKED)],
]);

describe.each(FORMS)('%s', (_name, form) => {
  it('begins with one of its own options', () => {
    for (const { options, chosen } of choiceFields(form)) expect(options.map(({ value }) => value)).toContain(chosen);
  });

  it('offers nothing twice, and numbers from small to large', () => {
    for (const { options } of choiceFields(form)) {
      const values = options.map(({ value }) => value);
      expect(new Set(values).size).toBe(values.length);
      const numbers = values.map(Number).filter((value) => !Number.isNaN(value));
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    }
  });
});

describe('the form of a new note', () => {
  async function botOf(tenant: TenantSettings) {
    const context = await botContextFor();
    await context.store.settings.save(ROSSI, tenant);
    return context;
  }

  it.each(TENANTS)('reads back and allows everything that it offers (%s)', async (_name, tenant) => {
    const { bot } = await botOf(tenant);
    const choices = everyChoice(formFor(tenant));
    expect(choices.length).toBeGreaterThan(2);
    for (const chosen of choices) {
      expect(await submitNoteForm(chosen, ROSSI, ENGLISH, bot)).toMatchObject({
        kind: 'opened',
        room: {
          policy: {
            expirySeconds: Number(chosen['expiry']),
            admission: chosen['admission'],
            maxReaders: Number(chosen['readers']),
          },
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
    const { bot, rooms } = await botOf(STRICT);
    const submitted = await submitNoteForm(choicesIn(formFor(STRICT), changed), ROSSI, ENGLISH, bot);
    expect(submitted.kind === 'problems' ? Object.keys(submitted.errors) : []).toEqual([field]);
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
  ])('is not the one that brings %j', async (choices) => {
    const { bot, rooms } = await botContextFor();
    expect((await submitNoteForm(choices, ROSSI, ENGLISH, bot)).kind).toBe('unreadable');
    expect(rooms.of(ROSSI)).toEqual([]);
  });

  it.each(['slack', 'teams'] as const)('of %s has asked, so the page asks nothing again', async (platform) => {
    const { bot, rooms } = await botContextFor();
    const doctor = { ...ROSSI, platform };
    const submitted = await submitNoteForm({ expiry: '900', admission: 'pin', readers: '2' }, doctor, ENGLISH, bot);
    const typed = await runCommand(parseCommand('15m'), doctor, bot);
    const asked = rooms.of(doctor).map(({ isChosen, policy }) => [isChosen, policy.admission]);
    expect([submitted.kind, typed.kind]).toEqual(['opened', 'opened']);
    expect(asked).toEqual([
      [true, 'pin'],
      [false, 'ask'],
    ]);
    const ticketOf = (result: unknown) => new URL((result as OpenedRoom).url).hash.slice(1);
    // The page hears of it with its first look at the link, and again with the room, at whichever node.
    expect((await rooms.look(ticketOf(submitted), () => false)).claims.isChosen).toBe(true);
    expect((await rooms.look(ticketOf(typed), () => false)).claims.isChosen).toBe(false);
  });

  it('begins with what the doctor chose last, as far as it is still allowed', async () => {
    const { bot, store } = await botContextFor();
    const now = async () => {
      const settings = await loadSettings(ROSSI, bot);
      return choicesIn(noteForm(settings, ROSSI, ENGLISH));
    };
    await submitNoteForm({ expiry: '7200', admission: 'pin', readers: '10' }, ROSSI, ENGLISH, bot);
    await vi.waitFor(async () => expect(await now()).toEqual({ expiry: '7200', admission: 'pin', readers: '10' }));
    await store.settings.save(ROSSI, STRICT);
    expect(await now()).toEqual({ expiry: '4000', admission: 'ask', readers: '6' });
  });

  it('asks a doctor whom nothing names under which name patients see them, once', async () => {
    const { bot } = await botContextFor();
    const form = async () => noteForm(await loadSettings(UNNAMED, bot), UNNAMED, ENGLISH);
    const first = await form();
    expect(first.fields.at(-1)).toMatchObject({ kind: 'text', id: 'name', value: '' });
    const choices = choicesIn(first, { name: ' Dr Anna Rossi ' });
    const opened = await submitNoteForm(choices, UNNAMED, ENGLISH, bot);
    expect(opened.kind === 'opened' && opened.room.doctor.displayName).toBe('Dr Anna Rossi');
    await vi.waitFor(async () => expect((await form()).fields.map(({ id }) => id)).not.toContain('name'));
    const next = await submitNoteForm(choicesIn(await form()), UNNAMED, ENGLISH, bot);
    expect(next.kind === 'opened' && next.room.doctor.displayName).toBe('Dr Anna Rossi');
  });

  it.each([
    ['two lines', 'Dr\nRossi'],
    ['a link', 'see https://evil.example'],
    ['a mark that turns the text', 'Dr \u202eissoR'],
    ['far too much', 'x'.repeat(61)],
  ])('takes no name that is %s, and opens nothing', async (_what, name) => {
    const { bot, rooms } = await botContextFor();
    const choices = { expiry: '900', admission: 'ask', readers: '1', name };
    const submitted = await submitNoteForm(choices, UNNAMED, ENGLISH, bot);
    expect(submitted.kind === 'problems' ? Object.keys(submitted.errors) : []).toEqual(['name']);
    expect(rooms.of(ROSSI)).toEqual([]);
  });

  it('may leave the doctor without a name', async () => {
    const { bot } = await botContextFor();
    const choices = { expiry: '900', admission: 'ask', readers: '1', name: '' };
    const opened = await submitNoteForm(choices, UNNAMED, ENGLISH, bot);
    expect(opened.kind === 'opened' && opened.room.doctor.displayName).toBe('');
  });
});

describe('the settings', () => {
  const formNow = async (bot: Awaited<ReturnType<typeof botContextFor>>['bot']) =>
    settingsForm(await loadOwnSettings(ROSSI, bot), LIMITS, ENGLISH, ASKED);

  it.each(TENANTS)(
    'save or refuse at its field everything that they offer, and show what was saved (%s)',
    async (_name, tenant) => {
      const { bot, store } = await botContextFor();
      await store.settings.save(ROSSI, tenant);
      const begin = await formNow(bot);
      let saved = 0;
      for (const choices of everyChoice(begin)) {
        await store.settings.save(ROSSI, tenant);
        const result = await saveSettings(ROSSI, choices, ENGLISH, bot);
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
    await saveSettings(ROSSI, choicesIn(await formNow(bot), { expiryMaxSeconds: '3600' }), ENGLISH, bot);
    const lowered = await formNow(bot);
    expect(choiceFields(lowered)[0]?.options.at(-1)?.value).toBe('86400');
    expect(await saveSettings(ROSSI, choicesIn(lowered, { expiryMaxSeconds: '86400' }), ENGLISH, bot)).toEqual({
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
    const result = await saveSettings(ROSSI, choices, ENGLISH, bot);
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
    expect(await saveSettings(ROSSI, choicesIn(await formNow(bot)), ENGLISH, bot)).toEqual({ kind: 'saved' });
    expect((await loadOwnSettings(ROSSI, bot)).phone).toBe('+39 055 123');
    expect(logged()).toMatchObject([{ event: 'settings-changed', platform: 'slack', tenant: 'T1' }]);
    expect(JSON.stringify(logged())).not.toContain(ROSSI.user);
  });

  it('take a phone number as people write it, none, and nothing else', async () => {
    const { bot } = await botContextFor();
    const save = async (phone: string) => saveSettings(ROSSI, choicesIn(await formNow(bot), { phone }), ENGLISH, bot);
    expect(await save(' 06 555 0100 ')).toEqual({ kind: 'saved' });
    expect((await loadOwnSettings(ROSSI, bot)).phone).toBe('06 555 0100');
    const refused = await save('call https://evil.example');
    expect(refused.kind === 'problems' ? Object.keys(refused.errors) : []).toEqual(['phone']);
    expect((await loadOwnSettings(ROSSI, bot)).phone).toBe('06 555 0100');
    expect(await save('')).toEqual({ kind: 'saved' });
    expect((await loadOwnSettings(ROSSI, bot)).phone).toBeNull();
  });

  it('name others who may change them, and the language of whoever chose none', async () => {
    const { bot } = await botContextFor();
    const choices = choicesIn(await formNow(bot), { admins: 'U2,U3', language: 'it' });
    expect(await saveSettings(ROSSI, choices, ENGLISH, bot)).toEqual({ kind: 'saved' });
    expect(await loadOwnSettings(ROSSI, bot)).toMatchObject({ admins: ['U2', 'U3'], language: 'it' });
    expect((await bot.preferences.languageOf(ROSSI)).code).toBe('it');
    await bot.preferences.save(ROSSI, { language: 'de' });
    expect((await bot.preferences.languageOf(ROSSI)).code).toBe('de');
  });

  it.each<[string, Choices]>([
    ['is not ours', {}],
    ['has a choice that was never offered', { expiryMaxSeconds: 'MARKER' }],
    ['has more than there can be', { expiryMaxSeconds: '999999' }],
    ['would allow no way in', { admissions: 'none' }],
  ])('from a form that %s change nothing', async (name, changed) => {
    const { bot, store, logged } = await botContextFor();
    const choices = name === 'is not ours' ? changed : choicesIn(await formNow(bot), changed);
    expect(await saveSettings(ROSSI, choices, ENGLISH, bot)).toEqual({ kind: 'trouble' });
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
    expect(await saveSettings(ROSSI, choices, ENGLISH, broken)).toEqual({ kind: 'trouble' });
    expect(logged().at(-1)).toMatchObject({ event: 'settings-not-saved', error: 'Error' });
    expect(JSON.stringify(logged())).not.toContain('MARKER');
  });
});
