import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Figure } from './figures.ts';

const DIST = path.join(import.meta.dirname, '../../dist');

const factsSchema = z.object({
  receiver: z.object({ file: z.string(), gzipBytes: z.int(), scriptGzipBytes: z.int() }),
});

/** Sizes of the patient's page. Throws when dist/pages.json says something else than the page itself. */
export async function measurePageSizes(): Promise<Figure[]> {
  const { receiver } = factsSchema.parse(JSON.parse(await readFile(path.join(DIST, 'pages.json'), 'utf8')));
  const html = await readFile(path.join(DIST, receiver.file), 'utf8');
  // The words of the page's language stand in it as data, which no browser runs.
  const scripts = [...html.matchAll(/<script(?! type="application\/json")[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => script,
  );
  const page = mustAgree('gzipBytes', receiver.gzipBytes, html);
  const script = mustAgree('scriptGzipBytes', receiver.scriptGzipBytes, scripts.join(''));
  return [
    {
      name: 'receiver_js_gzip_bytes',
      value: script,
      unit: 'bytes',
      what: "All scripts of the patient's page, gzip level 9.",
    },
    {
      name: 'receiver_page_gzip_bytes',
      value: page,
      unit: 'bytes',
      what: "The patient's whole page with its scripts and styles, gzip level 9; without what it loads later.",
    },
    {
      name: 'receiver_page_brotli_bytes',
      value: (await readFile(path.join(DIST, `${receiver.file}.br`))).byteLength,
      unit: 'bytes',
      what: 'The same as it is sent to browsers that take brotli, which are nearly all.',
    },
  ];
}

function mustAgree(fact: string, said: number, text: string): number {
  const counted = gzipSync(text, { level: 9 }).byteLength;
  if (counted === said) return counted;
  throw new Error(`dist/pages.json says ${fact} ${said}, but the page has ${counted}. Build the pages again.`);
}
