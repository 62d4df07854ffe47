import { browserProblem, FIREFOX, findBrowser } from '../../../scripts/setup/browsers.mjs';

/** Path of the Firefox that the tests drive: GLIR_FIREFOX, or the first on PATH. */
export function firefoxProgram(env: NodeJS.ProcessEnv): string | undefined {
  return findBrowser(FIREFOX, env);
}

/** Why there is no Firefox to test in: there is none, or it is too old; undefined when there is one. */
export function firefoxProblem(env: NodeJS.ProcessEnv): string | undefined {
  return env['GLIR_FIREFOX_PROBLEM'] ?? browserProblem(FIREFOX, env);
}
