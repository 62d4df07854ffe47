/**
 * `npm run proof:image`: makes the image's files by the steps of deploy/Dockerfile, without Docker, enters them as the image's
 * user with nothing writable but its volume, and has a note written, read and revoked. Prints a JSON line for each fact; ends with
 * 1 when one is not as it should be. Needs root and debootstrap, and Debian's packages.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Instruction, readStages } from '../support/image/dockerfile.ts';
import { freePort } from '../support/server/free-port.ts';
import { closeAllPages, composer, reader } from '../support/signalling/wrtc.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const NOTE = 'Amoxicillin 500 mg: 1 capsule in the morning';
const START_MS = 60_000;
const STOP_MS = 15_000;
const PRODUCTION_MB = 150;
const TEAMS = process.argv.includes('--teams') ? 'yes' : 'no';

const work = mkdtempSync(path.join(tmpdir(), 'glir-image-'));
const failures: string[] = [];
const stages = readStages(readFileSync(path.join(ROOT, 'deploy/Dockerfile'), 'utf8'));
try {
  const build = path.join(work, 'build');
  const root = path.join(work, 'root');
  buildStage(build);
  const settings = runtimeStage(build, root);
  await proved(root, settings);
} finally {
  closeAllPages();
  spawnSync('umount', ['-R', path.join(work, 'root', 'proc')], { stdio: 'ignore' });
  rmSync(work, { recursive: true, force: true });
}
print('verdict', failures.length === 0 ? 'ok' : failures.join('; '));
process.exit(failures.length === 0 ? 0 : 1);

/** The steps of the first stage, on this machine: its base image is a Node with Debian's compilers, as this is. */
function buildStage(folder: string): void {
  const files = run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: ROOT });
  for (const file of files
    .split('\0')
    .filter((each) => each !== '' && !each.startsWith('tests/') && !each.startsWith('docs/'))) {
    if (existsSync(path.join(ROOT, file))) cpSync(path.join(ROOT, file), path.join(folder, file));
  }
  for (const { name, text } of stages.get('build') ?? []) {
    // The compilers are here already, or the setup fetches them.
    if (name !== 'RUN' || text.startsWith('apt-get')) continue;
    const cache = process.env['GLIR_CACHE_DIR'] ?? path.join(process.env['HOME'] ?? '/root', '.cache/glir');
    const command = text.replaceAll('.cache/worker', `${cache}/worker`);
    const began = performance.now();
    run('sh', ['-ec', command], { cwd: folder, env: { ...process.env, TEAMS, MEDIASOUP_WORKER_BIN: undefined } });
    print('build step', command.slice(0, 60), { seconds: Math.round((performance.now() - began) / 1000) });
  }
}

interface Settings {
  env: Record<string, string>;
  user: number;
  directory: string;
  entrypoint: string[];
  health: string[];
}

/** The steps of the second stage, in the root file system that will run. */
function runtimeStage(build: string, root: string): Settings {
  const settings: Settings = { env: {}, user: 0, directory: '/', entrypoint: [], health: [] };
  run('debootstrap', ['--variant=minbase', 'bookworm', root]);
  run('mount', ['--bind', '/proc', path.join(root, 'proc')]);
  for (const instruction of stages.get('runtime') ?? []) perform(instruction, { build, root, settings });
  run('umount', [path.join(root, 'proc')]);
  return settings;
}

function perform(
  { name, text }: Instruction,
  { build, root, settings }: { build: string; root: string; settings: Settings },
): void {
  const words = text.split(/\s+/);
  switch (name) {
    case 'RUN':
      run('chroot', [root, 'sh', '-ec', text], {
        env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', DEBIAN_FRONTEND: 'noninteractive' },
      });
      return;
    case 'COPY': {
      const [, from = '', to = ''] = words;
      const source = from === '/usr/local/bin/node' ? process.execPath : from.replace(/^\/app/, build);
      mkdirSync(path.dirname(path.join(root, to)), { recursive: true });
      cpSync(source, path.join(root, to), { recursive: true, verbatimSymlinks: true });
      return;
    }
    case 'ENV':
      settings.env[text.slice(0, text.indexOf('='))] = text.slice(text.indexOf('=') + 1);
      return;
    case 'WORKDIR':
      settings.directory = text;
      mkdirSync(path.join(root, text), { recursive: true });
      return;
    case 'USER':
      settings.user = Number(text.split(':')[0]);
      return;
    case 'ENTRYPOINT':
      settings.entrypoint = JSON.parse(text);
      return;
    case 'HEALTHCHECK':
      settings.health = JSON.parse(text.slice(text.indexOf('CMD') + 3));
      return;
    case 'EXPOSE':
    case 'VOLUME':
      return;
    default:
      throw new Error(`This proof does not know ${name} of a Dockerfile. Teach it, in tests/proofs/image.ts.`);
  }
}

