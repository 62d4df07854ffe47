import { pino } from 'pino';
import { plainCount, SERVER } from '../audit/audit-events.ts';
import { AuditLog } from '../audit/audit-log.ts';
import { createSeals } from '../audit/chain.ts';
import { verifyAll } from '../audit/verify.ts';
import { systemClock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { openStore } from '../store/open-store.ts';
import type { Store } from '../store/store.ts';

/**
 * Encrypts what is kept with the first key, and lets a new row of the audit, sealed with it, stand for the seals of the
 * older ones. A running GLIR may go on meanwhile, as long as it was started with the new key as well. Gives the exit code.
 */
export async function rotateKeys(
  { store: settings }: Pick<Config, 'store'>,
  write: { out: (text: string) => void; err: (text: string) => void },
): Promise<number> {
  const store = await openStore({ settings, clock: systemClock, log: pino({ level: 'silent' }) });
  try {
    const count = await store.installations.rotate();
    write.out(`Encrypted ${count} of the kept installations anew, with the first of GLIR_DATA_KEYS.\n`);
    return await vouch(store, settings, count, write.err);
  } finally {
    await store.close();
  }
}

/** An audit that was tampered with is not vouched for. */
async function vouch(
  { audit: rows }: Store,
  settings: Config['store'],
  count: number,
  printError: (text: string) => void,
): Promise<number> {
  const seals = createSeals(settings.keys);
  const verdict = await verifyAll(rows, seals);
  if (verdict.kind !== 'whole') {
    const found = verdict.kind === 'broken' ? 'The audit was tampered with' : 'The audit cannot be checked';
    printError(`${found}: row ${verdict.seq} ${verdict.why}. Keep the older keys, to check its seals.\n`);
    return 1;
  }
  if (seals.currentId === null) return 0;
  const audit = new AuditLog({
    rows,
    seals,
    clock: systemClock,
    log: pino({ level: 'silent' }),
    checkedUpTo: verdict.head,
  });
  await audit.require({ action: 'keys-rotated', ...SERVER, keyId: seals.currentId, count: plainCount(count) });
  await audit.close();
  return 0;
}
