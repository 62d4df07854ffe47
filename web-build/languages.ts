/** The language files, and pages put into their words. */
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
});

export type Dictionary = z.infer<typeof dictionarySchema>;
/** The pages that speak more than one language, by the name of their section. */
export type Section = 'receiver' | 'composer';

/** One language: its code (BCP 47) and its file. */
export interface Language extends z.infer<typeof fileSchema> {
  code: string;
}

/**
 * Every language that has a file, in the order of their own names. English is always there: it is what is shown to whoever
 * asks for none of them. Throws when a file is not as it should be.
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

/** The words that a page speaks: those that all pages share, and its own. */
export function wordsOf(language: Language, section: Section): Dictionary {
  return { ...language.shared, ...language[section] };
}

/**
 * A built page in one language: the words stand in it as data, so that its first picture needs no further request. Its
 * `{placeholders}` outside of scripts and styles become sentences. Scripts stay the same bytes in every language.
 */
export function inLanguage(html: string, section: Section, language: Language, languages: readonly Language[]): string {
  const words = wordsOf(language, section);
  const served = {
    language: language.code,
    languages: languages.map((each) => ({ code: each.code, name: nameOf(each) })),
    words,
  };
  return html
    .replace('<html lang="en">', `<html lang="${language.code}" dir="${directionOf(language.code)}">`)
    .replace(/(<(title|noscript)>)\{(\w+)\}/g, (_all, tag: string, _name, key: string) => {
      const sentence = words[key];
      if (typeof sentence !== 'string') throw new Error(`languages/${language.code}.json has no sentence "${key}".`);
      return tag + escapeText(sentence);
    })
    .replace(
      '<div id="app">',
      (place) => `<script type="application/json" id="words">${data(served)}</script>${place}`,
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

/** JSON that cannot end the script element that it stands in. */
function data(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
