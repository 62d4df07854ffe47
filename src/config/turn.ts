import type { TurnCredentials } from './config.ts';
import type { Findings, Problem } from './problems.ts';
import type { Variables } from './variables.ts';

/** How browsers prove themselves to TURN, and what is wrong with how that was set. */
export interface Turn extends Findings {
  readonly urls: readonly string[];
  readonly credentials: TurnCredentials;
}

/**
 * Judges the TURN variables together: TURN URLs need exactly one kind of credentials, credentials and `relay` need TURN
 * URLs.
 */
export function judgeTurn(values: Variables): Turn {
  const { GLIR_TURN_SECRET: secret, GLIR_TURN_USERNAME: username, GLIR_TURN_PASSWORD: password } = values;
  const urls = values.GLIR_TURN ?? [];
  const turn = urls.some((url) => url.startsWith('turn'));
  const fixed = username !== undefined || password !== undefined;
  const either = 'GLIR_TURN_SECRET, or GLIR_TURN_USERNAME and GLIR_TURN_PASSWORD';

  const problems: Problem[] = [];
  if (secret !== undefined && fixed) {
    problems.push({
      variable: 'GLIR_TURN_SECRET',
      text: `set together with a fixed user name or password. Keep one kind: ${either}.`,
    });
  } else if (username !== undefined && password === undefined) {
    problems.push({
      variable: 'GLIR_TURN_PASSWORD',
      text: 'missing beside GLIR_TURN_USERNAME. Set both, or GLIR_TURN_SECRET alone.',
    });
  } else if (password !== undefined && username === undefined) {
    problems.push({
      variable: 'GLIR_TURN_USERNAME',
      text: 'missing beside GLIR_TURN_PASSWORD. Set both, or GLIR_TURN_SECRET alone.',
    });
  } else if (turn && secret === undefined && !fixed) {
    problems.push({
      variable: 'GLIR_TURN',
      text: `a TURN server is of no use without credentials. Set ${either}.`,
      given: ['GLIR_TURN_SECRET', 'GLIR_TURN_USERNAME', 'GLIR_TURN_PASSWORD'],
    });
  }
  if (!turn && (secret !== undefined || fixed)) {
    problems.push({
      variable: 'GLIR_TURN',
      text: 'has no turn: or turns: URL that the TURN credentials are for. Set one, or unset the credentials.',
    });
  }
  if (!turn && values.GLIR_ICE_TRANSPORT === 'relay') {
    problems.push({
      variable: 'GLIR_ICE_TRANSPORT',
      text: 'relay needs a TURN server to go through. Set GLIR_TURN to a turn: or turns: URL, or GLIR_ICE_TRANSPORT=all.',
      given: ['GLIR_TURN'],
    });
  }
  return { urls, credentials: credentialsOf(values), problems, warnings: [] };
}

function credentialsOf(values: Variables): TurnCredentials {
  const { GLIR_TURN_SECRET: secret, GLIR_TURN_USERNAME: username, GLIR_TURN_PASSWORD: password } = values;
  if (secret !== undefined) return { kind: 'shared-secret', secret };
  if (username !== undefined && password !== undefined) return { kind: 'fixed', username, password };
  return { kind: 'none' };
}
