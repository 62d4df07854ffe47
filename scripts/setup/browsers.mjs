import { spawnSync } from 'node:child_process';
import { ensurePackages, offerPackages, onPath, upgradePackage } from './apt-packages.mjs';
import { toolEnvironment } from './child-environment.mjs';
import { SetupFailure } from './context.mjs';

const VERSION_TIMEOUT_MS = 60_000;

/**
 * @typedef {object} Browser
 * @property {string} title
 * @property {string} variable of the environment that names its program; the same with `_PROBLEM` says why not to use it
 * @property {readonly string[]} names its program has on PATH
 * @property {import('./apt-packages.mjs').Package} package
 * @property {number} oldest major version in which the tests have passed
 */

/** @type {Browser} */
export const CHROMIUM = {
  title: 'Chromium',
  variable: 'GLIR_CHROMIUM',
  names: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'],
  package: { name: 'chromium', provides: 'chromium' },
  oldest: 150,
};

/** Chromium without the browser's own windows, which take two thirds of the time that a test's page needs. @type {Browser} */
const HEADLESS_SHELL = {
  title: "Chromium's headless shell",
  variable: 'GLIR_HEADLESS_SHELL',
  names: ['chromium-headless-shell', 'chrome-headless-shell'],
  package: { name: 'chromium-headless-shell', provides: 'chromium-headless-shell' },
  oldest: CHROMIUM.oldest,
};

/** Firefox 140 lacks commands of WebDriver BiDi that Playwright sends (`network.addDataCollector`). @type {Browser} */
export const FIREFOX = {
  title: 'Firefox',
  variable: 'GLIR_FIREFOX',
  names: ['firefox-esr', 'firefox'],
  package: { name: 'firefox-esr', provides: 'firefox' },
  oldest: 153,
};

/** Letters of the languages the pages are tested in, and emoji; without them pictures show empty boxes. */
export const FONTS = ['fonts-dejavu-core', 'fonts-noto-color-emoji'].map((name) => ({ name, provides: '' }));

/** Firefox connects WebRTC over a network only, so its tests make one with `ip`. coturn's do the same. */
export const IP = { name: 'iproute2', provides: 'ip' };

/**
 * Puts into `env` which Chromium the tests drive, and why they are skipped if it is too old.
 * @param {import('./context.mjs').Context} context
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly import('./apt-packages.mjs').Package[]} later what the same run will install afterwards
 * @throws {SetupFailure} when there is none
 */
export async function ensureChromium(context, env, later) {
  if (findBrowser(CHROMIUM, env) === undefined) {
    await ensurePackages(context, [CHROMIUM.package], 'Testing in a browser', later).catch((error) => {
      if (!(error instanceof SetupFailure)) throw error;
      throw new SetupFailure(error.message, `${error.next}\nOr set GLIR_CHROMIUM to the path of a Chromium or Chrome.`);
    });
  }
  await offerPackages(context, FONTS, 'pictures of pages may lack letters');
  await offerHeadlessShell(context, env);
  if (!(await settle(context, CHROMIUM, env))) {
    throw new SetupFailure(
      'The package chromium is installed, yet no Chromium is found on PATH.',
      'Set GLIR_CHROMIUM to the path of a Chromium or Chrome.',
    );
  }
}

/**
 * Puts into `env` which headless shell stands for Chromium in most tests, if there is one. Where GLIR_CHROMIUM names a
 * program, all tests drive that one.
 * @param {import('./context.mjs').Context} context
 * @param {NodeJS.ProcessEnv} env
 */
export async function offerHeadlessShell(context, env) {
  if (env[CHROMIUM.variable]) return;
  const { variable, package: shell } = HEADLESS_SHELL;
  const without = 'the tests in Chromium take twice as long without runs in its headless shell';
  if (findBrowser(HEADLESS_SHELL, env) === undefined) await offerPackages(context, [shell], without);
  const program = findBrowser(HEADLESS_SHELL, env);
  if (program === undefined) return;
  const problem = browserProblem(HEADLESS_SHELL, env);
  if (problem === undefined) env[variable] = program;
  else context.notice(`${without}: ${problem}`);
}

/**
 * Puts into `env` which Firefox the tests drive, if there is one, and otherwise why they are skipped. The tests in
 * Chromium say most of it, so a notice is enough.
 * @param {import('./context.mjs').Context} context
 * @param {NodeJS.ProcessEnv} env
 */
export async function offerFirefox(context, env) {
  const wanted = findBrowser(FIREFOX, env) ? [IP] : [FIREFOX.package, IP];
  await offerPackages(context, wanted, 'the tests in Firefox are skipped');
  await settle(context, FIREFOX, env);
}

/**
 * @param {Browser} browser
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} path of its program
 * @throws {SetupFailure} when the environment names one that cannot be run
 */
export function findBrowser({ variable, names }, env) {
  const own = env[variable];
  const found = (own ? [own] : names).map((name) => onPath(name, env)).find((program) => program !== undefined);
  if (found || !own) return found;
  throw new SetupFailure(`${variable} names ${own}, which cannot be run.`, `Correct ${variable} or unset it.`);
}

/**
 * @param {Browser} browser
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | undefined} why the tests cannot use this browser here; undefined when they can
 */
export function browserProblem(browser, env) {
  const { title, variable } = browser;
  const program = findBrowser(browser, env);
  if (program === undefined) return `there is no ${title} on PATH, nor does ${variable} name one`;
  const { stdout } = spawnSync(program, ['--version'], {
    env: toolEnvironment(env),
    encoding: 'utf8',
    timeout: VERSION_TIMEOUT_MS,
  });
  return versionProblem(browser, stdout ?? '');
}

/**
 * @param {Browser} browser
 * @param {string} answer to `--version`
 * @returns {string | undefined}
 */
export function versionProblem({ title, oldest }, answer) {
  const [, version = ''] = /(\d+)\.\d/.exec(answer) ?? [];
  if (version === '') return `${title} does not say its version`;
  return Number(version) < oldest ? `${title} ${version} is too old to be driven, ${oldest} is needed` : undefined;
}

/**
 * Upgrades a browser that is too old, where we may, and says in `env` what there is.
 * @param {import('./context.mjs').Context} context
 * @param {Browser} browser
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<string | undefined>} path of its program
 */
async function settle(context, browser, env) {
  const program = findBrowser(browser, env);
  if (program === undefined) return undefined;
  let problem = browserProblem(browser, env);
  if (problem !== undefined && !env[browser.variable]) {
    const command = await upgradePackage(context, browser.package.name);
    problem = browserProblem(browser, env);
    if (problem && command) problem += `; to have it: ${command}`;
  }
  env[browser.variable] = program;
  if (problem !== undefined) {
    env[`${browser.variable}_PROBLEM`] = problem;
    context.notice(`the tests in ${browser.title} are skipped: ${problem}`);
  }
  return program;
}
