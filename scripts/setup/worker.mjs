import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { runTool, startLog } from './children.mjs';
import { SetupFailure } from './failure.mjs';
import { hashFile, hashFiles } from './hash.mjs';
import { readJson } from './place.mjs';
import { buildWorker, ensureBuildPackages } from './worker-build.mjs';
import { downloadWorker } from './worker-download.mjs';

const PROGRAM = process.platform === 'win32' ? 'mediasoup-worker.exe' : 'mediasoup-worker';
const RECIPE = 'mediasoup-config/worker-build';
/** What a worker answers when it is started by anyone but mediasoup; it shows that all its libraries are found. */
const NOT_MY_PARENT = 41;
const PROOF_TIMEOUT_MS = 30_000;

/**
 * A mediasoup worker that has carried a message on this machine. Taken from MEDIASOUP_WORKER_BIN, from
 * the cache, from mediasoup's own download, or built from the source in its npm package.
 * @param {import('./place.mjs').Place} place
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} path of the program
 */
export async function ensureWorker(place, node, env) {
  const version = mediasoupVersion(place.root);
  const prove = (/** @type {string} */ program) => ensureProof(place, node, env, program, version);

  const given = env['MEDIASOUP_WORKER_BIN'];
  if (given) {
    const program = path.resolve(given);
    if (!starts(program)) {
      throw new SetupFailure(
        `MEDIASOUP_WORKER_BIN names ${given}, which is not a mediasoup worker that starts on this machine.`,
        'Correct MEDIASOUP_WORKER_BIN, or unset it and let the setup provide one.',
      );
    }
    await prove(program);
    return program;
  }

  const { prebuilt, built } = workerFolders(place, version);
  const cached = () => [prebuilt, built].map((folder) => path.join(folder, PROGRAM)).find(starts);
  const ready = cached();
  if (ready) {
    await prove(ready);
    return ready;
  }
  return place.locked(`worker-${path.basename(built)}`, async () => {
    const made = cached();
    if (made) {
      await prove(made);
      return made;
    }
    return (await downloaded(place, node, env, prebuilt, prove)) ?? (await builtHere(place, env, built, prove));
  });
}

/**
 * @param {import('./place.mjs').Place} place
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {string} folder in the cache
 * @param {(program: string) => Promise<void>} prove
 * @returns {Promise<string | undefined>} undefined when there is none, or none that works here
 */
async function downloaded(place, node, env, folder, prove) {
  const download = await downloadWorker(place, node, env, packageFolder(place), PROGRAM);
  if (!download) return undefined;
  keep(download, folder);
  const program = path.join(folder, PROGRAM);
  try {
    await prove(program);
    return program;
  } catch (error) {
    if (!(error instanceof SetupFailure)) throw error;
    for (const unfit of [folder, path.dirname(download)]) rmSync(unfit, { recursive: true, force: true });
    place.report.line('the downloaded mediasoup worker does not work on this machine, so it is built from source');
    return undefined;
  }
}

/**
 * @param {import('./place.mjs').Place} place
 * @param {NodeJS.ProcessEnv} env
 * @param {string} folder in the cache
 * @param {(program: string) => Promise<void>} prove
 * @returns {Promise<string>}
 */
async function builtHere(place, env, folder, prove) {
  const program = path.join(folder, PROGRAM);
  await ensureBuildPackages(place);
  // One built earlier may start again now that its libraries are back.
  if (!starts(program)) {
    await buildWorker(place, env, {
      source: path.join(packageFolder(place), 'worker'),
      recipe: path.join(place.root, RECIPE),
      done: (result) => keep(result, folder),
    });
  }
  if (!starts(program)) {
    throw new SetupFailure(
      `The mediasoup worker was built (${program}) but does not start.`,
      `Run it by hand to see why; ldd ${program} lists the libraries it looks for.`,
    );
  }
  await prove(program);
  return program;
}

/** @param {import('./place.mjs').Place} place */
function packageFolder(place) {
  return path.join(place.root, 'node_modules', 'mediasoup');
}

/**
 * Two folders in the cache: one cannot be mistaken for the other, for another version, or for another recipe.
 * @param {import('./place.mjs').Place} place
 * @param {string} version of mediasoup
 */
function workerFolders(place, version) {
  const machine = `${process.platform}-${process.arch}`;
  const folder = (/** @type {string} */ origin) => path.join(place.cache, 'worker', `${version}-${machine}-${origin}`);
  return { prebuilt: folder('prebuilt'), built: folder(recipeMark(path.join(place.root, RECIPE))) };
}

/**
 * @param {string} recipe folder
 * @returns {string} changes with everything in the recipe that a compiler sees
 */
export function recipeMark(recipe) {
  return hashFiles(recipe, ['.'], (file) => !file.endsWith('.md')).slice(0, 12);
}

/**
 * Puts a worker into its folder in one step, so that nobody ever finds half of one there.
 * @param {string} program
 * @param {string} folder
 */
function keep(program, folder) {
  mkdirSync(path.dirname(folder), { recursive: true });
  const fresh = mkdtempSync(`${folder}.new-`);
  copyFileSync(program, path.join(fresh, PROGRAM));
  rmSync(folder, { recursive: true, force: true });
  renameSync(fresh, folder);
}

/** @param {string} program */
function starts(program) {
  return existsSync(program) && spawnSync(program, { env: {}, stdio: 'ignore' }).status === NOT_MY_PARENT;
}

/**
 * One message through the worker, once for each binary.
 * @param {import('./place.mjs').Place} place
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {string} program
 * @param {string} version of mediasoup
 */
async function ensureProof(place, node, env, program, version) {
  const proofs = path.join(place.cache, 'worker', 'proved');
  const proof = path.join(proofs, `${version}-${hashFile(program)}`);
  if (existsSync(proof)) return;
  const log = startLog(place.logFile('worker-proof'));
  await place.report.timed('proving the mediasoup worker with one message', async () => {
    const { ok, problem } = await runTool(node, ['scripts/setup/worker-proof.mjs', program], {
      log,
      env,
      cwd: place.root,
      timeoutMs: PROOF_TIMEOUT_MS,
    });
    if (ok) return;
    throw place.failureWithLog(
      `The mediasoup worker ${program} did not carry a message (${problem}).`,
      `See the log; to have the worker made anew, delete ${path.dirname(program)} and run the same command again.`,
      log,
    );
  });
  mkdirSync(proofs, { recursive: true });
  writeFileSync(proof, `${program}\n`);
  rmSync(log, { force: true });
}

/** @param {string} root */
function mediasoupVersion(root) {
  const version = readJson(path.join(root, 'node_modules', 'mediasoup', 'package.json'))?.['version'];
  if (typeof version === 'string') return version;
  throw new SetupFailure(
    'The mediasoup package is not in node_modules.',
    'Delete the node_modules folder and run the same command again.',
  );
}
