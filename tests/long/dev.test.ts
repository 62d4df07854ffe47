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
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchBrowser } from '../support/browser/browsers.ts';
import { freePort } from '../support/server/free-port.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const PATIENCE_MS = 120_000;

let copy: string;
let url: string;
let glir: ChildProcess;
let browser: Browser;
let output = '';

beforeAll(async () => {
  copy = mkdtempSync(path.join(tmpdir(), 'glir-dev-'));
  const tracked = execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: ROOT, encoding: 'utf8' })
    .trim()
    .split('\n');
  for (const file of tracked.filter((name) => !/^(tests|docs)\//.test(name) && existsSync(path.join(ROOT, name)))) {
    cpSync(path.join(ROOT, file), path.join(copy, file));
  }
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(copy, 'node_modules'));
  const port = await freePort();
  url = `http://localhost:${port}/`;
  const own = { PORT: String(port), GLIR_RTC_PORT: String(await freePort()), GLIR_DATA_DIR: path.join(copy, 'data') };
  const env = { ...process.env, ...own };
  glir = spawn(process.execPath, ['scripts/dev.mjs'], { cwd: copy, env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [glir.stdout, glir.stderr]) {
    stream?.on('data', (text) => {
      output += text;
    });
  }
  browser = await launchBrowser();
}, PATIENCE_MS);

afterAll(async () => {
  await browser?.close();
  glir?.kill('SIGTERM');
  if (glir?.exitCode === null) await once(glir, 'exit');
  rmSync(copy, { recursive: true });
});

/** Waits until GLIR has become ready for the n-th time. */
async function started(times: number): Promise<void> {
  const count = () => {
    if (glir.exitCode !== null) throw new Error(`npm run dev ended: ${output}`);
    return output.split('GLIR is ready').length - 1;
  };
  await expect.poll(count, { timeout: PATIENCE_MS, message: output }).toBe(times);
}

describe('npm run dev', () => {
  it('shows a change of a page in the open browser, and runs a change of the server', {
    timeout: 240_000,
  }, async () => {
    await started(1);
    const page = await browser.newPage();
    await page.goto(url);
    expect(await page.title()).toBe('GLIR: trial room');

    const shell = path.join(copy, 'bots/local/page/index.html');
    writeFileSync(shell, readFileSync(shell, 'utf8').replace('GLIR: trial room', 'GLIR: a new title'));
    await expect.poll(() => page.title(), { timeout: PATIENCE_MS, message: output }).toBe('GLIR: a new title');
    await started(2);

    const main = path.join(copy, 'src/main.ts');
    writeFileSync(main, `process.stdout.write('a new line of the server\\n');\n${readFileSync(main, 'utf8')}`);
    await started(3);
    await expect.poll(() => output).toContain('a new line of the server');
  });

  it('leaves pages that the next start replaces, and none that is shipped reloads itself', () => {
    const reload = 'setInterval(async () => {\n  if (document.hidden) return;';
    const pagesIn = (folder: string) => {
      const names = readdirSync(path.join(folder, 'dist')).filter((name) => name.endsWith('.html'));
      return names.map((name) => readFileSync(path.join(folder, 'dist', name), 'utf8'));
    };
    expect(pagesIn(copy).every((page) => page.includes(reload))).toBe(true);
    expect(existsSync(path.join(copy, 'dist/.inputs'))).toBe(false);
    expect(pagesIn(ROOT).some((page) => page.includes(reload))).toBe(false);
  });
});
