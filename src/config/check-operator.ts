import type { Storage } from './check-storage.ts';
import type { Findings, OperatorSignIn } from './config.ts';
import type { VariableName, Variables } from './variables.ts';

const NEEDED = [
  'GLIR_ADMIN_OIDC_ISSUER',
  'GLIR_ADMIN_OIDC_CLIENT_ID',
  'GLIR_ADMIN_OIDC_CLIENT_SECRET',
  'GLIR_ADMIN_OIDC_ALLOWED',
] as const satisfies readonly VariableName[];

/** All four are needed as soon as one is set: nobody comes in with half of it. Null when none is. */
export function checkOperatorSignIn(values: Variables, storage: Storage, findings: Findings): OperatorSignIn | null {
  const [first] = NEEDED.filter((name) => values[name] !== undefined);
  if (first === undefined) return null;
  for (const name of NEEDED) {
    if (values[name] === undefined) findings.refuse(name, `needed with ${first}. Set it, or unset ${first}.`, [first]);
  }
  if (storage.dir === null && storage.postgres === null) {
    findings.refuse('GLIR_DATA_DIR', 'the admin console keeps its sessions there. Set a folder.');
  }
  const {
    GLIR_ADMIN_OIDC_ISSUER: issuer,
    GLIR_ADMIN_OIDC_CLIENT_ID: clientId,
    GLIR_ADMIN_OIDC_CLIENT_SECRET: clientSecret,
    GLIR_ADMIN_OIDC_ALLOWED: allowed,
  } = values;
  if (issuer === undefined || clientId === undefined || clientSecret === undefined || allowed === undefined)
    return null;
  return { issuer, clientId, clientSecret, allowed };
}
