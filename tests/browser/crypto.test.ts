import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { sharedBrowser } from '../support/browser/shared.ts';
import { cryptoCases } from '../vectors/cases.ts';

const ENTRY = fileURLToPath(new URL('../vectors/in-browser.ts', import.meta.url));
const PAGE = '<!doctype html><meta charset="utf-8"><title>Cases</title>';
const outcomesSchema = z.array(z.object({ name: z.string(), failure: z.string().nullable() }));

/** The cases and what they test, as one module. */
async function bundle(): Promise<string> {
  const result = await build({
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: 'warn',
    build: {
      write: false,
      target: 'es2024',
      minify: false,
      lib: { entry: ENTRY, formats: ['es'] },
      rolldownOptions: { output: { codeSplitting: false } },
    },
  });
  const [output] = Array.isArray(result) ? result.flatMap((each) => each.output) : [];
  if (output?.type !== 'chunk') throw new Error('The cases could not be bundled for a browser.');
  return output.code;
}

describe('the cryptography in a browser', () => {
  const failures = new Map<string, string | null>();
  let browser: Browser;
  let server: Server;

  beforeAll(async () => {
    const script = await bundle();
    server = createServer(({ url }, response) => {
      const [type, body] = url === '/cases.js' ? ['text/javascript', script] : ['text/html', PAGE];
      response.writeHead(200, { 'content-type': type }).end(body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    browser = await sharedBrowser();
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    // As text: the bundler of the tests would rewrite an import inside a function.
    const outcomes = await page.evaluate("import('/cases.js').then(({ runAll }) => runAll())");
    for (const { name, failure } of outcomesSchema.parse(outcomes)) failures.set(name, failure);
  });
  afterAll(async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
  });

  it('runs the same cases as in Node, each under a name of its own', () => {
    expect([...failures.keys()]).toEqual(cryptoCases.map(({ name }) => name));
  });

  for (const { name } of cryptoCases) it(name, () => expect(failures.get(name)).toBeNull());
});
