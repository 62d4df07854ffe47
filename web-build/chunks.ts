/** Builds what a page loads only when it is needed: one script each, pinned by its hash in the page that loads it. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { build } from 'vite';
import { TSCONFIG } from './inline-page.ts';
import { omitModules } from './omitted-modules.ts';

/** One script beside a page. */
export interface Chunk {
  /** By which the page asks for it. */
  name: string;
  /** File name, with the beginning of its hash: a page finds the script that it was built with, or none. */
  file: string;
  code: string;
  /** For the `integrity` attribute (Subresource Integrity), and as a source of the page's CSP. */
  integrity: string;
}

const HASH_CHARACTERS = 16;

/** The path that a chunk is served at. */
export function chunkPath({ file }: Pick<Chunk, 'file'>): string {
  return `/chunks/${file}`;
}

/** @param entry the module that the chunk begins with */
export async function buildChunk(name: string, entry: string): Promise<Chunk> {
  const result = await build({
    root: path.dirname(entry),
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: 'error',
    plugins: [omitModules()],
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: entry,
        tsconfig: TSCONFIG,
        output: { format: 'iife', codeSplitting: false, comments: false },
      },
    },
  });
  const [chunk] = 'output' in result ? result.output : [];
  if (chunk?.type !== 'chunk') throw new Error(`The build of ${entry} gave no single script.`);
  const code = chunk.code.trim();
  const hash = createHash('sha256').update(code).digest();
  const file = `${name}.${hash.toString('hex').slice(0, HASH_CHARACTERS)}.js`;
  return { name, file, code, integrity: `sha256-${hash.toString('base64')}` };
}

/** The page's HTML with an element for each chunk, which the browser leaves alone until the page makes a script of it. */
export function withChunks(html: string, chunks: readonly Chunk[]): string {
  const elements = chunks.map((chunk) => {
    // `Integrity-Policy` lets pass only what is asked for with CORS.
    return `<script type="chunk" id="chunk-${chunk.name}" src="${chunkPath(chunk)}" integrity="${chunk.integrity}" crossorigin></script>`;
  });
  return html.replace('</body>', () => `${elements.join('')}</body>`);
}
