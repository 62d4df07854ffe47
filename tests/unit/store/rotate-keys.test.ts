import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runCli } from '../../../src/cli/glir.ts';
import { storesOn, TEST_DATABASES } from './databases.ts';
import { CLINIC, dataKey } from './setup.ts';

const data = z.object({ botToken: z.string() });

describe.each(TEST_DATABASES)('npm run glir -- rotate-keys in $name', (database) => {
  const storeIn = storesOn(database);

  it('encrypts what is kept with the new key, so that the old one can go', async () => {
    const [old, fresh, place] = [dataKey('old'), dataKey('fresh'), await database.newPlace()];
    await (await storeIn({ place, keys: [old] })).store.installations.save(CLINIC, { botToken: 'xoxb-1' });
    let out = '';
    const keys = [fresh, old].map(({ id, key }) => `${id}:${key.reveal()}`).join(',');
    const env = { ...place.env, GLIR_DATA_KEYS: keys };
    expect(await runCli(['rotate-keys'], env, { out: (text) => (out += text), err: () => undefined })).toBe(0);
    expect(out).toContain('Encrypted 1 ');
    expect(await (await storeIn({ place, keys: [fresh] })).store.installations.find(CLINIC, data)).toEqual({
      botToken: 'xoxb-1',
    });
  });

  it('without a key says which variable to set', async () => {
    const write = { out: () => undefined, err: () => undefined };
    await expect(runCli(['rotate-keys'], (await database.newPlace()).env, write)).rejects.toThrow('GLIR_DATA_KEYS');
  });
});
