import { isAbsolute, join } from 'node:path';
import type { Config, Findings } from './config.ts';
import { EXAMPLE_DATA_KEY, MAKE_A_DATA_KEY } from './value-types.ts';
import type { Variables } from './variables.ts';

/** Where durable data is kept and how it is encrypted. */
export type Storage = Pick<Config['store'], 'dir' | 'keys'>;

/**
 * Fills in the folder (XDG Base Directory specification) and checks the keys that are set. Whether there have to be any
 * depends on the platforms.
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
  const home = env['HOME'] ?? env['USERPROFILE'];
  const data = env['XDG_DATA_HOME'];
  const inHome = home === undefined ? null : join(home, '.local', 'share', 'glir');
  const standard = data !== undefined && isAbsolute(data) ? join(data, 'glir') : inHome;
  return { dir: values.GLIR_DATA_DIR ?? standard, keys };
}