/** Enters the files as `docker run --read-only` does: another mount and process namespace, no privileges, one volume. */
function enter(root: string, { env, user, directory }: Settings, command: string[], data: string): ChildProcess {
  const script = [
    `mount --bind ${root} ${root}`,
    `mount --bind ${data} ${root}/data`,
    `mount -t proc proc ${root}/proc`,
    `mount -t tmpfs tmpfs ${root}/tmp`,
    `mount --bind /dev ${root}/dev`,
    `mount -o remount,bind,ro ${root}`,
    // chroot needs the privileges that setpriv takes: it comes first.
    `exec chroot ${root} setpriv --reuid=${user} --regid=${user} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all sh -c 'cd ${directory} && exec "$@"' sh "$@"`,
  ];
  return spawn(
    'unshare',
    ['--mount', '--pid', '--fork', '--kill-child', 'sh', '-ec', script.join('\n'), 'sh', ...command],
    {
      env: { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
}

async function proved(root: string, settings: Settings): Promise<void> {
  const [port, rtcPort] = [await freePort(), await freePort()];
  const data = path.join(work, 'data');
  mkdirSync(data, { mode: 0o700 });
  run('chown', [`${settings.user}:${settings.user}`, data]);
  // As a container's environment is: the contract is PUBLIC_URL and the ports.
  const env = { ...settings.env, PORT: String(port), HOST: '127.0.0.1', GLIR_RTC_PORT: String(rtcPort) };
  const inside = { ...settings, env };
  const said = async (command: string[]): Promise<{ code: number | null; text: string }> => {
    const child = enter(root, inside, command, data);
    const text = collected(child);
    const [code]: (number | null)[] = await once(child, 'close');
    return { code: code ?? null, text: text() };
  };
  sizes(root);
  for (const program of ['gcc', 'c++', 'make', 'cmake', 'npm', 'git']) {
    expect(
      `there is no ${program}`,
      !['usr/bin', 'usr/local/bin', 'bin'].some((each) => existsSync(path.join(root, each, program))),
    );
  }
  for (const name of ['vite', 'vitest', 'typescript', '@biomejs/biome']) {
    expect(`there is no ${name}`, !existsSync(path.join(root, 'app/node_modules', name)));
  }
  expect(
    'nothing but the volume can be written',
    (await said(['sh', '-c', '! touch /app/x && ! touch /etc/x && touch /data/x && rm /data/x'])).code === 0,
  );
  expect('it is not root', (await said(['id', '-u'])).text.trim() === String(settings.user));

  const began = performance.now();
  const server = enter(root, inside, settings.entrypoint, data);
  const log = collected(server);
  const url = `http://localhost:${port}`;
  while (!log().includes('"event":"ready"')) {
    if (server.exitCode !== null || performance.now() - began > START_MS)
      throw new Error(`The server did not start: ${log()}`);
    await pause(50);
  }
  print('start, seconds', ((performance.now() - began) / 1000).toFixed(2));
  expect('every line of its output is JSON', log().trim().split('\n').every(isJson));
  expect('its health check passes', (await said(settings.health)).code === 0);

  const doctor = await composer(url, { command: '/glir' });
  const patient = await reader(await doctor.share({ admission: 'link' }));
  await patient.tap();
  const knock = await doctor.knock();
  await doctor.send(knock, NOTE);
  const received = await patient.note();
  expect('the note is read', JSON.stringify(received).includes(NOTE));
  await doctor.destroy();
  expect('and gone when it is revoked', JSON.stringify(await patient.ended()).includes('revoked'));

  const stopped = once(server, 'close');
  signalEntrypoint(server);
  const late = setTimeout(() => server.kill('SIGKILL'), STOP_MS);
  await stopped;
  clearTimeout(late);
  expect('it stops in good order when told to', log().includes('"event":"stopped"'));
}

/** To process 1 of the namespace, as `docker stop` does. */
function signalEntrypoint(server: ChildProcess): void {
  const children = (pid: number): number[] =>
    readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  for (const pid of children(server.pid ?? 0)) process.kill(pid, 'SIGTERM');
}

function sizes(root: string): void {
  const megabytes = (folder: string): number => Number(run('du', ['-sm', path.join(root, folder)]).split('\t')[0]);
  const [all, packages, app] = [megabytes('.'), megabytes('app/node_modules'), megabytes('app')];
  print('size, MB', all, { packages, app, teams: TEAMS });
  if (TEAMS === 'no') expect(`the production tree is at most ${PRODUCTION_MB} MB`, app <= PRODUCTION_MB);
}

function expect(what: string, is: boolean): void {
  print(what, is);
  if (!is) failures.push(`not so: ${what}`);
}

function run(program: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 2 ** 28, ...options });
  if (status !== 0)
    throw new Error(
      `${program} ${args.join(' ').slice(0, 200)}: ${status}\n${(stderr ?? '').slice(-2_000)}\n${(stdout ?? '').slice(-1_000)}`,
    );
  return stdout;
}

function collected({ stdout, stderr }: ChildProcess): () => string {
  let text = '';
  for (const stream of [stdout, stderr]) stream?.on('data', (data: Buffer) => (text += data.toString()));
  return () => text;
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

function print(name: string, value: unknown, more: object = {}): void {
  process.stdout.write(`${JSON.stringify({ name, value, ...more })}\n`);
}
