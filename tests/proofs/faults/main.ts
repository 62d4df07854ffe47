/** Inside the network that `tests/proofs/faults.ts` made: plays the faults named on the command line, or all. */
import process from 'node:process';
import { FAULTS } from './registry.ts';
import { play, table } from './runner.ts';

const names = process.argv.slice(2);
const known = FAULTS.map(({ name }) => name);
if (names.some((name) => !known.includes(name))) {
  process.stderr.write(`Use: npm run proof:faults [-- name...]\nNames: ${known.join(', ')}\n`);
  process.exit(2);
}
const chosen = names.length === 0 ? FAULTS : FAULTS.filter(({ name }) => names.includes(name));
const played = await play(chosen, (text) => process.stderr.write(`${text}\n`));
process.stdout.write(table(played));
process.exit(played.every(({ ok }) => ok) ? 0 : 1);
