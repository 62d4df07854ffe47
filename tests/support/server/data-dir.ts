import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A folder for one server's durable data. */
export interface DataDir {
  path: string;
  remove(): void;
}

/** A new, empty one. */
export function dataDir(): DataDir {
  const folder = mkdtempSync(path.join(tmpdir(), 'glir-data-'));
  return { path: folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
