import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type DataDir, dataDir } from '../support/server/data-dir.ts';
import { freePort } from '../support/server/glir.ts';
import { closeAllPages, composer, reader } from '../support/signalling/wrtc.ts';

const ROOT = path.join(import.meta.dirname, '../..');
/** Five seconds, and as much again where the machine is busy with other tests. */
const STOP_MS = 10_000;

interface Running {
  child: ChildProcess;
  /** What it wrote so far, to both streams. */
  output(): string;
  /** Exit code. */
  exit: Promise<number | null>;
}

/** A process has to load everything first. */
const STARTED = { timeout: 30_000, interval: 50 } as const;

const started = new Set<ChildProcess>();
const folders = new Set<DataDir>();
afterEach(() => {
  closeAllPages();
  for (const child of started) child.kill('SIGKILL');
  started.clear();
  for (const folder of folders) folder.remove();
  folders.clear();
});

/** `src/main.ts` as a process of its own. */
function start(env: Record<string, string>, ...options: string[]): Running {
  const folder = dataDir();
  folders.add(folder);
  const child = spawn(process.execPath, [...options, 'src/main.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env['PATH'],
      MEDIASOUP_WORKER_BIN: process.env['MEDIASOUP_WORKER_BIN'],
      GLIR_DATA_DIR: folder.path,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const exit = once(child, 'close').then(([code]): number | null => code);
  return { child, exit, output: () => output };
}

async function ready(env: Record<string, string> = {}, ...options: string[]): Promise<Running & { url: string }> {
  const port = env['PORT'] ?? String(await freePort());
  const running = start({ PORT: port, GLIR_RTC_PORT: String(await freePort()), ...env }, ...options);
  await expect.poll(running.output, STARTED).toContain('GLIR is ready: ');
  return { ...running, url: `http://localhost:${port}` };
}

describe('GLIR says which port is taken and what to set, and exits with 1, when it is', { timeout: 30_000 }, () => {
  it("the web server's", async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = Object(taken.address());
    const { exit, output } = start({ PORT: String(port), GLIR_RTC_PORT: String(await freePort()) });
    expect(await exit).toBe(1);
    expect(output()).toContain(`Port ${port}/tcp is taken by another program. Set PORT or stop it.`);
    expect(output()).not.toContain('    at ');
    taken.close();
  });

  it("the data channels', UDP", async () => {
    const taken = createSocket('udp4');
    taken.bind(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address();
    const { exit, output } = start({ PORT: String(await freePort()), GLIR_RTC_PORT: String(port) });
    expect(await exit).toBe(1);
    expect(output()).toContain(`Port ${port}/udp is taken by another program. Set GLIR_RTC_PORT or stop it.`);
    taken.close();
  });

  it("the data channels', TCP", async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = Object(taken.address());
    const { exit, output } = start({ PORT: String(await freePort()), GLIR_RTC_PORT: String(port) });
    expect(await exit).toBe(1);
    expect(output()).toContain(`Port ${port}/tcp is taken by another program. Set GLIR_RTC_PORT or stop it.`);
    taken.close();
  });
});

it('GLIR waits for a port of the data channels while notes may come back', { timeout: 90_000 }, async () => {
  const folder = dataDir();
  folders.add(folder);
  const env = { GLIR_DATA_DIR: folder.path, GLIR_RTC_PORT: String(await freePort()), PORT: String(await freePort()) };
  const first = await ready(env);
  const doctor = await composer(first.url, { command: '/glir' });
  await doctor.share({ admission: 'link' });
  first.child.kill('SIGTERM');
  await first.exit;
  const taken = createSocket('udp4');
  taken.bind(Number(env.GLIR_RTC_PORT), '127.0.0.1');
  await once(taken, 'listening');
  const second = start(env);
  await expect.poll(second.output, STARTED).toContain('"event":"rtc-port-taken"');
  taken.close();
  await expect.poll(second.output, STARTED).toContain('GLIR is ready: ');
});

it('GLIR_LOG_FORMAT=json: every line is JSON, also the one that says why GLIR did not start', {
  timeout: 90_000,
}, async () => {
  const env = { GLIR_LOG_FORMAT: 'json', PORT: String(await freePort()) };
  const running = start({ ...env, GLIR_RTC_PORT: String(await freePort()) });
  await expect.poll(running.output, STARTED).toContain('"event":"ready"');
  // How much it says can be switched while it runs.
  const answered = () => running.output().split('"request-answered"').length - 1;
  await fetch(`http://localhost:${env.PORT}/livez`);
  expect(answered()).toBe(0);
  running.child.kill('SIGUSR2');
  await expect.poll(running.output, STARTED).toContain('"event":"log-level","level":"debug"');
  await fetch(`http://localhost:${env.PORT}/livez`);
  await expect.poll(answered, STARTED).toBe(1);
  running.child.kill('SIGUSR2');
  await expect.poll(running.output, STARTED).toContain('"event":"log-level","level":"info"');
  running.child.kill('SIGHUP');
  expect(await running.exit).toBe(0);
  const wrong = start({ ...env, GLIR_RTC_PORT: 'none' });
  expect(await wrong.exit).toBe(1);
  const lines = `${running.output()}${wrong.output()}`
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.at(-1)).toMatchObject({ event: 'not-started', reason: expect.stringContaining('GLIR_RTC_PORT') });
});

