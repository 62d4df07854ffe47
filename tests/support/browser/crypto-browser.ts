import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { z } from 'zod';
import type { Outcome } from '../../vectors/case.ts';
import { launchBrowser } from './browsers.ts';

const ENTRY = fileURLToPath(new URL('./crypto-page.ts', import.meta.url));
const PAGE = '<!doctype html><meta charset="utf-8"><title>Cases</title>';
const outcomesSchema = z.array(z.object({ name: z.string(), failure: z.string().nullable() }));

/** Runs every case on a page of a real browser; gives how each went. */
export async function runInBrowser(vectors: unknown): Promise<Outcome[]> {
  const script = await bundle();
  const server = createServer(({ url }, response) => {
    const [type, body] = url === '/cases.js' ? ['text/javascript', script] : ['text/html', PAGE];
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    // As text: the bundler of the tests would rewrite an import inside a function.
    const outcomes = await page.evaluate(
      `import('/cases.js').then(({ runAll }) => runAll(${JSON.stringify(vectors)}))`,
    );
    return outcomesSchema.parse(outcomes);
  } finally {
    await browser.close();
    server.closeAllConnections();
    server.close();
  }
}

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
