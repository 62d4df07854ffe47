import { existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { runTool, startLog } from './children.mjs';
import { duration } from './report.mjs';

const PATIENCE_MS = 20_000;

/**
 * Lets mediasoup fetch the worker that its authors built for this version, if they are within reach.
 * @param {import('./place.mjs').Place} place
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 * @param {string} packageFolder mediasoup's folder in node_modules
 * @param {string} program file name of a worker
 * @returns {Promise<string | undefined>} path of the worker, already started once by mediasoup; undefined when
 *   there is none to be had within 20 seconds
 */
export async function downloadWorker(place, node, env, packageFolder, program) {
  const result = path.join(packageFolder, 'worker', 'out', 'Release', program);
  if (existsSync(result)) return result;
  if (env['MEDIASOUP_SKIP_WORKER_PREBUILT_DOWNLOAD']) return undefined;
  const startedAt = performance.now();
  const log = startLog(place.logFile('worker-download'));
  // Without Python it cannot go on to a build of its own, which would need more downloads.
  const { MEDIASOUP_LOCAL_DEV: _, ...rest } = env;
  const { ok, timedOut } = await runTool(node, ['npm-scripts.mjs', 'postinstall'], {
    log,
    env: { ...rest, PYTHON: 'false' },
    cwd: packageFolder,
    timeoutMs: PATIENCE_MS,
  });
  rmSync(log, { force: true });
  const took = duration(performance.now() - startedAt);
  if (ok && existsSync(result)) {
    place.report.line(`downloaded the mediasoup worker in ${took}`);
    return result;
  }
  rmSync(path.dirname(result), { recursive: true, force: true });
  place.report.line(
    `no ready-made mediasoup worker ${timedOut ? 'came' : 'can be downloaded'} (tried for ${took}), so it is built from source`,
  );
  return undefined;
}
