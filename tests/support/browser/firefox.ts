import { findFirefox } from '../../../scripts/setup/firefox.mjs';

/** Path of the Firefox that the tests drive: GLIR_FIREFOX, or the first on PATH. */
export function firefoxProgram(env: NodeJS.ProcessEnv): string | undefined {
  return env['GLIR_FIREFOX'] ?? findFirefox(env);
}

/** Why there is no Firefox to test in; null when there is one. */
export function firefoxProblem(env: NodeJS.ProcessEnv): string | null {
  return firefoxProgram(env) === undefined ? 'there is no Firefox on PATH, nor does GLIR_FIREFOX name one' : null;
}
