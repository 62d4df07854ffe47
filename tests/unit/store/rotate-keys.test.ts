import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runCli } from '../../../src/cli/glir.ts';
import { CLINIC, dataKey, folder, storeIn } from './setup.ts';

const data = z.object({ botToken: z.string() });

describe('npm run glir -- rotate-keys', () => {
  it('encrypts what is kept with the new key, so that the old one can go', async () => {
    const [old, fresh, dir] = [dataKey('old'), dataKey('fresh'), folder()];
    await (await storeIn({ dir, keys: [old] })).store.installations.save(CLINIC, { botToken: 'xoxb-1' });
    let out = '';
    const keys = [fresh, old].map(({ id, key }) => `${id}:${key.reveal()}`).join(',');
    const env = { GLIR_DATA_DIR: dir, GLIR_DATA_KEYS: keys };
    expect(await runCli(['rotate-keys'], env, { out: (text) => (out += text), err: () => undefined })).toBe(0);
    expect(out).toContain('Encrypted 1 ');
    expect(await (await storeIn({ dir, keys: [fresh] })).store.installations.find(CLINIC, data)).toEqual({
      botToken: 'xoxb-1',
    });
  });

  it('without a key says which variable to set', async () => {
    const write = { out: () => undefined, err: () => undefined };
    await expect(runCli(['rotate-keys'], { GLIR_DATA_DIR: folder() }, write)).rejects.toThrow('GLIR_DATA_KEYS');
  });
});
