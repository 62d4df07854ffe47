import { z } from 'zod';
import { ADMISSIONS } from '../../src/protocol/constants.ts';
import { admissionOptions, lifeOptions, numeric, readersOptions } from './options.ts';
import type { Choice, EffectiveSettings } from './settings.ts';
import type { Choices, Form } from './view.ts';
import { words } from './words.ts';

const FIELDS = { expiry: 'expiry', admission: 'admission', readers: 'readers' } as const;

/** The form of a new note: three choices, the tenant's defaults first, and no text. */
export function noteForm(settings: EffectiveSettings): Form {
  const { expiryMaxSeconds, expiryDefaultSeconds, readersMax, readersDefault } = settings;
  return {
    id: 'glir-form',
    title: words.form.title,
    intro: words.form.intro,
    submit: words.next,
    cancel: words.cancel,
    fields: [
      {
        id: FIELDS.expiry,
        label: words.form.expiry,
        options: lifeOptions(expiryMaxSeconds, expiryDefaultSeconds),
        chosen: String(expiryDefaultSeconds),
      },
      {
        id: FIELDS.admission,
        label: words.form.admission,
        options: admissionOptions(settings.admissions),
        chosen: settings.admissionDefault,
      },
      {
        id: FIELDS.readers,
        label: words.form.readers,
        options: readersOptions(readersMax, readersDefault),
        chosen: String(readersDefault),
      },
    ],
  };
}

const choiceSchema = z
  .object({
    [FIELDS.expiry]: numeric,
    [FIELDS.admission]: z.enum(ADMISSIONS),
    [FIELDS.readers]: numeric,
  })
  .transform(({ expiry, admission, readers }): Choice => ({ expirySeconds: expiry, admission, maxReaders: readers }));

/** What the form's choices mean; whether they are allowed is `openRoom`'s to say. Throws a ZodError when it is not our form. */
export function readNoteChoice(choices: Choices): Choice {
  return choiceSchema.parse(choices);
}

/** The field of the form that a refused choice is about. */
export const FIELD_OF = {
  'out-of-range': FIELDS.expiry,
  'admission-not-allowed': FIELDS.admission,
  'readers-out-of-range': FIELDS.readers,
} as const;
