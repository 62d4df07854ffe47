import type { Config } from '../../../src/config/config.ts';
import { ConfigError } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load.ts';

/** A machine in a private network, as most are. */
export const MACHINE = { addresses: ['127.0.0.1', '10.0.0.4', '::1', 'fd00::2', 'fe80::1'] };

/** A public GLIR that is set up well on `MACHINE`; what is passed is added or replaces. */
export function publicSettings(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return {
    PUBLIC_URL: 'https://glir.example.org',
    GLIR_TRUST_PROXY: '1',
    GLIR_RTC_ANNOUNCED: '203.0.113.5',
    ...more,
  };
}

export function load(env: NodeJS.ProcessEnv, machine = MACHINE): Config {
  return loadConfig(env, machine);
}

/** The problems that keep GLIR from starting, as `VARIABLE: text`. */
export function refusals(env: NodeJS.ProcessEnv, machine = MACHINE): string[] {
  try {
    loadConfig(env, machine);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ variable, text }) => `${variable}: ${text}`);
  }
}
