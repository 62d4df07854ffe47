import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../../../src/cli/glir.ts';

const ENV = { PUBLIC_URL: 'https://glir.example.org', GLIR_TEAMS_APP_ID: '5F2F4A8E-0c1e-4f7b-9d52-8a4b2b0f6c11' };

async function cli(words: string[], env: NodeJS.ProcessEnv = {}) {
  let out = '';
  let err = '';
  const code = await runCli(words, env, { out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
}

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'glir-package-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('npm run glir -- package teams', () => {
  it('writes glir-teams.zip where it was typed: the manifest, its languages and the two icons, and nothing else', async () => {
    const { code, out, err } = await cli(['package', 'teams'], { ...ENV, INIT_CWD: folder });
    const file = path.join(folder, 'glir-teams.zip');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(file);

    const files = unzipSync(await readFile(file));
    const languages = ['ar', 'de', 'es', 'fr', 'it', 'pt', 'uk'].map((code) => `${code}.json`);
    expect(Object.keys(files).sort()).toEqual([...languages, 'color.png', 'manifest.json', 'outline.png'].sort());
    const manifest = await cli(['manifest', 'teams'], ENV);
    expect(Buffer.from(files['manifest.json'] ?? []).toString()).toBe(manifest.out);
    expect(JSON.parse(manifest.out)).toMatchObject({ id: ENV.GLIR_TEAMS_APP_ID.toLowerCase() });
    for (const icon of ['color.png', 'outline.png']) {
      const drawn = await readFile(path.join('bots/teams/package', icon));
      expect(drawn.equals(Buffer.from(files[icon] ?? []))).toBe(true);
    }
  });

  it('writes the same bytes for the same settings, over what was there, and others for others', async () => {
    const env = { ...ENV, INIT_CWD: folder };
    const made = async (more: NodeJS.ProcessEnv = {}) => {
      await cli(['package', 'teams', 'same.zip'], { ...env, ...more });
      return readFile(path.join(folder, 'same.zip'));
    };
    const first = await made();
    expect((await made()).equals(first)).toBe(true);
    expect((await made({ GLIR_TEAMS_COMPOSE: 'dialog' })).equals(first)).toBe(false);
    expect((await made()).equals(first)).toBe(true);
  });

  it('carries GLIR’s own version', async () => {
    const { version } = JSON.parse(await readFile('package.json', 'utf8'));
    expect(JSON.parse((await cli(['manifest', 'teams'], ENV)).out)).toMatchObject({ version });
  });

  it('needs no secret, and no other setting to be right', async () => {
    const env = { ...ENV, PORT: 'none', GLIR_TEAMS_APP_PASSWORD: '', GLIR_SLACK_CLIENT_ID: '1.2' };
    expect((await cli(['manifest', 'teams'], env)).code).toBe(0);
  });

  it.each([
    ['nothing', {}, ['PUBLIC_URL: missing. Set', 'GLIR_TEAMS_APP_ID: missing. Set']],
    ['only spaces', { PUBLIC_URL: ' ', GLIR_TEAMS_APP_ID: ' ' }, ['PUBLIC_URL: missing', 'GLIR_TEAMS_APP_ID: missing']],
    ['http', { ...ENV, PUBLIC_URL: 'http://localhost:3000' }, ['https addresses only', 'http://localhost:3000']],
    ['no address', { ...ENV, PUBLIC_URL: 'glir' }, ['PUBLIC_URL: ']],
    ['no id, and http', { PUBLIC_URL: 'http://glir.test', GLIR_TEAMS_APP_ID: 'glir' }, ['not an id such as', 'https']],
    ['an unknown composer', { ...ENV, GLIR_TEAMS_COMPOSE: 'tab' }, ['GLIR_TEAMS_COMPOSE: ']],
  ])('given %s, says what to set and writes nothing', async (_given, env, said) => {
    const file = path.join(folder, 'refused.zip');
    for (const text of said) await expect(cli(['package', 'teams', file], env)).rejects.toThrow(text);
    await expect(cli(['manifest', 'teams'], env)).rejects.toThrow('cannot be made');
    await expect(readFile(file)).rejects.toThrow('ENOENT');
  });

  it('says so when the file cannot be written', async () => {
    const file = path.join(folder, 'missing', 'glir.zip');
    await expect(cli(['package', 'teams', file], ENV)).rejects.toThrow(
      `${file} cannot be written (ENOENT). Name another`,
    );
  });

  it.each([[['package']], [['package', 'slack']], [['package', 'teams', 'a.zip', 'b.zip']]])(
    'explains itself for %j',
    async (words) => {
      const { code, out, err } = await cli(words, ENV);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain('package teams [FILE]');
    },
  );
});
