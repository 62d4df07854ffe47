import type { DoctorId } from '../../src/store/store.ts';
import type { BotContext } from './bot-context.ts';
import { type ChatLanguage, chatLanguages, languageOfLocale } from './chat-language.ts';
import { errorFields } from './error-fields.ts';
import { doctorName, NAME_CHARACTERS, type Preferences } from './preferences.ts';
import type { Choices, Field, Form } from './view.ts';

/** Fields of the doctor's own settings. */
export const PERSONAL_FIELDS = { name: 'name', language: 'language' } as const;
/** For a doctor who leaves the language to the admin. */
const NO_LANGUAGE = 'none';

/**
 * The doctor's own settings.
 *
 * @param isLanguageChosen whether the doctor may choose the language, which some platforms tell by themselves
 */
export function personalForm(
  { name, language: chosen }: Preferences,
  language: ChatLanguage,
  isLanguageChosen: boolean,
): Form {
  const { text: say } = language;
  return {
    id: 'glir-personal',
    title: say('personal.title'),
    intro: null,
    submit: say('save'),
    cancel: say('cancel'),
    fields: [nameField(name, language), ...(isLanguageChosen ? [languageField(chosen, language)] : [])],
  };
}

/** The name that patients see, to be typed. */
export function nameField(name: string | null, { text: say }: ChatLanguage): Field {
  return {
    kind: 'text',
    id: PERSONAL_FIELDS.name,
    label: say('personal.name'),
    hint: say('personal.name.hint'),
    maxLength: NAME_CHARACTERS,
    value: name ?? '',
  };
}

function languageField(chosen: string | null, { text: say }: ChatLanguage): Field {
  const languages = chatLanguages().map(({ code, name }) => ({ value: code, text: name }));
  return {
    kind: 'choice',
    id: PERSONAL_FIELDS.language,
    label: say('language'),
    options: [{ value: NO_LANGUAGE, text: say('personal.language.own') }, ...languages],
    chosen: languageOfLocale(chosen)?.code ?? NO_LANGUAGE,
  };
}

/** A name as it was typed: null for none, undefined for one that cannot be shown. */
export function readName(typed: string | undefined): string | null | undefined {
  return (typed ?? '').trim() === '' ? null : doctorName.safeParse(typed).data;
}

/** What became of a doctor's own settings; `errors` has a sentence for each field to change, by its id. */
export type SavedPersonal =
  | { kind: 'saved' }
  | { kind: 'problems'; errors: Record<string, string> }
  | { kind: 'trouble' };

/** Saves what a doctor chose for themselves. Never rejects. */
export async function savePersonal(
  doctor: DoctorId,
  choices: Choices,
  language: ChatLanguage,
  { preferences, log }: Pick<BotContext, 'preferences' | 'log'>,
): Promise<SavedPersonal> {
  const name = readName(choices[PERSONAL_FIELDS.name]);
  if (name === undefined) {
    return { kind: 'problems', errors: { [PERSONAL_FIELDS.name]: language.text('personal.name.wrong') } };
  }
  const chosen = choices[PERSONAL_FIELDS.language];
  const ofLanguage = chosen === undefined ? {} : { language: languageOfLocale(chosen)?.code ?? null };
  try {
    await preferences.save(doctor, { name, ...ofLanguage });
  } catch (error) {
    log.error({ event: 'preferences-not-saved', platform: doctor.platform, ...errorFields(error) });
    return { kind: 'trouble' };
  }
  log.info({ event: 'preferences-changed', platform: doctor.platform });
  return { kind: 'saved' };
}
