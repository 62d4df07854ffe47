import { spawnSync } from 'node:child_process';
import { findFirefox } from '../../../scripts/setup/firefox.mjs';

/** The oldest that Playwright can drive here: 140 does not know `network.addDataCollector`. */
const OLDEST = 153;

/** Path of the Firefox that the tests drive: GLIR_FIREFOX, or the first on PATH. */
export function firefoxProgram(env: NodeJS.ProcessEnv): string | undefined {
  return env['GLIR_FIREFOX'] ?? findFirefox(env);
}

/** Why there is no Firefox to test in; null when there is one. */
export function firefoxProblem(env: NodeJS.ProcessEnv): string | null {
  const program = firefoxProgram(env);
  if (program === undefined) return 'there is no Firefox on PATH, nor does GLIR_FIREFOX name one';
  const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8', env });
  const version = /Firefox (\d+)/.exec(stdout ?? '')?.[1];
  if (version === undefined) return `${program} does not say which Firefox it is`;
  return Number(version) < OLDEST
    ? `Firefox ${version} is too old to be driven, ${OLDEST} is the oldest that works`
    : null;
}
