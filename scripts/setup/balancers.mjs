import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onPath, unpackPackage } from './apt-packages.mjs';
import { SetupFailure } from './context.mjs';

/** Their documented configurations are tested. Each is the name of a Debian package and of its program. */
const BALANCERS = ['nginx', 'haproxy'];
/** Where Debian has the programs of services, which is not on everybody's PATH. */
const SERVICES = '/usr/sbin';

/**
 * nginx and HAProxy for the tests: those that are installed, otherwise Debian's, unpacked in the cache, because installing
 * them would start them. Where one cannot be had, a notice says so, and its tests are skipped.
 * @param {import('./context.mjs').Context} context
 * @param {NodeJS.ProcessEnv} env gets GLIR_NGINX and GLIR_HAPROXY, their programs, or the same names with _PROBLEM
 */
export async function offerBalancers(context, env) {
  for (const name of BALANCERS) {
    const variable = `GLIR_${name.toUpperCase()}`;
    if (env[variable]) continue;
    try {
      env[variable] = onPath(name, env) ?? onPath(path.join(SERVICES, name), env) ?? (await unpacked(context, name));
    } catch (error) {
      if (!(error instanceof SetupFailure)) throw error;
      const problem = error.message.split('\n', 1)[0] ?? '';
      env[`${variable}_PROBLEM`] = problem;
      context.notice(`the tests behind ${name} are skipped: ${problem}; to have them, install ${name}`);
    }
  }
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {string} name
 * @returns {Promise<string>} a program that starts it with the libraries that came along
 * @throws {SetupFailure} when it cannot be had, or does not start
 */
async function unpacked(context, name) {
  const folder = path.join(context.cache, 'balancers', name);
  const program = path.join(folder, name);
  await context.once(
    'balancers',
    `fetching ${name} for the tests`,
    () => starts(program),
    async () => {
      mkdirSync(path.dirname(folder), { recursive: true });
      const fresh = mkdtempSync(`${folder}.new-`);
      try {
        await unpackPackage(context, name, fresh);
        writeStarter(fresh, name);
        if (!starts(path.join(fresh, name))) throw new SetupFailure(`Debian's ${name} does not start here`, '');
        rmSync(folder, { recursive: true, force: true });
        renameSync(fresh, folder);
      } finally {
        rmSync(fresh, { recursive: true, force: true });
      }
    },
  );
  return program;
}

/**
 * @param {string} folder with the package's files
 * @param {string} name
 */
function writeStarter(folder, name) {
  const libraries = ['usr/lib', 'lib'].flatMap((parent) => {
    const all = existsSync(path.join(folder, parent)) ? readdirSync(path.join(folder, parent)) : [];
    return all.filter((each) => each.includes('-linux-gnu')).map((each) => `$here/${parent}/${each}`);
  });
  const lines = [
    '#!/bin/sh',
    'here=$(dirname "$0")',
    `LD_LIBRARY_PATH="${libraries.join(':')}" exec "$here${SERVICES}/${name}" "$@"`,
  ];
  writeFileSync(path.join(folder, name), `${lines.join('\n')}\n`, { mode: 0o755 });
}

/** @param {string} program */
function starts(program) {
  return spawnSync(program, ['-v'], { stdio: 'ignore' }).status === 0;
}
