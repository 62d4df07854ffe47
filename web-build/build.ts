/**
 * Builds the pages into dist/, each as one HTML file without any file beside it, in every language that it speaks, and
 * writes dist/pages.json with their sizes and the CSP hashes of their inline scripts and styles. Two builds of the same
 * source give the same bytes.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { inLanguage, readLanguages, type Section, wordsOf } from './languages.ts';
import { type BuiltPage, buildPage, cspHash } from './page.ts';

const here = path.join(import.meta.dirname, '..');
const dist = path.join(here, 'dist');

/** `section` names the page's part of the language files; a page without it speaks English. */
const PAGES: Readonly<Record<string, { folder: string; section?: Section }>> = {
  receiver: { folder: 'web-receiver', section: 'receiver' },
  composer: { folder: 'web-composer', section: 'composer' },
  teams: { folder: 'web-teams', section: 'composer' },
  chat: { folder: 'bots/local/page' },
};

/** What dist/pages.json says about one page; sizes in bytes, those of the page in English. */
interface PageFacts {
  file: string;
  scripts: string[];
  styles: string[];
  bytes: number;
  gzipBytes: number;
  scriptGzipBytes: number;
  /** Files of the page and of its words alone, by language. */
  languages: Record<string, { file: string; words: string }>;
}

const languages = await readLanguages();
await mkdir(dist, { recursive: true });
const facts: Record<string, PageFacts> = {};
for (const [name, { folder, section }] of Object.entries(PAGES)) {
  const page = await buildPage(path.join(here, folder));
  facts[name] = section === undefined ? await writeOne(name, page) : await writeLanguages(name, page, section);
}
await copyFile(path.join(here, 'web-shared/favicon.svg'), path.join(dist, 'favicon.svg'));
await writeFile(path.join(dist, 'pages.json'), `${JSON.stringify(facts, null, 2)}\n`);

async function writeOne(name: string, page: BuiltPage): Promise<PageFacts> {
  await writeCompressed(`${name}.html`, page.html);
  return report(page, page.html, `${name}.html`, {});
}

async function writeLanguages(name: string, page: BuiltPage, section: Section): Promise<PageFacts> {
  const files: PageFacts['languages'] = {};
  let english = '';
  for (const language of languages) {
    const html = inLanguage(page.html, section, language, languages);
    const words = JSON.stringify(wordsOf(language, section));
    const file = { file: `${name}.${language.code}.html`, words: `${name}.${language.code}.words.json` };
    await writeCompressed(file.file, html);
    await writeCompressed(file.words, words);
    files[language.code] = file;
    if (language.code === 'en') english = html;
    else print(`dist/${file.file}: ${kilobytes(gzipBytes(html))} gzip; its words alone ${kilobytes(gzipBytes(words))}`);
  }
  return report(page, english, `${name}.en.html`, files);
}

function report(page: BuiltPage, html: string, file: string, files: PageFacts['languages']): PageFacts {
  const sizes = { bytes: Buffer.byteLength(html), gzipBytes: gzipBytes(html) };
  const scriptGzipBytes = gzipBytes(page.scripts.join(''));
  print(`dist/${file}: ${kilobytes(sizes.gzipBytes)} gzip, of which script ${kilobytes(scriptGzipBytes)}`);
  const hashes = { scripts: page.scripts.map(cspHash), styles: page.styles.map(cspHash) };
  return { file, ...hashes, ...sizes, scriptGzipBytes, languages: files };
}

async function writeCompressed(file: string, text: string): Promise<void> {
  await writeFile(path.join(dist, file), text);
  await writeFile(path.join(dist, `${file}.gz`), gzipSync(text, { level: 9 }));
  await writeFile(path.join(dist, `${file}.br`), brotliCompressSync(text));
}

function gzipBytes(text: string): number {
  return gzipSync(text, { level: 9 }).byteLength;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
