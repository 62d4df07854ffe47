import path from 'node:path';
import { pino } from 'pino';
import { type AuditEvent, SERVER } from '../audit/audit-events.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { createSeals } from '../audit/chain.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { backUpStore, restoreStore } from '../store/backup.ts';
import { openAudit } from '../store/open-store.ts';
import type { AuditRepository } from '../store/store.ts';

export const BACKUP_USAGE = `  backup FILE            copies the store in GLIR_DATA_DIR into a new file, while the server goes on
  restore FILE           puts a backup in the place of the store, which is kept beside it; stop the server first
`;

interface Target {
  config: Pick<Config, 'store' | 'audit'>;
  /** The file's path. */
  file: string;
  out: (text: string) => void;
}

/** Writes a backup, and into the audit that it did. Throws an Error that says what to set or change. */
export async function backUp({ config, file, out }: Target): Promise<void> {
  mustBeInFolder(config, 'pg_dump --format=custom --file=FILE "$GLIR_DATABASE_URL"');
  const { audit, close } = await openAudit(config.store);
  try {
    // No copy is made that the audit could not tell of.
    await mustSeal(audit, config);
    backUpStore(config.store.dir, file);
    await writeDown({ action: 'store-backed-up', ...SERVER }, audit, config);
  } finally {
    await close();
  }
  out(`Wrote ${file}, and checked it. Keep it as secret as the server: it names doctors and times, never a note.\n`);
  out('GLIR_DATA_KEYS are not in it. Keep them elsewhere: without them its tokens cannot be read.\n');
}

/** Restores a backup, and writes that into its audit. Throws an Error that says what to set or change. */
export async function restore({ config, file, out }: Target): Promise<void> {
  mustBeInFolder(
    config,
    'pg_restore --clean --if-exists --dbname="$GLIR_DATABASE_URL" FILE, with every server stopped',
  );
  const { dir } = config.store;
  if (dir === null) throw new Error('There is no folder to restore into. Set GLIR_DATA_DIR to an absolute path.');
  const { replaced, isAuditWhole } = await restoreStore(
    { dir, source: file, now: systemClock.now() },
    async (audit, isWhole) => {
      const lost = isWhole ? 'nothing' : 'unknown';
      await writeDown({ action: 'store-restored', ...SERVER, lost }, audit, config);
    },
  );
  out(`Restored ${file} to ${path.join(dir, 'glir.db')}. Start GLIR.\n`);
  if (replaced !== null) out(`What was there is ${replaced} now. Delete it once nobody needs it.\n`);
  if (!isAuditWhole) out('Records of the audit that are younger than the backup are lost. The audit says so.\n');
}

function mustBeInFolder({ store }: Pick<Config, 'store'>, command: string): void {
  if (store.postgres === null) return;
  throw new Error(
    `The store is in PostgreSQL, which has tools of its own for this: ${command}. See docs/OPERATIONS.md.`,
  );
}

async function writeDown(
  event: AuditEvent,
  rows: AuditRepository,
  { store, audit: { days } }: Target['config'],
): Promise<void> {
  if (days === 0) return;
  await mustSeal(rows, { store });
  const seals = createSeals(store.keys);
  const audit = new AuditLog({ rows, seals, clock: systemClock, log: pino({ level: 'silent' }) });
  await audit.require(event);
  await audit.close();
}

async function mustSeal(rows: AuditRepository, { store }: Pick<Config, 'store'>): Promise<void> {
  if (store.keys.length > 0 || ((await rows.last())?.keyId ?? null) === null) return;
  throw new Error('The rows of this audit are sealed. Set GLIR_DATA_KEYS as the server has it.');
}

/** A file's name is understood where the command was typed: npm runs its scripts elsewhere, and says so. */
export function pathTyped(file: string, env: NodeJS.ProcessEnv): string {
  return path.resolve(env['INIT_CWD'] ?? '', file);
}
