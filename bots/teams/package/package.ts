import { readFileSync } from 'node:fs';
import path from 'node:path';
import { strToU8, zipSync } from 'fflate';
import { z } from 'zod';
import { readVariable, type VariableName, type Variables } from '../../../src/config/variables.ts';
import { manifestLanguages, type PackageFacts, teamsManifest } from './manifest.ts';

/** The same for every package, and read as local time both by us and by who unpacks it: equal facts give equal bytes. */
const MODIFIED = '1980-01-01T12:00:00';

/** The app package: the zip file that an administrator uploads in Teams. The icons are drawn in the `.svg` files. */
export function teamsPackage(facts: PackageFacts): Uint8Array {
  const manifest = teamsManifest(facts);
  const { color, outline } = manifest.icons;
  const json = (value: object) => strToU8(`${JSON.stringify(value, null, 2)}\n`);
  const languages = Object.entries(manifestLanguages()).map(([file, texts]) => [file, json(texts)]);
  return zipSync(
    {
      'manifest.json': json(manifest),
      ...Object.fromEntries(languages),
      [color]: readFileSync(path.join(import.meta.dirname, color)),
      [outline]: readFileSync(path.join(import.meta.dirname, outline)),
    },
    { level: 9, mtime: MODIFIED },
  );
}

const packageSchema = z.object({ version: z.string() });

/**
 * Reads what the app package depends on, and nothing else: it is made before there is a secret, and on any machine.
 *
 * @param env variables by name; empty ones count as unset, space around values does not count
 * @throws an Error that lists what to set
 */
export function readPackageFacts(env: NodeJS.ProcessEnv): PackageFacts {
  const problems: string[] = [];

  function read<Name extends VariableName>(name: Name, missing?: string): Variables[Name] {
    const { value, problems: wrong } = readVariable(name, env);
    problems.push(...wrong.map((text) => `${name}: ${text}`));
    if (missing !== undefined && value === undefined && wrong.length === 0)
      problems.push(`${name}: missing. ${missing}`);
    return value;
  }

  const url = read('PUBLIC_URL', 'Set the address of your GLIR, such as https://glir.example.org.');
  const appId = read('GLIR_TEAMS_APP_ID', 'Set the application (client) ID of your Azure bot.');
  const compose = read('GLIR_TEAMS_COMPOSE');
  if (url !== undefined && url.protocol !== 'https:') {
    problems.push(`PUBLIC_URL: Teams takes https addresses only, but this is ${url.origin}. Set its https address.`);
  }
  if (problems.length > 0 || url === undefined || appId === undefined) {
    throw new Error(['The app package for Teams cannot be made:', ...problems.map((text) => `- ${text}`)].join('\n'));
  }
  return { publicUrl: url.origin, appId, compose, version: ownVersion() };
}

function ownVersion(): string {
  const file = path.join(import.meta.dirname, '../../../package.json');
  return packageSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}
