/**
 * `npm run proof:stalls [-- CONNECTIONS]`: 2,000 readers, unless said otherwise, connect in Node and as many in Chromium, with no,
 * 1 and 5 % of all datagrams lost. Prints a Markdown table on stdout; progress goes to stderr. Ends with 1 when a connection took a
 * second and none of its datagrams had been lost.
 */
import process from 'node:process';
import { startServer } from '../bench/server.ts';
import { actAsBrowser } from '../bench/wrtc.ts';
import { freePort } from '../support/server/free-port.ts';
import { type Connection, connectMany } from './stalls/connections.ts';
import { chromiumReaders, nodeReaders, type ReaderPages } from './stalls/reader-pages.ts';

const connections = Number(process.argv[2] ?? 2_000);
if (!(connections > 0)) {
  process.stderr.write('Use: npm run proof:stalls [-- CONNECTIONS]\n');
  process.exit(2);
}
const STALL_MS = 1_000;
const LOSSES = [0, 0.01, 0.05];
/** Nothing here is about limits. */
const UNLIMITED = '1000000';

const rtcPort = await freePort();
const server = await startServer({
  settings: {
    GLIR_RTC_PORT: String(rtcPort),
    ...Object.fromEntries(
      ['REQUESTS', 'SOCKETS', 'ENTRIES', 'USER_NOTES', 'USER_ROOMS', 'TENANT_NOTES', 'TENANT_ROOMS'].map((name) => [
        `GLIR_LIMIT_${name}`,
        UNLIMITED,
      ]),
    ),
  },
});
actAsBrowser(server.url);
const pages: Readonly<Record<string, () => Promise<ReaderPages>>> = { Node: nodeReaders, Chromium: chromiumReaders };

process.stdout.write(
  '| in | lost on the way | connections | median | 99 % within | longest | stalls with a loss | without |\n',
);
process.stdout.write('|---|---|---|---|---|---|---|---|\n');
let isProved = true;
for (const [name, open] of Object.entries(pages)) {
  const readers = await open();
  for (const loss of LOSSES) {
    const progress = (done: number) => process.stderr.write(`${name}, ${loss * 100} % lost: ${done} connections\n`);
    const made = await connectMany({ server, rtcPort, readers, loss, connections, progress });
    process.stdout.write(`${row(name, loss, made)}\n`);
    if (made.some(({ ms, lost }) => ms >= STALL_MS && lost === 0)) isProved = false;
  }
  await readers.close();
}
await server.stop();
// WebRTC of Node keeps threads that nothing here can end.
process.exit(isProved ? 0 : 1);

function row(name: string, loss: number, made: readonly Connection[]): string {
  const times = made.map(({ ms }) => ms).sort((one, other) => one - other);
  const at = (share: number) => `${Math.round(times[Math.floor((times.length - 1) * share)] ?? 0)} ms`;
  const stalls = made.filter(({ ms }) => ms >= STALL_MS);
  const innocent = stalls.filter(({ lost }) => lost === 0).length;
  const cells = [name, `${loss * 100} %`, made.length, at(0.5), at(0.99), at(1), stalls.length - innocent, innocent];
  return `| ${cells.join(' | ')} |`;
}
