/**
 * Builds the pages into dist/, each as one HTML file, in every language that it speaks, with the scripts that it loads only
 * when it needs them beside it, and writes dist/pages.json with their sizes and the CSP hashes of their inline scripts and styles. With `--dev` the pages
 * load themselves anew when they change.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { buildAllPages, type PageFile, scriptFile, type TranslatedPage } from './all-pages.ts';
import { addReload } from './dev-reload.ts';
import { cspHash } from './inline-page.ts';

const isDev = process.argv.includes('--dev');
// While a page is written, a quick build is worth more than small files.
const quality = isDev ? constants.BROTLI_MIN_QUALITY : constants.BROTLI_MAX_QUALITY;
const brotli = (text: string): Promise<Buffer> =>
  promisify(brotliCompress)(text, { params: { [constants.BROTLI_PARAM_QUALITY]: quality } });
const gzipped = (text: string): Promise<Buffer> => promisify(gzip)(text, { level: isDev ? 1 : 9 });

const dist = path.join(import.meta.dirname, '../dist');

/** What dist/pages.json says about one page; sizes in bytes, those of the page in English. */
interface PageFacts {
  file: string;
  scripts: string[];
  styles: string[];
  bytes: number;
  gzipBytes: number;
  scriptGzipBytes: number;
  /** Files of the scripts that the page loads when it needs them. */
  lazyScripts: string[];
  /** Files of the page and of its strings alone, by language. */
  languages: Record<string, { file: string; strings: string }>;
}

const { pages, favicon, fingerprint, files } = await buildAllPages();
if (isDev) Object.values(pages).forEach(addReload);
await mkdir(dist, { recursive: true });
// All at once: to compress takes longest by far, and uses every core.
const written = Object.entries(pages).map(async ([name, page]) => [name, await write(page)] as const);
const facts = Object.fromEntries(await Promise.all(written));
await writeFile(path.join(dist, favicon.name), favicon.text);
await writeFile(path.join(dist, 'pages.json'), `${JSON.stringify(facts, null, 2)}\n`);
await removeOlder();
print(`fingerprint ${fingerprint}`);

async function write({ english, languages, scripts, styles, lazyScripts }: TranslatedPage): Promise<PageFacts> {
  const writtenIn = languages.map(async ({ page, strings }) => {
    const sizes = (await Promise.all([page, strings].map(writeCompressed))).map(kilobytes);
    if (page !== english) print(`dist/${page.name}: ${sizes[0]} gzip; its strings alone ${sizes[1]}`);
    return [page.language, { file: page.name, strings: strings.name }] as const;
  });
  const files: PageFacts['languages'] = Object.fromEntries(await Promise.all(writtenIn));
  const gzipBytes = languages.length === 0 ? await writeCompressed(english) : (await gzipped(english.text)).byteLength;
  const scriptGzipBytes = (await gzipped(scripts.join(''))).byteLength;
  for (const script of lazyScripts.map(scriptFile)) {
    print(`dist/${script.name}: ${kilobytes(await writeCompressed(script))} gzip, only when it is needed`);
  }
  print(`dist/${english.name}: ${kilobytes(gzipBytes)} gzip, of which script ${kilobytes(scriptGzipBytes)}`);
  return {
    file: english.name,
    scripts: scripts.map(cspHash),
    styles: styles.map(cspHash),
    bytes: Buffer.byteLength(english.text),
    gzipBytes,
    scriptGzipBytes,
    lazyScripts: lazyScripts.map((script) => scriptFile(script).name),
    languages: files,
  };
}

/** Files of an earlier build must not be taken for part of this one. */
async function removeOlder(): Promise<void> {
  const made = new Set(files.flatMap(({ name }) => [name, `${name}.gz`, `${name}.br`]));
  const pages = /\.(html|strings\.json|svg|js)(\.(gz|br))?$/;
  const older = (await readdir(dist)).filter((name) => pages.test(name) && !made.has(name));
  await Promise.all(older.map((name) => rm(path.join(dist, name))));
}

async function writeCompressed({ name, text }: PageFile): Promise<number> {
  const [small, smaller] = await Promise.all([gzipped(text), brotli(text)]);
  const write = (ending: string, content: string | Buffer) => writeFile(path.join(dist, name + ending), content);
  await Promise.all([write('', text), write('.gz', small), write('.br', smaller)]);
  return small.byteLength;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
