/** The sentences of the admin console, in every language of `languages/`. */
import type en from '../../languages/en.json';
import { type PlainLanguage, writtenLanguage } from '../http/plain-strings.ts';
import { preferredLanguage, readLanguageFiles } from '../language-files.ts';

export type AdminKey = keyof (typeof en)['shared'] | keyof (typeof en)['admin'];
export type AdminLanguage = PlainLanguage<AdminKey>;

let languages: readonly AdminLanguage[] | null = null;

/** All of them, English first. Throws when a file is invalid. */
export function adminLanguages(): readonly AdminLanguage[] {
  languages ??= readLanguageFiles('admin').map((file) => writtenLanguage<AdminKey>(file));
  return languages;
}

/** The language that was chosen, else the one that the browser asks for, else English. */
export function adminLanguage(chosen: string | undefined, accepted: string | undefined): AdminLanguage {
  const all = adminLanguages();
  const codes = all.map(({ code }) => code);
  const code = chosen !== undefined && codes.includes(chosen) ? chosen : preferredLanguage(accepted, codes);
  const language = all.find((one) => one.code === code) ?? all[0];
  if (language === undefined) throw new Error('languages/en.json is missing. Restore it.');
  return language;
}

/** A moment as people write it, in the server's time zone. */
export function momentIn({ code }: Pick<AdminLanguage, 'code'>, ms: number): string {
  return new Intl.DateTimeFormat(code, { dateStyle: 'medium', timeStyle: 'short' }).format(ms);
}

/** The server's time zone, as people call it. */
export function zoneIn({ code }: Pick<AdminLanguage, 'code'>, ms: number): string {
  const parts = new Intl.DateTimeFormat(code, { timeZoneName: 'long' }).formatToParts(ms);
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'UTC';
}
