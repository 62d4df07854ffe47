import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { AuditRows } from '../audit-rows.ts';
import { StoreError } from '../error.ts';
import { sqliteAudit } from './audit.ts';
import { DATABASE_NAME, openFile } from './file.ts';
import { migrate } from './migrations.ts';
import { asStoreError } from './rows.ts';

/**
 * Opens the audit alone, which needs no key, for tools that read it. A server may have it open.
 *
 * @throws StoreError `unusable` also where there is none, or `newer-schema`
 */
export function openAudit(dir: string | null): { rows: AuditRows; close(): void } {
  if (dir === null || !existsSync(join(dir, DATABASE_NAME))) {
    const where = dir === null ? 'the environment names no folder' : `${dir} has no ${DATABASE_NAME}`;
    throw new StoreError('unusable', `There is no audit: ${where}. Set GLIR_DATA_DIR to the folder of your GLIR.`);
  }
  const db = openFile(dir);
  try {
    migrate(db);
    return { rows: sqliteAudit(db), close: () => db.close() };
  } catch (error) {
    db.close();
    throw asStoreError(error);
  }
}
