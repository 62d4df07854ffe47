/** The language files, and built pages in each language. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { directionOf } from '../web-shared/i18n/direction.ts';

const FOLDER = path.join(import.meta.dirname, '../languages');

const dictionarySchema = z.record(z.string(), z.union([z.string(), z.record(z.string(), z.string())]));
const fileSchema = z.strictObject({
  shared: dictionarySchema,
  receiver: dictionarySchema,
  composer: dictionarySchema,
  /** The pages without a script, which the server makes. */
  plain: dictionarySchema,
  /** What the bots say in chats. */
  chat: dictionarySchema,
  /** The admin console, which the server makes. */
  admin: dictionarySchema,
});

export type Dictionary = z.infer<typeof dictionarySchema>;
export type Section = 'receiver' | 'composer';

export interface Language extends z.infer<typeof fileSchema> {
  code: string;
}

/**
 * Every language that has a file, in the order of their own names. English is always there, for browsers that ask for none
 * of the others. Throws when a file is invalid.
 */
export async function readLanguages(folder = FOLDER): Promise<Language[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const languages = await Promise.all(
    files.map(async (name): Promise<Language> => {
      const file = fileSchema.safeParse(JSON.parse(await readFile(path.join(folder, name), 'utf8')));
      if (!file.success) throw new Error(`languages/${name} is not a language file: ${z.prettifyError(file.error)}`);
      return { code: path.basename(name, '.json'), ...file.data };
    }),
  );
  if (!languages.some(({ code }) => code === 'en')) throw new Error('languages/en.json is missing. Restore it.');
  const byName = new Intl.Collator('en');
  return languages.sort((one, other) => byName.compare(nameOf(one), nameOf(other)));
}

/** The strings of a page: those that all pages share, and its own. */
export function stringsOf(language: Language, section: Section): Dictionary {
  return { ...language.shared, ...language[section] };
}

/** Sentences that the patient's page asks the server for when it needs them, because most never do: it has to be small. */
const LATER: Readonly<Partial<Record<Section, RegExp>>> = { receiver: /^files(?:\.|$)/ };

/** The strings that a page comes with. */
function firstStringsOf(language: Language, section: Section): Dictionary {
  const all = Object.entries(stringsOf(language, section));
  return Object.fromEntries(all.filter(([key]) => LATER[section]?.test(key) !== true));
}

/**
 * A built page in one language: its strings are in it as data, so that it is drawn without a further request, and the
 * `{placeholders}` of its HTML become sentences. Scripts are the same bytes in every language.
 *
 * @param strings other than those that the page comes with
 */
export function inLanguage(
  html: string,
  section: Section,
  language: Language,
  languages: readonly Language[],
  strings: Dictionary = firstStringsOf(language, section),
): string {
  const served = {
    language: language.code,
    languages: languages.map((each) => ({ code: each.code, name: nameOf(each) })),
    strings,
  };
  return html
    .replace('<html lang="en">', `<html lang="${language.code}" dir="${directionOf(language.code)}">`)
    .replace(/(<(title|noscript|h1|p)>)\{([\w.]+)\}/g, (_all, tag: string, _name, key: string) => {
      const sentence = strings[key];
      if (typeof sentence !== 'string') throw new Error(`languages/${language.code}.json has no sentence "${key}".`);
      return tag + escapeText(sentence);
    })
    .replace(
      '<div id="app">',
      (place) => `<script type="application/json" id="strings">${data(served)}</script>${place}`,
    );
}

function nameOf({ code, shared }: Language): string {
  const name = shared['languageName'];
  if (typeof name !== 'string') throw new Error(`languages/${code}.json does not say its own name (languageName).`);
  return name;
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** JSON that cannot end the script element around it. */
function data(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
