import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Certificate, localhostCertificate } from './certificate.ts';

const SAMPLES = new URL('../../../docs/samples/', import.meta.url);
const FILES = { nginx: 'nginx.conf', haproxy: 'haproxy.cfg', caddy: 'Caddyfile' } as const;
const START_MS = 10_000;
const TRY_MS = 20;

/** A balancer whose configuration is in docs/samples. */
export interface DocumentedBalancer {
  readonly name: 'nginx' | 'haproxy' | 'caddy';
  readonly program: string;
}

/** Which of them are installed here, and in one line each why the others are not. */
export function documentedBalancers(env: NodeJS.ProcessEnv): { found: DocumentedBalancer[]; problems: string[] } {
  const found: DocumentedBalancer[] = [];
  const problems: string[] = [];
  for (const name of ['nginx', 'haproxy', 'caddy'] as const) {
    const variable = `GLIR_${name.toUpperCase()}`;
    const program = [env[variable], `/usr/sbin/${name}`, `/usr/bin/${name}`].find(
      (each) => each !== undefined && existsSync(each),
    );
    if (program !== undefined) found.push({ name, program });
    else problems.push(`${name}: ${env[`${variable}_PROBLEM`] ?? 'it is not installed'}`);
  }
  return { found, problems };
}

/** One that runs on the loopback address. */
export interface RunningBalancer {
  /** PEM; who connects to `localhost` has to trust it. */
  readonly certificate: string;
  stop(): Promise<void>;
}

/** Starts it with the documented configuration, with this machine's ports and a certificate for `localhost` put in. */
export async function startBalancer(
  { name, program }: DocumentedBalancer,
  port: number,
  nodes: readonly number[],
): Promise<RunningBalancer> {
  const folder = mkdtempSync(path.join(tmpdir(), `glir-${name}-`));
  const certificate = localhostCertificate();
  const write = (file: string, text: string): string => {
    writeFileSync(path.join(folder, file), text);
    return path.join(folder, file);
  };
  const documented = nodes.reduce(
    (text, node, index) => text.replaceAll(`NODE-${index + 1}`, `127.0.0.1:${node}`),
    readFileSync(new URL(FILES[name], SAMPLES), 'utf8'),
  );
  const prepare = { nginx: nginxArguments, haproxy: haproxyArguments, caddy: caddyArguments }[name];
  const args = prepare({ documented, port, certificate, folder, write });
  // Caddy keeps what it knows in its user's folders.
  const env = { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder };
  const server = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env });
  const said = collected(server);
  const stop = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) {
      const ended = once(server, 'exit');
      // To both it means: at once. nginx takes its worker along.
      server.kill('SIGTERM');
      await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  };
  const late = performance.now() + START_MS;
  while (!(await listens(port))) {
    if (server.exitCode === null && performance.now() < late) await pause(TRY_MS);
    else {
      await stop();
      throw new Error(`${name} did not start: ${said()}`);
    }
  }
  return { certificate: certificate.cert, stop };
}

interface Preparation {
  documented: string;
  port: number;
  certificate: Certificate;
  folder: string;
  write: (file: string, text: string) => string;
}

/** The documented file is one site; around it stands what the machine's own nginx.conf has. */
function nginxArguments({ documented, port, certificate, folder, write }: Preparation): string[] {
  const site = documented
    .replace('listen 443 ssl http2;', `listen 127.0.0.1:${port} ssl http2;`)
    .replace('listen [::]:443 ssl http2;', '')
    .replace('GLIR-HOST', 'localhost')
    .replace('CERTIFICATE-KEY', write('key.pem', certificate.key))
    .replace('CERTIFICATE', write('certificate.pem', certificate.cert));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const main = [
    'daemon off;',
    'worker_processes 1;',
    `pid ${folder}/pid;`,
    'events { worker_connections 1024; }',
    `http { ${temporary.join(' ')} include ${write('glir.conf', site)}; }`,
  ];
  return ['-e', 'stderr', '-p', folder, '-c', write('nginx.conf', `${main.join('\n')}\n`)];
}

/** The documented file follows the machine's own section "global". */
function haproxyArguments({ documented, port, certificate, write }: Preparation): string[] {
  const sections = documented
    .replace('bind :443 ', `bind 127.0.0.1:${port} `)
    .replace(/^.*bind :::443 .*\n/m, '')
    .replaceAll(/crt CERTIFICATE/g, `crt ${write('certificate.pem', certificate.cert + certificate.key)}`);
  return ['-f', write('global.cfg', 'global\n    maxconn 1000\n'), '-f', write('glir.cfg', sections), '-db'];
}

/** The documented file, with no port for http, as the machine's own may be taken, and without the interface for administrators. */
function caddyArguments({ documented, port, certificate, write }: Preparation): string[] {
  const file = documented
    .replace(/^\{\n/m, '{\n\tadmin off\n\tauto_https disable_redirects\n')
    .replace(/^GLIR-HOST \{/m, `https://localhost:${port} {\n\tbind 127.0.0.1`)
    .replace(
      ' CERTIFICATE CERTIFICATE-KEY',
      ` ${write('certificate.pem', certificate.cert)} ${write('key.pem', certificate.key)}`,
    );
  return ['run', '--adapter', 'caddyfile', '--config', write('Caddyfile', file)];
}

function collected({ stdout, stderr }: ChildProcess): () => string {
  const texts: string[] = [];
  for (const stream of [stdout, stderr]) stream?.on('data', (data: Buffer) => void texts.push(data.toString()));
  return () => texts.join('');
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
