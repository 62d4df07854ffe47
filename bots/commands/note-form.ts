import { z } from 'zod';
import { ADMISSIONS, type Admission } from '../../src/protocol/constants.ts';
import { formatDuration } from '../../src/protocol/duration.ts';
import type { OpenRefusal } from './run-command.ts';
import type { Choice, EffectiveSettings, PolicyRefusal } from './settings.ts';
import { strings } from './strings.ts';
import type { Choices, Form, Option } from './view.ts';

const FIELDS = { expiry: 'expiry', admission: 'admission', readers: 'readers' } as const;

/** The form of a new note: three choices, the tenant's defaults first, and no text. */
export function noteForm(settings: EffectiveSettings): Form {
  const { expiryMaxSeconds, expiryDefaultSeconds, readersMax, readersDefault } = settings;
  return {
    id: 'glir-form',
    title: strings.form.title,
    intro: strings.form.intro,
    submit: strings.next,
    cancel: strings.cancel,
    fields: [
      {
        id: FIELDS.expiry,
        label: strings.form.expiry,
        options: expiryOptions(expiryMaxSeconds, expiryDefaultSeconds),
        chosen: String(expiryDefaultSeconds),
      },
      {
        id: FIELDS.admission,
        label: strings.form.admission,
        options: admissionOptions(settings.admissions),
        chosen: settings.admissionDefault,
      },
      {
        id: FIELDS.readers,
        label: strings.form.readers,
        options: readersOptions(readersMax, readersDefault),
        chosen: String(readersDefault),
      },
    ],
  };
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
  .transform(({ expiry, admission, readers }): Choice => ({ expirySeconds: expiry, admission, maxReaders: readers }));

/** What was chosen in a submitted form, null when it is not our form. Whether it is allowed is for `openRoom` to say. */
export function readNoteChoice(choices: Choices): Choice | null {
  return choiceSchema.safeParse(choices).data ?? null;
}

const REFUSED_FIELDS: Readonly<Record<PolicyRefusal['kind'], string>> = {
  'out-of-range': FIELDS.expiry,
  'admission-not-allowed': FIELDS.admission,
  'readers-out-of-range': FIELDS.readers,
};

/** The field of the form that a refusal is about; null when no other choice would do. */
export function refusedField({ kind }: OpenRefusal): string | null {
  return kind === 'limited' || kind === 'unavailable' ? null : REFUSED_FIELDS[kind];
}

/** Times that a note can be read for, in seconds. */
const EXPIRIES = [300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400];
const READERS = [1, 2, 3, 4, 5, 10, 15, 20];

/** Expiries up to the longest; `always` are among them. In seconds. */
export function expiryOptions(max: number, ...always: number[]): Option[] {
  return upTo(max, EXPIRIES, always).map((value) => ({ value: String(value), text: formatDuration(value) }));
}

/** Numbers of readers up to the most; `always` are among them. */
export function readersOptions(max: number, ...always: number[]): Option[] {
  return upTo(max, READERS, always).map((value) => ({ value: String(value), text: strings.form.reader(value) }));
}

/** Ways to get in, in the order given. */
export function admissionOptions(admissions: readonly Admission[]): Option[] {
  return admissions.map((value) => ({ value, text: strings.form.admissions[value] }));
}

function upTo(max: number, choices: readonly number[], always: readonly number[]): number[] {
  const offered = [...choices.filter((value) => value < max), max, ...always];
  return [...new Set(offered)].sort((a, b) => a - b);
}
