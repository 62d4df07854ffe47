import { SetupFailure } from './failure.mjs';
import { aptCommand, ensurePackages, missingOf, onPath, thisSystem } from './packages.mjs';

const NAMES = ['firefox-esr', 'firefox'];

/** Firefox connects WebRTC over a network only, so its tests make one with `ip`. */
const PACKAGES = [
  { name: 'firefox-esr', provides: 'firefox' },
  { name: 'iproute2', provides: 'ip' },
];

/**
 * A Firefox for the browser tests: GLIR_FIREFOX, or one on PATH, or Debian's package where we may install it. The
 * tests in Chromium say most of it, so where there is none a notice is enough, and the others are skipped.
 * @param {import('./place.mjs').Place} place
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} path of the program
 */
export async function ensureFirefox(place, env) {
  const own = env['GLIR_FIREFOX'];
  if (own) {
    const found = onPath(own, env);
    if (found) return found;
    throw new SetupFailure(`GLIR_FIREFOX names ${own}, which cannot be run.`, 'Correct GLIR_FIREFOX or unset it.');
  }
  const system = thisSystem();
  const wanted = findFirefox(env) ? PACKAGES.slice(1) : PACKAGES;
  const missing = missingOf(wanted, system);
  if (system.isRoot && system.isDebian) await ensurePackages(place, wanted, 'The tests in Firefox');
  else if (missing.length > 0) place.report.line(withoutThem(missing, system));
  return findFirefox(env);
}

/** @param {NodeJS.ProcessEnv} env */
export function findFirefox(env) {
  for (const name of NAMES) {
    const found = onPath(name, env);
    if (found) return found;
  }
  return undefined;
}

/**
 * @param {readonly string[]} missing
 * @param {import('./packages.mjs').System} system
 */
function withoutThem(missing, { isDebian }) {
  const sentence = 'the tests in Firefox will be skipped';
  if (isDebian) return `${sentence}; to run them: ${aptCommand(missing)}`;
  return `${sentence}; they need what Debian calls ${missing.join(' and ')}`;
}
