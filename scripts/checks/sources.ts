/** Finds the source files of a checkout, without what is installed or built. */
import { globSync } from 'node:fs';

const skipped = new Set(['node_modules', 'dist', 'coverage', 'shots']);

/** Paths from `root` of all script files, sorted, with forward slashes. */
export function sourceFiles(root: string): string[] {
  const found = globSync('**/*.{ts,mts,cts,js,mjs,cjs}', {
    cwd: root,
    exclude: (name) => skipped.has(name) || name.startsWith('.git'),
  });
  return found.map((file) => file.replaceAll('\\', '/')).sort();
}
