import { isAbsolute, join } from 'node:path';
import type { Config, Findings } from './config.ts';
import { isHere, type PostgresConfig } from './postgres-url.ts';
import { EXAMPLE_DATA_KEY, MAKE_A_DATA_KEY } from './value-types.ts';
import type { Variables } from './variables.ts';

/** Where durable data is kept and how it is encrypted. */
export type Storage = Pick<Config['store'], 'dir' | 'postgres' | 'keys'>;

/**
 * Fills in the folder (XDG Base Directory specification) and checks PostgreSQL and the keys that are set. Whether there have
 * to be any depends on the platforms too.
 *
 * @param env the environment, for `XDG_DATA_HOME` and the home folder
 */
export function checkStorage(values: Variables, env: NodeJS.ProcessEnv, findings: Findings): Storage {
  const keys = values.GLIR_DATA_KEYS ?? [];
  if (keys.some(({ key }) => EXAMPLE_DATA_KEY.startsWith(key.reveal()))) {
    findings.refuse(
      'GLIR_DATA_KEYS',
      `holds the key of the documentation, which is no secret. Set one of your own. ${MAKE_A_DATA_KEY}`,
    );
  }
  const postgres = values.GLIR_DATABASE_URL ?? null;
  if (postgres !== null) {
    checkPostgres(postgres, values, findings);
    return { dir: null, postgres, keys };
  }
  const home = env['HOME'] ?? env['USERPROFILE'];
  const data = env['XDG_DATA_HOME'];
  const inHome = home === undefined ? null : join(home, '.local', 'share', 'glir');
  const standard = data !== undefined && isAbsolute(data) ? join(data, 'glir') : inHome;
  return { dir: values.GLIR_DATA_DIR ?? standard, postgres, keys };
}

/** Others than GLIR's own user can read a database server, and the network to it. */
function checkPostgres(postgres: PostgresConfig, values: Variables, findings: Findings): void {
  if (values.GLIR_DATA_DIR !== undefined) {
    findings.refuse(
      'GLIR_DATA_DIR',
      'set together with GLIR_DATABASE_URL, but durable data is kept in one place. Unset it to use PostgreSQL; npm run glir -- move copies what is in the folder. Or unset GLIR_DATABASE_URL.',
      ['GLIR_DATABASE_URL'],
    );
  }
  if (values.GLIR_DATA_KEYS === undefined) {
    findings.refuse(
      'GLIR_DATA_KEYS',
      `missing. What is secret in PostgreSQL is kept encrypted, which needs a key. Set GLIR_DATA_KEYS=k1:KEY. ${MAKE_A_DATA_KEY}`,
      ['GLIR_DATABASE_URL'],
    );
  }
  const { host, tls } = postgres;
  if (tls.mode === 'verify-full' || isHere(host)) return;
  const why =
    tls.mode === 'disable'
      ? 'is not encrypted: whoever can read the network reads what is stored, and the password'
      : 'is encrypted, but nobody checks that it is the right server';
  findings.warn(
    `The connection to PostgreSQL ${why}. Set sslmode=verify-full in GLIR_DATABASE_URL, with sslrootcert for a CA of your own.`,
  );
}
