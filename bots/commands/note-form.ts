import { z } from 'zod';
import { ADMISSIONS, type Admission } from '../../src/protocol/constants.ts';
import type { Doctor } from '../../src/rooms/room.ts';
import type { BotContext } from './bot-context.ts';
import type { ChatLanguage } from './chat-language.ts';
import { errorFields } from './error-fields.ts';
import { refusalText } from './note-views.ts';
import { nameField, PERSONAL_FIELDS, readName } from './personal-form.ts';
import { type OpenedRoom, type OpenRefusal, openRoom } from './run-command.ts';
import { type DoctorSettings, loadSettings, type PolicyRefusal } from './settings.ts';
import type { Choices, Form, Option } from './view.ts';

const FIELDS = { expiry: 'expiry', admission: 'admission', readers: 'readers' } as const;

/**
 * The form of a new note: three choices, the doctor's last ones first as far as they are still allowed, otherwise the tenant's
 * defaults. A doctor whom nothing names yet is asked under which name patients are to see them.
 */
export function noteForm(settings: DoctorSettings, doctor: Doctor, language: ChatLanguage): Form {
  const { text: say } = language;
  const { expiryMaxSeconds, expiryDefaultSeconds, readersMax, readersDefault } = settings;
  const chosen = defaultsOf(settings);
  return {
    id: 'glir-form',
    title: say('form.title'),
    intro: say('form.intro'),
    submit: say('continue'),
    cancel: say('cancel'),
    fields: [
      {
        kind: 'choice',
        id: FIELDS.expiry,
        label: say('form.expiry'),
        options: expiryOptions(language, expiryMaxSeconds, expiryDefaultSeconds, chosen.expirySeconds),
        chosen: String(chosen.expirySeconds),
      },
      {
        kind: 'choice',
        id: FIELDS.admission,
        label: say('form.admission'),
        options: admissionOptions(language, settings.admissions),
        chosen: chosen.admission,
      },
      {
        kind: 'choice',
        id: FIELDS.readers,
        label: say('form.readers'),
        options: readersOptions(language, readersMax, readersDefault, chosen.maxReaders),
        chosen: String(chosen.maxReaders),
      },
      ...(isUnnamed(settings, doctor) ? [nameField(null, language)] : []),
    ],
  };
}

function isUnnamed({ name }: DoctorSettings, { displayName }: Doctor): boolean {
  return name === null && displayName === '';
}

/** What the form begins with. */
function defaultsOf(settings: DoctorSettings): NonNullable<DoctorSettings['lastChoice']> {
  const { expiryMaxSeconds, readersMax, admissions, lastChoice: last } = settings;
  return {
    expirySeconds:
      last !== null && last.expirySeconds <= expiryMaxSeconds ? last.expirySeconds : settings.expiryDefaultSeconds,
    admission: last !== null && admissions.includes(last.admission) ? last.admission : settings.admissionDefault,
    maxReaders: last !== null && last.maxReaders <= readersMax ? last.maxReaders : settings.readersDefault,
  };
}

/** What came of a submitted form of a new note. */
export type SubmittedNote =
  | OpenedRoom
  /** A sentence for each field to change, by its id. */
  | { kind: 'problems'; errors: Record<string, string>; form: Form }
  /** No other choice would do. */
  | { kind: 'refused'; sentence: string }
  /** The form is not ours, or not of this version. */
  | { kind: 'unreadable'; form: Form };

/**
 * Opens a draft as a form says, by the settings of this moment: an admin may have lowered a limit while the form was open. What
 * was chosen is what the next form begins with.
 */
export async function submitNoteForm(
  choices: Choices,
  doctor: Doctor,
  language: ChatLanguage,
  bot: Pick<BotContext, 'rooms' | 'drafts' | 'publicUrl' | 'store' | 'limits' | 'log' | 'preferences'>,
): Promise<SubmittedNote> {
  const settings = await loadSettings(doctor, bot);
  const form = noteForm(settings, doctor, language);
  const choice = choiceSchema.safeParse(choices).data;
  if (choice === undefined) return { kind: 'unreadable', form };
  const typedName = isUnnamed(settings, doctor) ? readName(choices[PERSONAL_FIELDS.name]) : null;
  if (typedName === undefined) {
    return { kind: 'problems', errors: { [PERSONAL_FIELDS.name]: language.text('personal.name.wrong') }, form };
  }
  const opened = await openRoom(choice, doctor, { ...settings, name: typedName ?? settings.name }, bot);
  if (opened.kind !== 'opened') {
    const sentence = refusalText(opened, language);
    const field = refusedField(opened);
    return field === null ? { kind: 'refused', sentence } : { kind: 'problems', errors: { [field]: sentence }, form };
  }
  // The note is there, whether or not this can be kept.
  const kept = { lastChoice: choice, ...(typedName === null ? {} : { name: typedName }) };
  bot.preferences.save(doctor, kept).catch((error: unknown) => {
    bot.log.warn({ event: 'preferences-not-saved', platform: doctor.platform, ...errorFields(error) });
  });
  return opened;
}

/** Reads a number back from an option. */
export const numberChoice = z
  .string()
  .regex(/^\d{1,6}$/)
  .transform(Number);

const choiceSchema = z
  .object({
    [FIELDS.expiry]: numberChoice,
    [FIELDS.admission]: z.enum(ADMISSIONS),
    [FIELDS.readers]: numberChoice,
  })
  .transform(({ expiry, admission, readers }) => ({ expirySeconds: expiry, admission, maxReaders: readers }));

const REFUSED_FIELDS: Readonly<Record<PolicyRefusal['kind'], string>> = {
  'out-of-range': FIELDS.expiry,
  'admission-not-allowed': FIELDS.admission,
  'readers-out-of-range': FIELDS.readers,
};

/** The field of the form that a refusal is about; null when no other choice would do. */
function refusedField({ kind }: OpenRefusal): string | null {
  return kind === 'limited' || kind === 'unavailable' ? null : REFUSED_FIELDS[kind];
}

/** Times that a note can be read for, in seconds. */
const EXPIRIES = [300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400];
const READERS = [1, 2, 3, 4, 5, 10, 15, 20];

/** Expiries up to the longest; `always` are among them. In seconds. */
export function expiryOptions({ duration }: ChatLanguage, max: number, ...always: number[]): Option[] {
  return upTo(max, EXPIRIES, always).map((value) => ({ value: String(value), text: duration(value) }));
}

/** Numbers of readers up to the most; `always` are among them. */
export function readersOptions({ text: say }: ChatLanguage, max: number, ...always: number[]): Option[] {
  return upTo(max, READERS, always).map((value) => ({ value: String(value), text: say('readers', { count: value }) }));
}

/** Ways to get in, in the order given. */
export function admissionOptions({ text: say }: ChatLanguage, admissions: readonly Admission[]): Option[] {
  return admissions.map((value) => ({ value, text: say(`admission.${value}`) }));
}

function upTo(max: number, choices: readonly number[], always: readonly number[]): number[] {
  const offered = [...choices.filter((value) => value < max), max, ...always];
  return [...new Set(offered)].sort((a, b) => a - b);
}
