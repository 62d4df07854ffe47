/** The scripts that a page loads only when it needs them: what it imports with `import()`. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import type { Plugin } from 'vite';

/** Where the server has them. */
const FOLDER = '/scripts/';
const HASH_CHARACTERS = 16;

export interface LazyScript {
  /** Its path on the server, which names its content. */
  at: string;
  text: string;
}

/**
 * Builds each module that is imported with `import()` as a script that stands by itself, because the page's own script is
 * inside the page and can be imported by nobody. Whatever both use is in both: they must not compare classes, nor share state.
 *
 * @param buildScript builds the module in a file
 * @param made gets what was built
 */
export function lazyScripts(buildScript: (file: string) => Promise<string>, made: LazyScript[]): Plugin {
  return {
    name: 'glir:lazy-scripts',
    enforce: 'pre',
    async resolveDynamicImport(specifier, importer) {
      if (typeof specifier !== 'string') return null;
      const resolved = await this.resolve(specifier, importer);
      if (resolved === null || resolved.external !== false) return null;
      const text = await buildScript(resolved.id);
      const hash = createHash('sha256').update(text).digest('hex').slice(0, HASH_CHARACTERS);
      const at = `${FOLDER}${path.basename(resolved.id, '.ts')}.${hash}.js`;
      if (made.every((script) => script.at !== at)) made.push({ at, text });
      return { id: at, external: 'absolute' };
    },
  };
}

/**
 * An import map that has browsers check those scripts before they run (HTML, "integrity" of import maps); empty where there is
 * none. Older browsers do not know it, and load them all the same from the addresses that the page's policy names.
 */
export function integrityMap(scripts: readonly LazyScript[]): string {
  if (scripts.length === 0) return '';
  const integrity = scripts.map(({ at, text }) => [at, `sha256-${createHash('sha256').update(text).digest('base64')}`]);
  return JSON.stringify({ integrity: Object.fromEntries(integrity) });
}
