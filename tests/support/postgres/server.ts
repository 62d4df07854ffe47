import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { localhostCertificate } from '../network/certificate.ts';
import { freePort } from '../server/free-port.ts';

const DEBIAN = '/usr/lib/postgresql';
const START_MS = 30_000;
const TRY_MS = 50;
/** What a test server does not need: its data is thrown away. */
const FAST = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_connections: '300',
  shared_buffers: '64MB',
};
/** PostgreSQL's own defaults, and connections for several nodes. */
const DURABLE = { max_connections: '300' };

/** A PostgreSQL that runs for tests. */
export interface PostgresServer {
  readonly port: number;
  /** The folder of its Unix socket, where nobody needs a password. */
  readonly socketFolder: string;
  /** Of the superuser `postgres`. */
  readonly password: string;
  /** Path of the certificate that it signed itself, for `localhost`. */
  readonly certificate: string;
}

/** A server with what its starter needs. */
export interface OwnPostgresServer extends PostgresServer {
  /** Its process, for tests that freeze it. */
  readonly pid: number;
  stop(): Promise<void>;
}

/** What starts a server, or why none can be started here, in one line. */
export function postgresPrograms(env: NodeJS.ProcessEnv): { folder: string } | { problem: string } {
  const versions = readable(DEBIAN).sort((one, other) => Number(other) - Number(one));
  const debian = versions.map((version) => path.join(DEBIAN, version, 'bin'));
  const folder = [env['GLIR_POSTGRES'], ...debian].find((each) => each && readable(each).includes('initdb'));
  return folder === undefined ? { problem: env['GLIR_POSTGRES_PROBLEM'] ?? 'no PostgreSQL is installed' } : { folder };
}

/**
 * Starts a server on a free port of the loopback address, with its data in a folder for temporary files. It ends with this
 * process, however that ends.
 *
 * @param options.durable whether what is committed is on the disk, as in production; otherwise it is as fast as it can be
 * @throws Error when it does not start, with what it said
 */
export async function startPostgres(programs: string, { durable = false } = {}): Promise<OwnPostgresServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'glir-postgres-'));
  try {
    return await startIn(folder, programs, durable ? DURABLE : FAST);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function startIn(folder: string, programs: string, kind: Record<string, string>): Promise<OwnPostgresServer> {
  const owner = unprivileged();
  const own = (file: string) => owner && chownSync(file, owner.uid, owner.gid);
  own(folder);
  const bin = owner === null || programs.startsWith('/usr/') ? programs : copied(programs, folder);
  const [data, log] = [path.join(folder, 'data'), path.join(folder, 'log')];
  const password = 'p@ss:w%rd/?#';
  const [secret, key, certificate] = ['password', 'key.pem', 'certificate.pem'].map((name) => path.join(folder, name));
  if (secret === undefined || key === undefined || certificate === undefined) throw new Error('three names were given');
  const tls = localhostCertificate();
  for (const [file, text] of Object.entries({ [secret]: password, [key]: tls.key, [certificate]: tls.cert })) {
    writeFileSync(file, text, { mode: file === certificate ? 0o644 : 0o600 });
    own(file);
  }
  const options = { cwd: folder, ...owner };
  const auth = ['--auth-local=trust', '--auth-host=scram-sha-256', `--pwfile=${secret}`];
  execFileSync(
    path.join(bin, 'initdb'),
    ['-D', data, '-U', 'postgres', '--no-sync', '--no-locale', '-E', 'UTF8', ...auth],
    { ...options, stdio: 'pipe' },
  );
  chmodSync(folder, 0o755);
  const port = await freePort();
  const settings = Object.entries({
    ...kind,
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    ssl: 'on',
    ssl_cert_file: certificate,
    ssl_key_file: key,
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // The shell ends the server when its own input ends, and so when this process does.
  const guard = '"$@" </dev/null >"$0" 2>&1 & server=$!; cat >/dev/null; kill -QUIT $server; wait $server';
  const shell = spawn('sh', ['-c', guard, log, path.join(bin, 'postgres'), '-D', data, ...settings], {
    ...options,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  try {
    await ready(data, log);
  } catch (error) {
    shell.stdin?.end();
    throw error;
  }
  return {
    port,
    socketFolder: folder,
    password,
    certificate,
    pid: Number(postmaster(data)[0]),
    async stop() {
      const ended = once(shell, 'close');
      shell.stdin?.end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** PostgreSQL refuses to run as root. */
function unprivileged(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const [, , uid, gid] = lines.find((line) => line.startsWith('nobody:'))?.split(':') ?? [];
  return { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) };
}

/** Programs in root's home are out of everybody else's reach. */
function copied(programs: string, folder: string): string {
  const target = path.join(folder, 'programs');
  cpSync(path.dirname(programs), target, { recursive: true, verbatimSymlinks: true });
  return path.join(target, path.basename(programs));
}

/** The line of its file postmaster.pid in which a server says how far it is. */
const STATUS_LINE = 7;

async function ready(data: string, log: string): Promise<void> {
  const until = performance.now() + START_MS;
  while (performance.now() < until) {
    if (postmaster(data)[STATUS_LINE]?.trim() === 'ready') return;
    await pause(TRY_MS);
  }
  throw new Error(`PostgreSQL did not start: ${readFileSync(log, 'utf8').slice(-2_000)}`);
}

function postmaster(data: string): string[] {
  try {
    return readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

function readable(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
