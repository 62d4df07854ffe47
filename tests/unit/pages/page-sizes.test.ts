import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { measurePageSizes } from '../../bench/page-sizes.ts';

const DIST = path.join(import.meta.dirname, '../../../dist');
/** With the answer to the join it fits two congestion windows of TCP, which are 43 kB. */
const PAGE_BYTES = 38_200;

it('the patient’s page, as it is sent, is at most 38.2 kB in every language: two round trips of a new connection', async () => {
  const facts = z
    .object({ receiver: z.object({ languages: z.record(z.string(), z.object({ file: z.string() })) }) })
    .parse(JSON.parse(await readFile(path.join(DIST, 'pages.json'), 'utf8')));
  const sizes = Object.values(facts.receiver.languages).map(async ({ file }) => {
    return [file, (await readFile(path.join(DIST, `${file}.br`))).byteLength] as const;
  });
  const all = await Promise.all(sizes);
  expect(all).toHaveLength(8);
  expect(all.filter(([, bytes]) => bytes > PAGE_BYTES)).toEqual([]);
});

it('the patient’s page has at most 42 kB of script where the browser takes gzip only', async () => {
  const [script] = await measurePageSizes();
  expect(script).toMatchObject({ name: 'receiver_js_gzip_bytes', value: expect.toSatisfy((bytes) => bytes <= 42_000) });
});
