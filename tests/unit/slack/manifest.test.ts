import { describe, expect, it } from 'vitest';
import { slackManifest } from '../../../bots/slack/manifest.ts';
import { runCli } from '../../../src/cli/glir.ts';
import { slackSchema } from '../../support/slack/schema.ts';

const URL = 'https://glir.example.org';

// Made once: it takes seconds.
const validManifest = slackSchema('Manifest');

async function cli(words: string[], env: NodeJS.ProcessEnv = {}) {
  let out = '';
  let err = '';
  const code = await runCli(words, env, { out: (text) => (out += text), err: (text) => (err += text) });
  return { code, out, err };
}

describe('the manifest', () => {
  it.each(['http', 'socket'] as const)('for %s fits Slack’s type and its limits', (delivery) => {
    const manifest = slackManifest(URL, delivery);
    expect(validManifest(manifest)).toEqual([]);
    const { display_information: display, features, oauth_config: oauth } = manifest;
    expect(display.name.length).toBeLessThanOrEqual(35);
    expect(display.description?.length).toBeLessThanOrEqual(140);
    expect(display.long_description?.length).toBeGreaterThanOrEqual(174);
    expect(display.long_description?.length).toBeLessThanOrEqual(4_000);
    for (const { name, callback_id: id, description } of features?.shortcuts ?? []) {
      expect(name.length).toBeLessThanOrEqual(24);
      expect(id.length).toBeLessThanOrEqual(255);
      expect(description.length).toBeLessThanOrEqual(150);
    }
    expect(oauth?.scopes).toEqual({ bot: ['commands'], bot_optional: ['chat:write'] });
  });

  it('names our addresses where Slack calls us, and none in socket mode', () => {
    const events = `${URL}/slack/events`;
    expect(JSON.stringify(slackManifest(URL, 'http')).split(events)).toHaveLength(4);
    const socket = slackManifest(URL, 'socket');
    expect(JSON.stringify(socket)).not.toContain(events);
    expect(socket.settings?.socket_mode_enabled).toBe(true);
  });

  it('the schema refuses what Slack does not know', () => {
    const manifest = { ...slackManifest(URL, 'http'), oauth_config: { scopes: { bot: ['commands', 'everything'] } } };
    expect(validManifest(manifest)).not.toEqual([]);
  });
});

describe('npm run glir -- manifest slack', () => {
  const env = { PUBLIC_URL: URL, GLIR_RTC_ANNOUNCED: '203.0.113.5', GLIR_TRUST_PROXY: '1' };

  it('prints it for the public URL, without any credentials', async () => {
    const { code, out, err } = await cli(['manifest', 'slack'], env);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toEqual(slackManifest(URL, 'http'));
  });

  it('prints socket mode’s when there is an app token', async () => {
    const { out } = await cli(['manifest', 'slack'], { ...env, GLIR_SLACK_APP_TOKEN: 'xapp-1' });
    expect(JSON.parse(out)).toEqual(slackManifest(URL, 'socket'));
  });

  it('says when Slack would not take the address', async () => {
    expect((await cli(['manifest', 'slack'])).err).toContain('Set PUBLIC_URL');
  });

  it.each([[[]], [['help']], [['manifest']], [['manifest', 'zoom']], [['rm', '-rf']]])(
    'explains itself for %j',
    async (words) => {
      const { code, out, err } = await cli(words);
      expect(out).toBe('');
      expect(err).toContain('manifest slack');
      expect(code).toBe(words.length === 0 || words[0] === 'help' ? 0 : 2);
    },
  );
});
