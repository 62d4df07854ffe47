import { SetupFailure } from './failure.mjs';
import { aptCommand, ensurePackages, missingOf, onPath, thisSystem } from './packages.mjs';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Letters of the languages the pages are tested in, and emoji; without them pictures show empty boxes. */
const FONTS = ['fonts-dejavu-core', 'fonts-noto-color-emoji'].map((name) => ({ name, provides: '' }));

/**
 * A Chromium for the browser tests: GLIR_CHROMIUM, or one on PATH, or Debian's package.
 * @param {import('./place.mjs').Place} place
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string>} path of the program
 */
export async function ensureBrowser(place, env) {
  await ensureFonts(place);
  const own = env['GLIR_CHROMIUM'];
  if (own) {
    const found = onPath(own, env);
    if (found) return found;
    throw new SetupFailure(`GLIR_CHROMIUM names ${own}, which cannot be run.`, 'Correct GLIR_CHROMIUM or unset it.');
  }
  const found = findChromium(env);
  if (found) return found;
  const chromium = { name: 'chromium', provides: 'chromium' };
  await ensurePackages(place, [chromium], 'The browser tests').catch((error) => {
    if (!(error instanceof SetupFailure)) throw error;
    throw new SetupFailure(error.message, `${error.next} Or set GLIR_CHROMIUM to the path of a Chromium or Chrome.`);
  });
  const installed = findChromium(env);
  if (installed) return installed;
  throw new SetupFailure(
    'The package chromium is installed, yet no Chromium is found on PATH.',
    'Set GLIR_CHROMIUM to the path of a Chromium or Chrome.',
  );
}

/** @param {NodeJS.ProcessEnv} env */
function findChromium(env) {
  for (const name of NAMES) {
    const found = onPath(name, env);
    if (found) return found;
  }
  return undefined;
}

/**
 * Pages work without them, so where they cannot be installed a notice is enough.
 * @param {import('./place.mjs').Place} place
 */
async function ensureFonts(place) {
  const system = thisSystem();
  const missing = missingOf(FONTS, system);
  if (missing.length === 0) return;
  if (system.isRoot) await ensurePackages(place, FONTS, 'Pictures of pages');
  else place.report.line(`pictures of pages may lack letters; to add them: ${aptCommand(missing)}`);
}
