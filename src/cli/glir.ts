import { writeFile } from 'node:fs/promises';
import { slackManifest } from '../../bots/slack/manifest.ts';
import { teamsManifest } from '../../bots/teams/package/manifest.ts';
import { readPackageFacts, teamsPackage } from '../../bots/teams/package/package.ts';
import { thisMachine } from '../config/addresses.ts';
import { loadConfig } from '../config/load.ts';
import { withSecretFiles } from '../config/secret-files.ts';
import { AUDIT_USAGE, runAuditCommand } from './audit.ts';
import { BACKUP_USAGE, backUp, pathTyped, restore } from './backup.ts';
import { CHECK_USAGE, runCheckCommand } from './check/run-check.ts';
import { MOVE_USAGE, runMove } from './move.ts';
import { rotateKeys } from './rotate-keys.ts';

const USAGE = `Usage: npm run glir -- COMMAND

  manifest slack         prints what to make your Slack app from, for the configured PUBLIC_URL
  package teams [FILE]   writes the app package to upload in Teams (glir-teams.zip), for the configured PUBLIC_URL and
                         GLIR_TEAMS_APP_ID
  manifest teams         prints the manifest in that package
  rotate-keys            encrypts what is kept with the first of GLIR_DATA_KEYS; then the older keys can go
${CHECK_USAGE}${BACKUP_USAGE}${MOVE_USAGE}${AUDIT_USAGE}`;

/** Writes to the terminal what a command asks for; gives the exit code. Throws an Error that says what to set or change. */
export async function runCli(
  words: readonly string[],
  env: NodeJS.ProcessEnv,
  write: { out: (text: string) => void; err: (text: string) => void },
): Promise<number> {
  const [verb = '', object = '', file = 'glir-teams.zip', ...more] = words;
  if (verb === 'package' && object === 'teams' && more.length === 0) {
    write.out(`${await packageTeams(file, env)}\n`);
    return 0;
  }
  if ((verb === 'backup' || verb === 'restore') && words.length === 2) {
    const target = { config: loadConfig(env, thisMachine()), file: pathTyped(object, env), out: write.out };
    await (verb === 'backup' ? backUp(target) : restore(target));
    return 0;
  }
  if (verb === 'audit') {
    const code = await runAuditCommand(words.slice(1), loadConfig(env, thisMachine()), write.out);
    if (code !== null) return code;
  }
  switch (words.join(' ')) {
    case 'manifest slack':
      write.out(`${JSON.stringify(manifest(env, write.err), null, 2)}\n`);
      return 0;
    case 'manifest teams':
      write.out(`${JSON.stringify(teamsManifest(readPackageFacts(env)), null, 2)}\n`);
      return 0;
    case 'check':
    case 'check --json':
      return runCheckCommand(env, write.out, object === '--json' ? 'json' : 'table');
    case 'move':
      return runMove(env, write.out);
    case 'rotate-keys':
      return rotateKeys(loadConfig(env, thisMachine()), write);
  }
  write.err(USAGE);
  return words.length === 0 || words[0] === 'help' ? 0 : 2;
}

async function packageTeams(file: string, env: NodeJS.ProcessEnv): Promise<string> {
  const facts = readPackageFacts(env);
  const target = pathTyped(file, env);
  try {
    await writeFile(target, teamsPackage(facts));
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new Error(`${target} cannot be written${code}. Name another file: npm run glir -- package teams FILE`);
  }
  return `Wrote ${target}, for GLIR ${facts.version} at ${facts.publicUrl}. Upload it in the Teams admin center, under "Manage apps".`;
}

/** The manifest is needed before there is an app, and so without its credentials. */
function manifest(env: NodeJS.ProcessEnv, tell: (text: string) => void) {
  const socket = (env['GLIR_SLACK_APP_TOKEN'] ?? '').trim() !== '';
  const withoutSlack = Object.entries(env).filter(([name]) => !name.startsWith('GLIR_SLACK_'));
  const { publicUrl } = loadConfig(Object.fromEntries(withoutSlack), thisMachine());
  if (!publicUrl.startsWith('https:')) {
    tell(`Slack takes https addresses only, but PUBLIC_URL is ${publicUrl}. Set PUBLIC_URL before you use this.\n`);
  }
  return slackManifest(publicUrl, socket ? 'socket' : 'http');
}

if (import.meta.main) {
  // Whoever reads the output has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.stderr.write(`The output cannot be written (${error.code}).\n`);
    process.exit(1);
  });
  try {
    process.exitCode = await runCli(process.argv.slice(2), withSecretFiles(process.env), {
      out: (text) => process.stdout.write(text),
      err: (text) => process.stderr.write(text),
    });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
