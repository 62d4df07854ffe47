import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const DIST = path.join(import.meta.dirname, '../../dist');

const pageSchema = z.object({
  file: z.string(),
  scripts: z.array(z.string()),
  styles: z.array(z.string()),
  lazyScripts: z.array(z.string()),
  languages: z.record(z.string(), z.object({ file: z.string(), strings: z.string() })),
});
const pagesSchema = z.object({ receiver: pageSchema, composer: pageSchema, teams: pageSchema, chat: pageSchema });

/** Something to send, in each encoding that a browser may ask for. */
export interface Bodies {
  identity: Buffer;
  gzip: Buffer;
  br: Buffer;
}

/** One page, ready to send. */
export interface Page {
  /** The page in English. */
  bodies: Bodies;
  /** The page and its words alone (JSON) in each language that it speaks, English first; empty for a page that has no choice. */
  languages: ReadonlyMap<string, { bodies: Bodies; strings: Bodies }>;
  /** CSP sources of its inline scripts and styles. */
  scripts: string[];
  styles: string[];
  /** What it loads from the server when it needs it, by the path that each is served at. */
  lazyScripts: ReadonlyMap<string, Bodies>;
}

/** Everything that GLIR sends to browsers, read once at start. */
export interface Pages {
  receiver: Page;
  composer: Page;
  /** The composer inside a Teams dialog, and the tab that it hands a note over to. */
  teams: Page;
  chat: Page;
  favicon: Buffer;
}

/** Reads the built pages. Throws an Error that says how to build them when they are missing. */
export async function readPages(folder = DIST): Promise<Pages> {
  try {
    const facts = pagesSchema.parse(JSON.parse(await readFile(path.join(folder, 'pages.json'), 'utf8')));
    const bodiesOf = async (file: string): Promise<Bodies> => {
      const read = (ending: string) => readFile(path.join(folder, file + ending));
      const [identity, gzip, br] = await Promise.all([read(''), read('.gz'), read('.br')]);
      return { identity, gzip, br };
    };
    const page = async ({
      file,
      scripts,
      styles,
      lazyScripts,
      languages,
    }: z.infer<typeof pageSchema>): Promise<Page> => {
      const read = Object.entries(languages)
        .sort(([one], [other]) => Number(other === 'en') - Number(one === 'en'))
        .map(async ([code, files]) => {
          const [bodies, strings] = await Promise.all([bodiesOf(files.file), bodiesOf(files.strings)]);
          return [code, { bodies, strings }] as const;
        });
      const lazy = lazyScripts.map(async (name) => [`/scripts/${name}`, await bodiesOf(name)] as const);
      return {
        bodies: await bodiesOf(file),
        scripts,
        styles,
        lazyScripts: new Map(await Promise.all(lazy)),
        languages: new Map(await Promise.all(read)),
      };
    };
    const [receiver, composer, teams, chat, favicon] = await Promise.all([
      page(facts.receiver),
      page(facts.composer),
      page(facts.teams),
      page(facts.chat),
      readFile(path.join(folder, 'favicon.svg')),
    ]);
    return { receiver, composer, teams, chat, favicon };
  } catch (error) {
    throw new Error('The pages are not built. Run "npm run build", or "npm start", which does it.', { cause: error });
  }
}
