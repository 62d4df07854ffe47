import { thisMachine } from '../config/addresses.ts';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import { moveStore } from '../store/move-store.ts';

export const MOVE_USAGE = `  move                   copies the store in GLIR_DATA_DIR into the empty PostgreSQL of GLIR_DATABASE_URL, and checks every
                         row; no server may run, and nothing is deleted
`;

/** Copies a folder's store into PostgreSQL; gives the exit code. Throws an Error that says what to set or change. */
export async function runMove(env: NodeJS.ProcessEnv, out: (text: string) => void): Promise<number> {
  // A server has one place or the other, so each is read as if the other were not set.
  const from = storeWithout('GLIR_DATABASE_URL', env);
  const { postgres } = storeWithout('GLIR_DATA_DIR', env);
  if (postgres === null) throw new Error('There is nowhere to move to. Set GLIR_DATABASE_URL to an empty PostgreSQL.');
  const copied = await moveStore(from.dir, postgres);
  for (const [table, rows] of copied) out(`${String(rows).padStart(10)}  ${table}\n`);
  out('Every row was copied into PostgreSQL, read again and compared. The folder is as it was.\n');
  out('Next: unset GLIR_DATA_DIR, run "npm run glir -- audit verify", and start GLIR. Then put the folder away.\n');
  return 0;
}

function storeWithout(name: string, env: NodeJS.ProcessEnv): Config['store'] {
  return loadConfig({ ...env, [name]: undefined }, thisMachine()).store;
}
