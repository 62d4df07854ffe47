import { describe, expect, it } from 'vitest';
import { withSecretFiles } from '../../../src/config/secret-files.ts';

/** Reads from a record of files by their paths. */
function files(all: Record<string, string>) {
  return (path: string): string => {
    const text = all[path];
    if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
    return text;
  };
}

describe('a secret', () => {
  it('is read from the file that its variable with _FILE names, without the line’s end', () => {
    const env = { GLIR_DATA_KEYS_FILE: '/run/secrets/keys', PORT: '80' };
    expect(withSecretFiles(env, files({ '/run/secrets/keys': 'k1:abc\n' }))).toEqual({
      GLIR_DATA_KEYS: 'k1:abc',
      PORT: '80',
    });
  });

  it('is a credential of systemd, unless it is set', () => {
    const read = files({ '/run/credentials/glir/GLIR_CLUSTER_KEY': 'from systemd\n' });
    const env = { CREDENTIALS_DIRECTORY: '/run/credentials/glir' };
    expect(withSecretFiles(env, read)['GLIR_CLUSTER_KEY']).toBe('from systemd');
    expect(withSecretFiles({ ...env, GLIR_CLUSTER_KEY: 'set' }, read)['GLIR_CLUSTER_KEY']).toBe('set');
  });

  it.each([
    ['set twice', { GLIR_TURN_SECRET: 'a', GLIR_TURN_SECRET_FILE: '/there' }, /both set\. Unset one/],
    ['in no file', { GLIR_TURN_SECRET_FILE: '/nowhere' }, /\/nowhere cannot be read \(ENOENT\)\. Name a file/],
    ['in an empty file', { GLIR_TURN_SECRET_FILE: '/empty' }, /\/empty is empty\. Write/],
  ])('%s is refused with what to set, and not shown', (_how, env, words) => {
    const read = files({ '/there': 'TOPSECRET', '/empty': ' \n' });
    expect(() => withSecretFiles(env, read)).toThrow(words);
    expect(() => withSecretFiles(env, read)).not.toThrow(/TOPSECRET/);
  });

  it('has no file where the variable is no secret', () => {
    expect(withSecretFiles({ PORT_FILE: '/there' }, files({ '/there': '80' }))).toEqual({ PORT_FILE: '/there' });
  });
});
