/** Builds one page folder into one HTML file, its script and style inline, and what it loads later as scripts beside it. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { type BuildEnvironmentOptions, build, type Plugin, type Rolldown } from 'vite';
import { integrityMap, type LazyScript, lazyScripts } from './lazy-scripts.ts';
import { omitModules } from './omitted-modules.ts';
import { readerParts } from './reader-parts.ts';

const TSCONFIG = path.join(import.meta.dirname, '../tsconfig.web.json');

/** Pages that come over slow lines, with what they need of zod and hpke and no more. */
const SMALL_PAGES = ['web-receiver'];
const ZOD_SUBSET = path.join(import.meta.dirname, '../web-shared/zod-subset.ts');

export interface BuiltPage {
  html: string;
  /** Contents of the inline scripts and styles, in the page's order. */
  scripts: string[];
  styles: string[];
  /** What the page imports when it needs it, with `import()`. */
  lazyScripts: LazyScript[];
}

/** CSP source of an inline script or style: its SHA-256 in Base64. */
export function cspHash(content: string): string {
  return `sha256-${createHash('sha256').update(content).digest('base64')}`;
}

/** Where an index.html wants the script that runs while the rest of the page is still on its way, made from head.ts. */
const HEAD = '<script>/* head.ts */</script>';

/**
 * Builds `folder`, whose index.html names one module script and one style sheet, and may have a place for head.ts. `entry` replaces the page's own main.ts;
 * then a script in the HTML itself is left out, and what is imported later is in the page. Throws when there is no index.html, or when the page needs other files.
 */
export async function buildPage(folder: string, entry?: string): Promise<BuiltPage> {
  const shell = path.join(folder, 'index.html');
  if (!existsSync(shell))
    throw new Error(`No page at ${folder}: it needs an index.html. Restore it, then build again.`);

  const lazy: LazyScript[] = [];
  // A script that is loaded later may have others that are loaded later still.
  const later = (): Plugin => lazyScripts((input) => buildScript(folder, input, later()), lazy);
  const plugin = entry === undefined ? later() : otherEntry(entry);
  const output = await bundle(folder, [plugin], { input: shell, output: { codeSplitting: false, comments: false } });
  const hasHead = existsSync(path.join(folder, 'head.ts'));
  if (hasHead !== readFileSync(shell, 'utf8').includes(HEAD))
    throw new Error(`The page ${folder} has a head.ts or a place for it, but not both. Write ${HEAD} into its head.`);
  const head = hasHead && entry === undefined ? await buildHead(folder) : null;
  // They were ready in whatever order; the page is the same each time.
  const inOrder = lazy.toSorted((one, other) => (one.at < other.at ? -1 : 1));
  return inline(folder, output, head, inOrder);
}

/** What both the page and the scripts beside it are built with. */
async function bundle(
  folder: string,
  plugins: Plugin[],
  options: NonNullable<BuildEnvironmentOptions['rolldownOptions']>,
): Promise<Rolldown.RolldownOutput['output']> {
  const isSmall = SMALL_PAGES.includes(path.basename(folder));
  const result = await build({
    root: folder,
    configFile: false,
    envDir: false,
    publicDir: false,
    logLevel: 'warn',
    resolve: { alias: isSmall ? { 'zod/mini': ZOD_SUBSET } : {} },
    plugins: [omitModules(), ...(isSmall ? [readerParts()] : []), ...plugins],
    build: {
      write: false,
      target: 'es2022',
      modulePreload: false,
      assetsInlineLimit: 0,
      reportCompressedSize: false,
      rolldownOptions: { tsconfig: TSCONFIG, ...options },
    },
  });
  if (!('output' in result)) throw new Error(`The build of ${folder} gave no single output.`);
  return result.output;
}

/** The script of a page's head: no module, so that it runs as soon as it is read. */
async function buildHead(folder: string): Promise<string> {
  const input = path.join(folder, 'head.ts');
  return safeScript(
    onlyScript(input, await bundle(folder, [], { input, output: { format: 'iife', comments: false } })),
  );
}

/** A module that stands by itself, and keeps what it exports. */
async function buildScript(folder: string, input: string, later: Plugin): Promise<string> {
  const output = { format: 'es', codeSplitting: false, comments: false } as const;
  return onlyScript(input, await bundle(folder, [later], { input, output, preserveEntrySignatures: 'strict' }));
}

function onlyScript(input: string, [chunk, ...others]: Rolldown.RolldownOutput['output']): string {
  if (chunk?.type !== 'chunk' || others.length > 0) throw new Error(`The build of ${input} gave no single script.`);
  return chunk.code.trim();
}

function otherEntry(entry: string): Plugin {
  return {
    name: 'glir:other-entry',
    transformIndexHtml: {
      order: 'pre',
      handler: (html) => html.replace(/<script>[\s\S]*?<\/script>/, '').replace('./main.ts', entry),
    },
  };
}

function inline(
  folder: string,
  output: Rolldown.RolldownOutput['output'],
  head: string | null,
  lazy: LazyScript[],
): BuiltPage {
  const page: BuiltPage = { html: '', scripts: [], styles: [], lazyScripts: lazy };
  const texts = new Map<string, string>();
  for (const file of output) {
    const text = file.type === 'chunk' ? file.code : new TextDecoder().decode(bytesOf(file.source));
    if (file.fileName.endsWith('.html')) page.html = text;
    else texts.set(`/${file.fileName}`, text.trim());
  }
  const take = (address: string): string => {
    const text = texts.get(address);
    texts.delete(address);
    if (text === undefined) throw new Error(`The page ${folder} asks for ${address}, which the build did not make.`);
    return text;
  };
  if (head !== null) page.html = page.html.replace(HEAD, () => `<script>${head}</script>`);
  // A script in the HTML itself runs before the rest of the page is read.
  for (const [, early = ''] of page.html.matchAll(/<script>([\s\S]*?)<\/script>/g)) page.scripts.push(early);
  const map = integrityMap(lazy);
  page.html = page.html
    .replace(/<link rel="stylesheet"[^>]*href="([^"]+)"[^>]*>/g, (_tag, address: string) => {
      const style = safeStyle(take(address));
      page.styles.push(style);
      return `<style>${style}</style>`;
    })
    .replace(/<script type="module"[^>]*src="([^"]+)"[^>]*><\/script>/g, (_tag, address: string) => {
      const script = safeScript(take(address));
      if (map !== '') page.scripts.push(map);
      page.scripts.push(script);
      const imports = map === '' ? '' : `<script type="importmap">${map}</script>`;
      return `${imports}<script type="module">${script}</script>`;
    });
  if (texts.size > 0) throw new Error(`The page ${folder} needs files beside it: ${[...texts.keys()].join(', ')}.`);
  return page;
}

function bytesOf(source: string | Uint8Array): Uint8Array {
  return typeof source === 'string' ? new TextEncoder().encode(source) : source;
}

/**
 * A script cannot hold its own end tag, nor open a comment that changes how the end is found. At the beginning of a text
 * both are written in another way; elsewhere it could be an operator.
 */
function safeScript(code: string): string {
  const text = code
    .replaceAll('\r', '')
    .replace(/<(?=\/script)/gi, '\\x3C')
    .replace(/(?<=["'`])<(?=!--["'`])/g, '\\x3C');
  if (text.includes('<!--')) throw new Error('A script holds "<!--", which is not safe inline. Write it in two parts.');
  return text;
}

function safeStyle(css: string): string {
  const text = css.replaceAll('\r', '');
  if (/<\/style/i.test(text)) throw new Error('A stylesheet holds "</style", which is not safe inline.');
  return text;
}
