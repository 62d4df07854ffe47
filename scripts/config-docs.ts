/**
 * Prints docs/config.md as it should be (`node scripts/config-docs.ts > docs/config.md`), or with `--check` says
 * whether it is up to date and exits with 1 when it is not.
 */
import { readFileSync } from 'node:fs';
import { configDocs } from '../src/config/docs.ts';

const file = new URL('../docs/config.md', import.meta.url);

function isCurrent(): boolean {
  try {
    return readFileSync(file, 'utf8') === configDocs();
  } catch {
    return false;
  }
}

if (!process.argv.includes('--check')) {
  process.stdout.write(configDocs());
} else if (!isCurrent()) {
  process.stdout.write('docs/config.md is not up to date. Run: node scripts/config-docs.ts > docs/config.md\n');
  process.exitCode = 1;
}
