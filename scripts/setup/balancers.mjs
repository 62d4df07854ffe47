import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { onPath, unpackPackage } from './apt-packages.mjs';
import { SetupFailure } from './context.mjs';

/**
 * Their documented configurations are tested. Each is the name of a Debian package and of its program, with where Debian has it:
 * not on everybody's PATH.
 */
const BALANCERS = [
  { name: 'nginx', folder: '/usr/sbin', version: '-v' },
  { name: 'haproxy', folder: '/usr/sbin', version: '-v' },
  { name: 'caddy', folder: '/usr/bin', version: 'version' },
];
/** @typedef {typeof BALANCERS[number]} Kind */

/**
 * nginx, HAProxy and Caddy for the tests: those that are installed, otherwise Debian's, unpacked in the cache, because installing
 * them would start them. Where one cannot be had, a notice says so, and its tests are skipped.
 * @param {import('./context.mjs').Context} context
 * @param {NodeJS.ProcessEnv} env gets GLIR_NGINX, GLIR_HAPROXY and GLIR_CADDY, their programs, or the same names with _PROBLEM
 */
export async function offerBalancers(context, env) {
  for (const kind of BALANCERS) {
    const { name, folder } = kind;
    const variable = `GLIR_${name.toUpperCase()}`;
    if (env[variable]) continue;
    try {
      env[variable] = onPath(name, env) ?? onPath(path.join(folder, name), env) ?? (await unpacked(context, kind));
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
 * @param {Kind} kind
 * @returns {Promise<string>} a program that starts it with the libraries that came along
 * @throws {SetupFailure} when it cannot be had, or does not start
 */
async function unpacked(context, kind) {
  const { name } = kind;
  const folder = path.join(context.folder('balancers'), name);
  const program = path.join(folder, name);
  await context.once(
    'balancers',
    `fetching ${name} for the tests`,
    () => context.has(program) && starts(program, kind),
    async () => {
      const fresh = mkdtempSync(`${folder}.new-`);
      try {
        await unpackPackage(context, name, fresh);
        writeStarter(fresh, kind);
        if (!starts(path.join(fresh, name), kind)) throw new SetupFailure(`Debian's ${name} does not start here`, '');
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
 * @param {Kind} kind
 */
function writeStarter(folder, { name, folder: own }) {
  const libraries = ['usr/lib', 'lib'].flatMap((parent) => {
    const all = existsSync(path.join(folder, parent)) ? readdirSync(path.join(folder, parent)) : [];
    return all.filter((each) => each.includes('-linux-gnu')).map((each) => `$here/${parent}/${each}`);
  });
  const lines = [
    '#!/bin/sh',
    'here=$(dirname "$0")',
    `LD_LIBRARY_PATH="${libraries.join(':')}" exec "$here${own}/${name}" "$@"`,
  ];
  writeFileSync(path.join(folder, name), `${lines.join('\n')}\n`, { mode: 0o755 });
}

/**
 * @param {string} program
 * @param {Kind} kind
 */
function starts(program, { version }) {
  return spawnSync(program, [version], { env: {}, stdio: 'ignore' }).status === 0;
}
