import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const DIST = path.join(import.meta.dirname, '../../dist');

const pageSchema = z.object({ file: z.string(), scripts: z.array(z.string()), styles: z.array(z.string()) });
const pagesSchema = z.object({ receiver: pageSchema, composer: pageSchema, chat: pageSchema });

/** One self-contained page, ready to send. */
export interface Page {
  /** The page in each encoding that a browser may ask for. */
  bodies: { identity: Buffer; gzip: Buffer; br: Buffer };
  /** CSP sources of its inline scripts and styles. */
  scripts: string[];
  styles: string[];
}

/** Everything that GLIR sends to browsers, read once at start. */
export interface Pages {
  receiver: Page;
  composer: Page;
  chat: Page;
  favicon: Buffer;
}

/** Reads the built pages. Throws an Error that says how to build them when they are missing. */
export async function readPages(folder = DIST): Promise<Pages> {
  try {
    const facts = pagesSchema.parse(JSON.parse(await readFile(path.join(folder, 'pages.json'), 'utf8')));
    const page = async ({ file, scripts, styles }: z.infer<typeof pageSchema>): Promise<Page> => {
      const read = (ending: string) => readFile(path.join(folder, file + ending));
      const [identity, gzip, br] = await Promise.all([read(''), read('.gz'), read('.br')]);
      return { bodies: { identity, gzip, br }, scripts, styles };
    };
    const [receiver, composer, chat, favicon] = await Promise.all([
      page(facts.receiver),
      page(facts.composer),
      page(facts.chat),
      readFile(path.join(folder, 'favicon.svg')),
    ]);
    return { receiver, composer, chat, favicon };
  } catch (error) {
    throw new Error('The pages are not built. Run "npm run build", or "npm start", which does it.', { cause: error });
  }
}
