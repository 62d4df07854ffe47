/** Inside the network that `tests/proofs/canary.ts` made, with the folder that it made: plays the journey and prints the table. */
import process from 'node:process';
import { isClean, report } from './report.ts';
import { canary } from './run.ts';

const say = (text: string): void => void process.stderr.write(`${text}\n`);
const [folder = ''] = process.argv.slice(2);
try {
  const rows = await canary(folder, say);
  process.stdout.write(report(rows));
  const clean = rows.every(isClean);
  say(clean ? 'Nothing private was found, and everything planted was.' : 'This is not as promised: see above.');
  process.exit(clean ? 0 : 1);
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}
