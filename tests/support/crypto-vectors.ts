import { existsSync, readFileSync } from 'node:fs';

const FILE = new URL('../../../shared/data/hpke-rfc9180-a3-psk.json', import.meta.url);

/** Said where the vectors' tests would be. */
export const NO_VECTORS =
  'RFC 9180’s vectors are not here (../shared/data/hpke-rfc9180-a3-psk.json): not checked against them';

/** RFC 9180's values for our suite, or null when the file is not beside this checkout, which is also said on the terminal. */
export function rfc9180Vectors(): unknown {
  if (existsSync(FILE)) return JSON.parse(readFileSync(FILE, 'utf8'));
  process.stdout.write(`${NO_VECTORS}\n`);
  return null;
}
