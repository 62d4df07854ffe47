/** All pages and their words, made from their source, without a file being written. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { type Fingerprint, fingerprintOf, withFingerprint } from './fingerprint.ts';
import { inLanguage, type Language, readLanguages, type Section, wordsOf } from './languages.ts';
import { type BuiltPage, buildPage } from './page.ts';

const root = path.join(import.meta.dirname, '..');

/** `section` names the page's part of the language files; a page without it speaks English. `at` is where it is served. */
const PAGES: Readonly<Record<PageName, { folder: string; at: string; section?: Section }>> = {
  receiver: { folder: 'web-receiver', at: '/n/ROOM', section: 'receiver' },
  composer: { folder: 'web-composer', at: '/compose', section: 'composer' },
  teams: { folder: 'web-teams', at: '/teams/compose', section: 'composer' },
  chat: { folder: 'bots/local/page', at: '/' },
};
type PageName = 'receiver' | 'composer' | 'teams' | 'chat';

/** One file as it is sent. */
export interface MadeFile {
  /** Its name in dist/. */
  name: string;
  /** BCP 47. */
  language: string;
  /** The path that it is served at; null when the server has no use for it. */
  at: string | null;
  text: string;
}

export interface MadePage extends BuiltPage {
  /** The page in English. */
  english: MadeFile;
  /** The page and its words alone, in each language that it speaks. */
  languages: { page: MadeFile; words: MadeFile }[];
}

/** Everything that browsers get, but for the pages without a script, which say how this GLIR is configured. */
export interface Made {
  version: string;
  fingerprint: Fingerprint;
  pages: Record<PageName, MadePage>;
  favicon: MadeFile;
  /** All of the files. */
  files: MadeFile[];
}

/** Makes everything. Two calls with the same source give the same bytes, wherever it lies and whatever the environment. */
export async function makePages(): Promise<Made> {
  // Vite takes it from the environment where it is set there.
  process.env['NODE_ENV'] = 'production';
  const version = await readVersion();
  const languages = await readLanguages();
  const make = async (name: PageName): Promise<MadePage> => {
    const built = await buildPage(path.join(root, PAGES[name].folder));
    return inLanguages(name, { ...built, html: built.html.replace('{version}', version) }, languages);
  };
  // One after the other: each build takes all the cores that it can get.
  const pages = {
    receiver: await make('receiver'),
    composer: await make('composer'),
    teams: await make('teams'),
    chat: await make('chat'),
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

function inLanguages(name: PageName, built: BuiltPage, languages: readonly Language[]): MadePage {
  const { section, at } = PAGES[name];
  if (section === undefined) {
    const only = { name: `${name}.html`, language: 'en', at, text: built.html };
    return { ...built, english: only, languages: [] };
  }
  const made = languages.map((language) => {
    const { code } = language;
    const text = inLanguage(built.html, section, language, languages);
    return {
      page: { name: `${name}.${code}.html`, language: code, at, text },
      words: {
        name: `${name}.${code}.words.json`,
        language: code,
        // The page in the Teams dialog asks for the composer's.
        at: name === 'teams' ? null : `/words/${name}/${code}.json`,
        text: JSON.stringify(wordsOf(language, section)),
      },
    };
  });
  const english = made.find(({ page }) => page.language === 'en')?.page;
  if (english === undefined) throw new Error('languages/en.json is missing. Restore it.');
  return { ...built, english, languages: made };
}

function filesOf({ english, languages }: MadePage): MadeFile[] {
  return languages.length === 0 ? [english] : languages.flatMap(({ page, words }) => [page, words]);
}

async function readVersion(): Promise<string> {
  const file = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  return z.object({ version: z.string() }).parse(file).version;
}
