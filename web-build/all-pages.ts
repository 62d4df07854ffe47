/** Builds every page in every language in memory, with the strings that a page loads when the reader changes the language. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Fingerprint, fingerprintOf, withFingerprint } from './fingerprint.ts';
import { type BuiltPage, buildPage } from './inline-page.ts';
import { inLanguage, type Language, readLanguages, type Section, stringsOf } from './languages.ts';
import type { LazyScript } from './lazy-scripts.ts';

const root = path.join(import.meta.dirname, '..');

/** `section`: the page's part of the language files; none for English only. `at`: the path that it is served at. */
const PAGES: Readonly<Record<PageName, { folder: string; at: string; section?: Section }>> = {
  receiver: { folder: 'web-receiver', at: '/n/ROOM', section: 'receiver' },
  composer: { folder: 'web-composer', at: '/compose', section: 'composer' },
  teams: { folder: 'web-teams', at: '/teams/compose', section: 'composer' },
  chat: { folder: 'bots/local/page', at: '/' },
};
type PageName = 'receiver' | 'composer' | 'teams' | 'chat';

/** One file as the server sends it. */
export interface PageFile {
  name: string;
  /** BCP 47. */
  language: string;
  /** The path that it is served at; null when the server has no use for it. */
  at: string | null;
  text: string;
}

export interface TranslatedPage extends BuiltPage {
  english: PageFile;
  /** The page, and its strings alone, in each of its languages. */
  languages: { page: PageFile; strings: PageFile }[];
}

/** All that browsers get, except the pages without a script, which depend on the configuration. */
export interface AllPages {
  version: string;
  fingerprint: Fingerprint;
  pages: Record<PageName, TranslatedPage>;
  favicon: PageFile;
  files: PageFile[];
}

/** The same source gives the same bytes, whatever the folder and the environment. */
export async function buildAllPages(): Promise<AllPages> {
  // Vite would take another value from the environment.
  process.env['NODE_ENV'] = 'production';
  const version = await readVersion();
  const languages = await readLanguages();
  const build = async (name: PageName): Promise<TranslatedPage> => {
    const built = await buildPage(path.join(root, PAGES[name].folder));
    return inLanguages(name, { ...built, html: built.html.replace('{version}', version) }, languages);
  };
  // One after the other: each build uses all cores.
  const pages = {
    receiver: await build('receiver'),
    composer: await build('composer'),
    teams: await build('teams'),
    chat: await build('chat'),
  };
  const favicon = {
    name: 'favicon.svg',
    language: 'en',
    at: '/favicon.svg',
    text: await readFile(path.join(root, 'web-shared/ui/favicon.svg'), 'utf8'),
  };
  const files = [...Object.values(pages).flatMap(filesOf), favicon];
  const fingerprint = fingerprintOf(files);
  for (const file of files) file.text = withFingerprint(file.text, fingerprint);
  return { version, fingerprint, pages, favicon, files };
}

function inLanguages(name: PageName, built: BuiltPage, languages: readonly Language[]): TranslatedPage {
  const { section, at } = PAGES[name];
  if (section === undefined) {
    const only = { name: `${name}.html`, language: 'en', at, text: built.html };
    return { ...built, english: only, languages: [] };
  }
  const translated = languages.map((language) => {
    const { code } = language;
    const text = inLanguage(built.html, section, language, languages);
    return {
      page: { name: `${name}.${code}.html`, language: code, at, text },
      strings: {
        name: `${name}.${code}.strings.json`,
        language: code,
        // The page in the Teams dialog asks for the composer's.
        at: name === 'teams' ? null : `/strings/${name}/${code}.json`,
        text: JSON.stringify(stringsOf(language, section)),
      },
    };
  });
  const english = translated.find(({ page }) => page.language === 'en')?.page;
  if (english === undefined) throw new Error('languages/en.json is missing. Restore it.');
  return { ...built, english, languages: translated };
}

function filesOf({ english, languages, lazyScripts }: TranslatedPage): PageFile[] {
  const scripts = lazyScripts.map(scriptFile);
  return languages.length === 0
    ? [english, ...scripts]
    : [...languages.flatMap(({ page, strings }) => [page, strings]), ...scripts];
}

/** A script that a page loads when it needs it, the same in every language. */
export function scriptFile({ at, text }: LazyScript): PageFile {
  return { name: path.basename(at), language: 'en', at, text };
}

async function readVersion(): Promise<string> {
  const file = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  return z.object({ version: z.string() }).parse(file).version;
}
