import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const DOCUMENTED = new URL('../../../docs/turnserver.conf', import.meta.url);
/** What needs a certificate, or is the machine's. */
const NOT_HERE = /^(?:listening-port|tls-listening-port|cert|pkey|min-port|max-port)=.*\n/gm;

/** A coturn of a test's own. */
export interface TurnServer {
  port: number;
  /** Everything that it has logged. */
  log(): string;
  stop(): Promise<void>;
}

/** Why there is no coturn here, as a sentence; null when there is one. */
export function turnProblem(): string | null {
  const { error } = spawnSync('turnserver', ['--version']);
  return error === undefined
    ? null
    : 'coturn is missing. Install it (Debian: apt-get install coturn) to run this test.';
}

/**
 * Starts coturn on 127.0.0.1 with the documented configuration, its four values filled in; `more` comes after it.
 */
export async function startTurnServer(
  { port, secret, sfu }: { port: number; secret: string; sfu: string },
  more: readonly string[] = [],
): Promise<TurnServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'glir-turn-'));
  const config = readFileSync(DOCUMENTED, 'utf8')
    .replaceAll(NOT_HERE, '')
    .replaceAll('LISTEN-ADDRESS', '127.0.0.1')
    .replaceAll('GLIR-HOST', 'glir.example.org')
    .replaceAll('TURN-SECRET', secret)
    .replaceAll('SFU-ADDRESS', sfu);
  const own = [
    `listening-port=${port}`,
    'relay-ip=::1',
    'no-tls',
    'no-dtls',
    `pidfile=${folder}/pid`,
    `userdb=${folder}/db`,
  ];
  const file = path.join(folder, 'turnserver.conf');
  writeFileSync(file, [config, ...own, ...more, ''].join('\n'));
  const server = spawn('turnserver', ['-c', file, '--verbose'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const log = collected(server);
  await ready(server, log);
  return {
    port,
    log,
    async stop() {
      server.kill('SIGKILL');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function collected({ stdout, stderr }: ChildProcess): () => string {
  let text = '';
  for (const stream of [stdout, stderr]) {
    stream?.on('data', (data: Buffer) => {
      text += data.toString();
    });
  }
  return () => text;
}

async function ready(server: ChildProcess, log: () => string): Promise<void> {
  const ended = once(server, 'exit').then(() => {
    throw new Error(`coturn ended: ${log()}`);
  });
  ended.catch(() => undefined);
  while (!/IPv4\. UDP listener opened/.test(log())) {
    await Promise.race([
      ended,
      ...[server.stdout, server.stderr].flatMap((out) => (out === null ? [] : [once(out, 'data')])),
    ]);
  }
}
