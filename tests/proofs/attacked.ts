/**
 * `npm run proof:attacked [-- WAY...]`: what others notice while somebody attacks. Each way of attacking a running server is
 * measured in rounds of quiet and attacked taps by turns, so that whatever else the machine does meets both alike. Prints a JSON
 * line for each: p95 from tap to note of both, the median of the rounds' ratios, and their spread. Ends with 1 when an attack makes
 * others wait more than half as long again. For a machine that does nothing else.
 */
import { type Crowd, startCrowd } from '../support/fuzz/crowd.ts';
import { joinMessage } from '../support/signalling/raw.ts';
import { p95, tapsToNote } from '../support/signalling/taps.ts';
import { composer } from '../support/signalling/wrtc.ts';
import { ServerProcess } from './faults/server-process.ts';

const ROUNDS = 7;
const TAPS = 20;
const MOST = 1.5;
/** The measuring doctor writes more notes than one doctor may. */
const RAISED = Object.fromEntries(
  ['ENTRIES', 'USER_NOTES', 'USER_ROOMS', 'TENANT_NOTES', 'TENANT_ROOMS'].map((name) => [
    `GLIR_LIMIT_${name}`,
    '1000000',
  ]),
);
const SETTINGS = { ...RAISED, GLIR_TRUST_PROXY: '1', GLIR_LOG_LEVEL: 'info' };

/** What the attacker needs to have for each way. */
const SECRETS: Readonly<Record<string, (server: ServerProcess) => Promise<string>>> = {
  silent: async () => '',
  'half-frames': async ({ rtcPort }) => String(rtcPort),
  pages: async () => '',
  headers: async () => '',
  talking: ({ url }) => link(url, 'link'),
  knocking: ({ url }) => link(url, 'ask'),
  extending: ownerTokens,
};

async function link(url: string, admission: 'link' | 'ask'): Promise<string> {
  const doctor = await composer(url, { command: '/glir 1h' });
  return JSON.stringify(await joinMessage(await doctor.share({ admission })));
}

async function ownerTokens({ url }: ServerProcess): Promise<string> {
  const tokens: string[] = [];
  for (let opened = 0; opened < 10; opened++) {
    const doctor = await composer(url, { command: '/glir 1h' });
    await doctor.share({ admission: 'link' });
    tokens.push(doctor.ownerToken);
  }
  return tokens.join(',');
}

interface Round {
  quiet: number[];
  attacked: number[];
}

async function measure(server: ServerProcess, attack: Crowd): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const attacked = await tapsToNote(server.url, TAPS);
    attack.pause();
    const quiet = await tapsToNote(server.url, TAPS);
    attack.goOn();
    rounds.push({ quiet, attacked });
  }
  return rounds;
}

const rounded = (value: number, digits = 1) => Number(value.toFixed(digits));

async function prove(way: string, secretOf: (server: ServerProcess) => Promise<string>): Promise<boolean> {
  const server = await ServerProcess.start({ settings: SETTINGS });
  try {
    await tapsToNote(server.url, TAPS);
    const attack = await startCrowd(server.url, way, await secretOf(server));
    const rounds = await measure(server, attack);
    const attempts = await attack.stop();
    const ratios = rounds.map(({ quiet, attacked }) => p95(attacked) / p95(quiet)).sort((one, other) => one - other);
    const ratio = ratios[Math.floor(ratios.length / 2)] ?? Number.NaN;
    const figure = {
      way,
      taps: rounds.length * TAPS,
      quietP95Ms: rounded(p95(rounds.flatMap(({ quiet }) => quiet))),
      attackedP95Ms: rounded(p95(rounds.flatMap(({ attacked }) => attacked))),
      medianRatio: rounded(ratio, 2),
      leastRatio: rounded(ratios[0] ?? Number.NaN, 2),
      mostRatio: rounded(ratios.at(-1) ?? Number.NaN, 2),
      attempts,
      ok: ratio <= MOST,
    };
    process.stdout.write(`${JSON.stringify(figure)}\n`);
    return figure.ok;
  } finally {
    await server.dispose();
  }
}

const chosen = process.argv.slice(2);
for (const way of chosen) {
  if (SECRETS[way] !== undefined) continue;
  process.stderr.write(`Use: npm run proof:attacked [-- WAY...], of ${Object.keys(SECRETS).join(', ')}\n`);
  process.exit(2);
}
let ok = true;
for (const [way, secretOf] of Object.entries(SECRETS)) {
  if (chosen.length === 0 || chosen.includes(way)) ok = (await prove(way, secretOf)) && ok;
}
// WebRTC of Node keeps threads that nothing here can end.
process.exit(ok ? 0 : 1);
