/**
 * Builds the three pages into dist/, each as one HTML file without any file beside it, and writes dist/pages.json with
 * their sizes and the CSP hashes of their inline scripts and styles. Two builds of the same source give the same bytes.
 */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { buildPage, cspHash } from './page.ts';

const here = path.join(import.meta.dirname, '..');
const dist = path.join(here, 'dist');

const PAGES = {
  receiver: 'web-receiver',
  composer: 'web-composer',
  chat: 'bots/local/page',
} as const;

/** What dist/pages.json says about one page; sizes in bytes. */
interface PageFacts {
  file: string;
  scripts: string[];
  styles: string[];
  bytes: number;
  gzipBytes: number;
  scriptGzipBytes: number;
}

function gzipBytes(text: string): number {
  return gzipSync(text, { level: 9 }).byteLength;
}

await mkdir(dist, { recursive: true });
const facts: Record<string, PageFacts> = {};
for (const [name, folder] of Object.entries(PAGES)) {
  const page = await buildPage(path.join(here, folder));
  const file = `${name}.html`;
  await writeFile(path.join(dist, file), page.html);
  await writeFile(path.join(dist, `${file}.gz`), gzipSync(page.html, { level: 9 }));
  await writeFile(path.join(dist, `${file}.br`), brotliCompressSync(page.html));
  facts[name] = {
    file,
    scripts: page.scripts.map(cspHash),
    styles: page.styles.map(cspHash),
    bytes: Buffer.byteLength(page.html),
    gzipBytes: gzipBytes(page.html),
    scriptGzipBytes: gzipBytes(page.scripts.join('')),
  };
}
await copyFile(path.join(here, 'web-shared/favicon.svg'), path.join(dist, 'favicon.svg'));
await writeFile(path.join(dist, 'pages.json'), `${JSON.stringify(facts, null, 2)}\n`);
for (const { file, gzipBytes: page, scriptGzipBytes: script } of Object.values(facts)) {
  process.stdout.write(`dist/${file}: ${kilobytes(page)} gzip, of which script ${kilobytes(script)}\n`);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
