import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SECRET_NAMES } from './variables.ts';

const SUFFIX = '_FILE';
/** Where systemd puts what LoadCredential= names: https://systemd.io/CREDENTIALS */
const CREDENTIALS = 'CREDENTIALS_DIRECTORY';

/**
 * The environment with the secrets that stand in files: for each variable that is a secret, the file that `NAME_FILE` names, or
 * else a systemd credential of the variable's name.
 *
 * @param env variables by name; empty ones count as unset
 * @param read reads a text file; rejects what is not there with the code `ENOENT`
 * @returns the variables without the `NAME_FILE` ones
 * @throws Error that says what to set, when a secret is set twice or its file cannot be read or is empty
 */
export function withSecretFiles(
  env: NodeJS.ProcessEnv,
  read: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): NodeJS.ProcessEnv {
  const all = { ...env };
  for (const name of SECRET_NAMES) {
    const file = all[name + SUFFIX]?.trim() ?? '';
    delete all[name + SUFFIX];
    const isSet = (all[name]?.trim() ?? '') !== '';
    if (file !== '') {
      if (isSet) throw new Error(`${name} and ${name}${SUFFIX} are both set. Unset one of them.`);
      all[name] = contentOf(`${name}${SUFFIX}`, file, read);
    } else if (!isSet) {
      const credential = credentialOf(name, env[CREDENTIALS]?.trim() ?? '', read);
      if (credential !== null) all[name] = credential;
    }
  }
  return all;
}

function contentOf(variable: string, file: string, read: (path: string) => string): string {
  let text: string;
  try {
    text = read(file).trim();
  } catch (error) {
    throw new Error(`${variable}: ${file} cannot be read (${codeOf(error)}). Name a file that GLIR's user may read.`);
  }
  if (text === '') throw new Error(`${variable}: ${file} is empty. Write the secret into it.`);
  return text;
}

/** Null when there is no such credential. */
function credentialOf(name: string, folder: string, read: (path: string) => string): string | null {
  if (folder === '') return null;
  try {
    return read(join(folder, name)).trim();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new Error(
      `The credential ${name} cannot be read (${codeOf(error)}). Look at LoadCredential= of the service.`,
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}
