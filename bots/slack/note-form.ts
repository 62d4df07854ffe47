import type { types } from '@slack/bolt';
import { z } from 'zod';
import { formatDuration } from '../../src/protocol/duration.ts';
import { ADMISSIONS } from '../../src/protocol/terms.ts';
import type { Choice, EffectiveSettings } from '../commands/settings.ts';
import { CALLBACKS, type GlirBlock, plain, section, select } from './blocks.ts';
import { words } from './words.ts';

/** Lives of a note that are offered, in seconds. */
const EXPIRIES = [300, 600, 900, 1_800, 3_600, 7_200, 14_400, 28_800, 43_200, 86_400];
const READERS = [1, 2, 3, 4, 5, 10, 15, 20];

const FIELDS = { expiry: 'expiry', admission: 'admission', readers: 'readers' } as const;

const metadataSchema = z.object({ responseUrl: z.url().nullable() });

/**
 * The form behind `/glir`: three choices, the tenant's defaults first, and no text.
 *
 * @param responseUrl where the doctor typed the command, to answer there; null for a shortcut
 */
export function noteForm(settings: EffectiveSettings, responseUrl: string | null): types.ModalView {
  const { admissions, reader } = words.form;
  const metadata: z.infer<typeof metadataSchema> = { responseUrl };
  return {
    type: 'modal',
    callback_id: CALLBACKS.form,
    title: plain(words.form.title),
    submit: plain(words.next),
    close: plain(words.cancel),
    private_metadata: JSON.stringify(metadata),
    blocks: [
      section(words.form.intro),
      select(FIELDS.expiry, words.form.expiry, expiryOptions(settings), settings.expiryDefaultSeconds),
      select(
        FIELDS.admission,
        words.form.admission,
        settings.admissions.map((value) => ({ value, text: admissions[value] })),
        settings.admissionDefault,
      ),
      select(
        FIELDS.readers,
        words.form.readers,
        upTo(settings.readersMax, READERS, settings.readersDefault).map((value) => ({ value, text: reader(value) })),
        settings.readersDefault,
      ),
    ],
  };
}

/** What a modal shows once there is nothing to choose any more. */
export function closingView(title: string, blocks: GlirBlock[]): types.ModalView {
  return { type: 'modal', title: plain(title), close: plain(words.close), blocks };
}

/** Lives of a note that a doctor can choose from. */
export function expiryOptions({
  expiryMaxSeconds,
  expiryDefaultSeconds,
}: Pick<EffectiveSettings, 'expiryMaxSeconds' | 'expiryDefaultSeconds'>) {
  return upTo(expiryMaxSeconds, EXPIRIES, expiryDefaultSeconds).map((value) => ({
    value,
    text: formatDuration(value),
  }));
}

/** Numbers of readers that can be chosen from. */
export function readersOptions(max: number, always: number) {
  return upTo(max, READERS, always).map((value) => ({ value, text: words.form.reader(value) }));
}

function upTo(max: number, choices: readonly number[], always: number): number[] {
  return [...new Set([...choices, always, max])].filter((value) => value <= max).sort((a, b) => a - b);
}

const chosen = z.object({ selected_option: z.object({ value: z.string() }) });
const number = chosen.transform(({ selected_option: { value } }) => Number(value)).pipe(z.int());
const admission = chosen.transform(({ selected_option: { value } }) => value).pipe(z.enum(ADMISSIONS));

const submissionSchema = z
  .object({
    private_metadata: z.string(),
    state: z.object({
      values: z.object({
        [FIELDS.expiry]: z.object({ [FIELDS.expiry]: number }),
        [FIELDS.admission]: z.object({ [FIELDS.admission]: admission }),
        [FIELDS.readers]: z.object({ [FIELDS.readers]: number }),
      }),
    }),
  })
  .transform(({ private_metadata, state: { values } }) => ({
    metadata: private_metadata,
    choice: {
      expirySeconds: values.expiry.expiry,
      admission: values.admission.admission,
      maxReaders: values.readers.readers,
    } satisfies Choice,
  }));

/** A submitted form: the choice, and where to answer. Throws a ZodError when it is not our form. */
export function readNoteForm(view: unknown): { choice: Choice; responseUrl: string | null } {
  const { choice, metadata } = submissionSchema.parse(view);
  return { choice, responseUrl: metadataSchema.parse(JSON.parse(metadata)).responseUrl };
}

/** The field of the form that a refused choice is about. */
export const FIELD_OF = {
  'out-of-range': FIELDS.expiry,
  'admission-not-allowed': FIELDS.admission,
  'readers-out-of-range': FIELDS.readers,
} as const;
