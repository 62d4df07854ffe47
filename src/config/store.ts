import { isAbsolute, join } from 'node:path';
import { type DataKey, EXAMPLE_DATA_KEY, MAKE_A_DATA_KEY } from './data-keys.ts';
import { type Findings, NOTHING, type Problem, refusal } from './problems.ts';
import type { VariableName, Variables } from './variables.ts';

/** Where durable data is kept and how it is encrypted. */
export interface StoreSettings extends Findings {
  /** Null when none was set and the environment names no home. */
  readonly dir: string | null;
  readonly keys: readonly DataKey[];
}

/**
 * Fills in the folder (XDG Base Directory specification) and judges the keys that are set. Whether there have to be any
 * is `requireDataKeys`' question.
 *
 * @param env the environment, for `XDG_DATA_HOME` and the home folder
 */
export function judgeStore(values: Variables, env: NodeJS.ProcessEnv): StoreSettings {
  const keys = values.GLIR_DATA_KEYS ?? [];
  const problems: Problem[] = [];
  if (keys.some(({ key }) => EXAMPLE_DATA_KEY.startsWith(key.reveal()))) {
    const text = `holds the key of the documentation, which is no secret. Set one of your own. ${MAKE_A_DATA_KEY}`;
    problems.push({ variable: 'GLIR_DATA_KEYS', text });
  }
  return { dir: values.GLIR_DATA_DIR ?? defaultDir(env), keys, problems, warnings: [] };
}

/**
 * What a platform needs that keeps tokens: a data key, and a folder to keep them in.
 *
 * @param platform its name in messages, such as `Slack`
 * @param given the variables that configure the platform
 */
export function requireDataKeys(
  { dir, keys }: Pick<StoreSettings, 'dir' | 'keys'>,
  platform: string,
  given: readonly VariableName[] = [],
): Findings {
  if (keys.length === 0) {
    const text = `missing. What ${platform} gives GLIR is kept encrypted, which needs a key. Set GLIR_DATA_KEYS=k1:KEY. ${MAKE_A_DATA_KEY}`;
    return refusal({ variable: 'GLIR_DATA_KEYS', text, given });
  }
  if (dir === null) {
    const text = `missing, and the environment names no home folder. Set the absolute path of a folder that only GLIR may read, such as /var/lib/glir.`;
    return refusal({ variable: 'GLIR_DATA_DIR', text, given });
  }
  return NOTHING;
}

function defaultDir(env: NodeJS.ProcessEnv): string | null {
  const { XDG_DATA_HOME: data, HOME, USERPROFILE } = env;
  if (data !== undefined && isAbsolute(data)) return join(data, 'glir');
  const home = HOME ?? USERPROFILE;
  return home === undefined ? null : join(home, '.local', 'share', 'glir');
}
