import { pino } from 'pino';
import { slackManifest } from '../../bots/slack/manifest.ts';
import { systemClock } from '../clock.ts';
import { thisHost } from '../config/host.ts';
import { loadConfig } from '../config/load.ts';
import { openStore } from '../store/sqlite/open.ts';

const USAGE = `Usage: npm run glir -- COMMAND

  manifest slack    prints what to make your Slack app from, for the configured PUBLIC_URL
  rotate-keys       encrypts what is kept with the first of GLIR_DATA_KEYS; then the older keys can go
`;

/** Writes to the terminal what a command asks for; gives the exit code. Throws ConfigError for a wrong environment. */
export async function runCli(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  write: { out: (text: string) => void; err: (text: string) => void },
): Promise<number> {
  switch (words.join(' ')) {
    case 'manifest slack':
      write.out(`${JSON.stringify(manifest(env, write.err), null, 2)}\n`);
      return 0;
    case 'rotate-keys':
      write.out(`${await rotateKeys(env)}\n`);
      return 0;
  }
  write.err(USAGE);
  return words.length === 0 || words[0] === 'help' ? 0 : 2;
}

/** A running GLIR may go on meanwhile, as long as it was started with the new key as well. */
async function rotateKeys(env: NodeJS.ProcessEnv): Promise<string> {
  const { store: settings } = loadConfig(env, thisHost());
  const store = openStore({ settings, clock: systemClock, log: pino({ level: 'silent' }) });
  try {
    const count = await store.installations.rotate();
    return `Encrypted ${count} of the kept installations anew, with the first of GLIR_DATA_KEYS.`;
  } finally {
    await store.close();
  }
}

/** The manifest is needed before there is an app, and so without its credentials. */
function manifest(env: NodeJS.ProcessEnv, tell: (text: string) => void) {
  const socket = (env['GLIR_SLACK_APP_TOKEN'] ?? '').trim() !== '';
  const withoutSlack = Object.entries(env).filter(([name]) => !name.startsWith('GLIR_SLACK_'));
  const { publicUrl } = loadConfig(Object.fromEntries(withoutSlack), thisHost());
  if (!publicUrl.startsWith('https:')) {
    tell(`Slack takes https addresses only, but PUBLIC_URL is ${publicUrl}. Set PUBLIC_URL before you use this.\n`);
  }
  return slackManifest(publicUrl, socket ? 'socket' : 'http');
}

if (import.meta.main) {
  try {
    process.exitCode = await runCli(process.argv.slice(2), process.env, {
      out: (text) => process.stdout.write(text),
      err: (text) => process.stderr.write(text),
    });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