describe('GLIR, asked to stop,', { timeout: 30_000 }, () => {
  it('has notes hidden, sends their pages away to come back, and exits with 0 in time', async () => {
    const { child, exit, output, url } = await ready();
    const doctor = await composer(url, { command: '/glir' });
    const patient = await reader(await doctor.share({ admission: 'link' }));
    await patient.tap();
    const asked = performance.now();
    child.kill('SIGTERM');
    await patient.client.next(({ t }) => t === 'interrupted');
    expect(await patient.client.closed).toBe(1012);
    expect(await doctor.client.closed).toBe(1012);
    expect(await exit).toBe(0);
    expect(performance.now() - asked).toBeLessThan(STOP_MS);
    expect(output()).toContain('"event":"stopped"');
  });

  it('does not wait for somebody who does not answer, or who never ends a request', async () => {
    const { child, exit, url } = await ready();
    const doctor = await composer(url, { command: '/glir' });
    doctor.client.freeze();
    const slow = connect(Number(new URL(url).port), '127.0.0.1');
    await once(slow, 'connect');
    slow.on('error', () => undefined).write('POST /local/command HTTP/1.1\r\nHost: localhost\r\n');
    child.kill('SIGINT');
    expect(await exit).toBe(0);
  });
});

describe('GLIR, where something fails that nobody foresaw,', { timeout: 30_000 }, () => {
  const AT_USR2 = (code: string) => `data:text/javascript,process.once('SIGUSR2',()=>{${encodeURIComponent(code)}})`;

  it.each([
    ['an exception', 'throw new TypeError("unforeseen")'],
    ['a rejection', 'Promise.reject(new TypeError("unforeseen"))'],
  ])('%s: says it in its log, has notes hidden as at a stop, and exits with 1', async (_what, code) => {
    const { child, exit, output, url } = await ready({}, '--import', AT_USR2(code));
    const doctor = await composer(url, { command: '/glir' });
    const patient = await reader(await doctor.share({ admission: 'link' }));
    await patient.tap();
    child.kill('SIGUSR2');
    await patient.client.next(({ t }) => t === 'interrupted');
    expect(await doctor.client.closed).toBe(1012);
    expect(await exit).toBe(1);
    const lines = output().split('\n');
    expect(lines.find((line) => line.includes('"event":"uncaught-error"'))).toContain('unforeseen');
    expect(output()).toContain('"event":"stopped"');
  });
});

describe('GLIR, killed and started again,', { timeout: 30_000 }, () => {
  it('has its notes back from their doctors, and those that ended not', async () => {
    const folder = dataDir();
    folders.add(folder);
    const env = { PORT: String(await freePort()), GLIR_DATA_DIR: folder.path };
    const first = await ready(env);
    const doctor = await composer(first.url, { command: '/glir' });
    const link = await doctor.share({ admission: 'link' });
    const over = await composer(first.url, { command: '/glir' });
    await over.share();
    await over.destroy();
    first.child.kill('SIGKILL');
    await first.exit;
    const second = await ready(env);
    await expect(over.resume()).rejects.toMatchObject({ code: 'ended-room' });
    await doctor.resume();
    const patient = await reader(link);
    await patient.tap();
    await doctor.send(await doctor.knock(), 'after');
    expect(await patient.note()).toMatchObject({ note: { text: 'after' } });
    expect(second.output()).not.toContain(doctor.ownerToken);
  });

  it('says what to set when it cannot keep anything', async () => {
    const { exit, output } = start({ PORT: String(await freePort()), GLIR_DATA_DIR: '/dev/null/glir' });
    expect(await exit).toBe(1);
    expect(output()).toContain('Set GLIR_DATA_DIR to a folder that GLIR may write to.');
    expect(output()).not.toContain('    at ');
  });
});

describe('GLIR, told to be most talkative,', { timeout: 30_000 }, () => {
  it('writes no address that somebody asked for, not even with DEBUG=* for the libraries inside it', async () => {
    const { url, output, child, exit } = await ready({ DEBUG: '*', GLIR_LOG_LEVEL: 'trace' });
    const room = 'TheRoomOfSomebody00000';
    expect((await fetch(`${url}/n/${room}`)).status).toBe(200);
    child.kill('SIGTERM');
    await exit;
    expect(output()).toContain('"event":"stopped"');
    expect(output()).not.toContain(room);
  });
});
