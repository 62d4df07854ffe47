import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { inputsMark } from '../../scripts/setup/pages.mjs';
import { freePort } from '../support/server/free-port.ts';
import { actAsPages, closeAllSessions, composerPage, receiverPage } from '../support/signalling/pages.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const PATIENCE_MS = 120_000;
const NOTE = 'Amoxicillin 500 mg: 1 capsule in the morning';
const TITLE = 'GLIR: trial room';

/** A checkout that runs a server, and the next version of which is prepared in it. */
let checkout: string;
let settings: NodeJS.ProcessEnv;
let url: string;
const started = new Set<ChildProcess>();

beforeAll(async () => {
  checkout = mkdtempSync(path.join(tmpdir(), 'glir-update-'));
  const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
    .trim()
    .split('\n');
  for (const file of tracked.filter((name) => !/^(tests|docs)\//.test(name) && existsSync(path.join(ROOT, name)))) {
    cpSync(path.join(ROOT, file), path.join(checkout, file));
  }
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(checkout, 'node_modules'));
  // Each language makes the build longer, and two say as much as all.
  const languages = readdirSync(path.join(checkout, 'languages'));
  for (const name of languages.filter((each) => !/^(en|it)\./.test(each)))
    rmSync(path.join(checkout, 'languages', name));
  // As if built from these files: the first setup has nothing to build.
  cpSync(path.join(ROOT, 'dist'), path.join(checkout, 'dist'), { recursive: true });
  writeFileSync(path.join(checkout, 'dist/.inputs'), `${inputsMark(checkout)}\n`);
  const port = await freePort();
  url = `http://localhost:${port}`;
  settings = {
    ...process.env,
    PORT: String(port),
    GLIR_RTC_PORT: String(await freePort()),
    GLIR_DATA_DIR: path.join(checkout, 'data'),
  };
  expect((await prepared()).output).toBe(`setup: ready in ${checkout}\n`);
}, PATIENCE_MS);
afterEach(() => closeAllSessions());
afterAll(async () => {
  for (const child of started) await stopped(child);
  rmSync(checkout, { recursive: true });
});

/** Runs one of the checkout's scripts; gives what it writes. */
function run(script: string): { child: ChildProcess; output: () => string } {
  const child = spawn(process.execPath, [`scripts/${script}.mjs`], { cwd: checkout, env: settings, stdio: 'pipe' });
  const texts: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text: Buffer) => void texts.push(String(text)));
  started.add(child);
  child.once('exit', () => started.delete(child));
  return { child, output: () => texts.join('') };
}

async function stopped(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** `npm run setup`, to its end. */
async function prepared(): Promise<{ code: number | null; output: string }> {
  const { child, output } = run('setup');
  const [code] = await once(child, 'close');
  return { code: typeof code === 'number' ? code : null, output: output() };
}

/** `npm start`, until it serves. */
async function serving(): Promise<{ child: ChildProcess; output: () => string }> {
  const server = run('start');
  await expect.poll(server.output, { timeout: PATIENCE_MS }).toContain('GLIR is ready');
  return server;
}

async function titleOf(): Promise<string | undefined> {
  const page = await fetch(url);
  return /<title>(.*?)<\/title>/.exec(await page.text())?.[1];
}

it('prepares an update beside the running server, which knows nothing of it, and the next start only starts', {
  timeout: 3 * PATIENCE_MS,
}, async () => {
  const before = await serving();
  expect(await titleOf()).toBe(TITLE);
  actAsPages(url);
  const doctor = await composerPage(url);
  doctor.session.write(NOTE);
  doctor.session.choosePolicy({ admission: 'link' });
  await doctor.session.share();
  const { link } = await doctor.shows('open');
  const patient = receiverPage(link);
  await patient.shows('closed');
  patient.session.open();
  await patient.shows('reading');

  const shell = path.join(checkout, 'bots/local/page/index.html');
  writeFileSync(shell, readFileSync(shell, 'utf8').replace(TITLE, 'GLIR: the next version'));
  const seen = patient.states.length;
  const setup = await prepared();
  expect(setup.code).toBe(0);
  expect(setup.output).toContain('building the pages: done');
  expect(await titleOf()).toBe(TITLE);
  expect(patient.states.slice(seen).every(({ name }) => name === 'reading')).toBe(true);

  await stopped(before.child);
  const after = await serving();
  expect(after.output()).not.toContain('setup:');
  expect(await titleOf()).toBe('GLIR: the next version');
  expect(await patient.shows('reading')).toMatchObject({ note: { text: NOTE } });
  doctor.session.destroy();
  expect(await patient.shows('gone')).toMatchObject({ reason: 'revoked' });

  // Packages are loaded as they are needed, so these are not replaced under a server.
  const lock = path.join(checkout, 'package-lock.json');
  const locked = readFileSync(lock, 'utf8');
  writeFileSync(lock, `${locked}\n`);
  const refused = await prepared();
  expect(refused.code).toBe(1);
  expect(refused.output).toContain('Prepare the update in a second checkout');
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
  writeFileSync(lock, locked);
});
