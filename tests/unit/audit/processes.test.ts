import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { auditIn } from './setup.ts';

const SRC = new URL('../../../src/', import.meta.url).href;

/** Another process that opens the same file and writes rows as fast as it can. */
async function writer(dir: string, key: string, rows: number): Promise<unknown> {
  const program = `
    import { AuditLog } from '${SRC}audit/audit-log.ts';
    import { createSeals } from '${SRC}audit/chain.ts';
    import { systemClock } from '${SRC}clock.ts';
    import { Secret } from '${SRC}config/secret.ts';
    import { openAudit } from '${SRC}store/open-store.ts';
    const { audit: rows, close } = await openAudit({ dir: process.env.DIR, postgres: null });
    const log = { info: () => {}, warn: () => {}, error: (line) => process.stderr.write(JSON.stringify(line)) };
    const seals = createSeals([{ id: 'k1', key: new Secret(process.env.KEY) }]);
    const audit = new AuditLog({ rows, seals, clock: systemClock, log });
    const note = { platform: 'local', tenant: 'local', user: 'local', room: String(process.pid).slice(-8) };
    for (let count = 0; count < ${rows}; count++) await audit.require({ action: 'note-resumed', ...note });
    await audit.close();
    await close();`;
  const env = { PATH: process.env['PATH'], DIR: dir, KEY: key };
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'close');
  return code;
}

it('several processes write one chain, each row behind the one before, and none is lost', async () => {
  const { dir, keys, verdict, records } = await auditIn();
  const key = keys[0]?.key.reveal() ?? '';
  expect(
    await Promise.all([await writer(dir, key, 60), await writer(dir, key, 60), await writer(dir, key, 60)]),
  ).toEqual([0, 0, 0]);
  expect(await verdict()).toMatchObject({ kind: 'whole', rows: 180 });
  expect(new Set((await records()).map(({ room }) => room)).size).toBe(3);
});
