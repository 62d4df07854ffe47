import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  browserProblem,
  CHROMIUM,
  FIREFOX,
  findBrowser,
  offerHeadlessShell,
  versionProblem,
} from '../../../scripts/setup/browsers.mjs';
import { makeContext } from '../../../scripts/setup/context.mjs';
import { firefoxProblem } from '../../support/browser/firefox.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'glir-browsers-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A program that answers every call with one line. */
function program(name: string, answer: string): string {
  const file = path.join(folder, name);
  writeFileSync(file, `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
  return file;
}

describe('a browser for the tests', () => {
  it.each([
    ['Mozilla Firefox 153.0esr', FIREFOX, undefined],
    ['Mozilla Firefox 140.12.0esr', FIREFOX, 'Firefox 140 is too old to be driven, 153 is needed'],
    ['Chromium 150.0.7871.100 built on Debian GNU/Linux 12 (bookworm)', CHROMIUM, undefined],
    ['Google Chrome 156.0.1.2', CHROMIUM, undefined],
    ['Chromium 120.0.6099.224', CHROMIUM, 'Chromium 120 is too old to be driven, 150 is needed'],
    ['error while loading shared libraries', FIREFOX, 'Firefox does not say its version'],
  ])('that answers "%s" is judged by its version', (answer, browser, problem) => {
    expect(versionProblem(browser, answer)).toBe(problem);
  });

  it('is looked for on PATH, and its tests are skipped when it is too old or not there', () => {
    const env = { PATH: `${folder}:/usr/bin:/bin` };
    const old = program('firefox-esr', 'Mozilla Firefox 140.12.0esr');
    expect(findBrowser(FIREFOX, env)).toBe(old);
    expect(firefoxProblem(env)).toContain('140 is too old');
    program('firefox-esr', 'Mozilla Firefox 153.0esr');
    expect(firefoxProblem(env)).toBeUndefined();
    expect(browserProblem(FIREFOX, { PATH: '/nowhere' })).toContain('no Firefox on PATH');
  });

  it('is the one that the environment names, and a name that leads nowhere is an error', () => {
    const own = program('my-firefox', 'Mozilla Firefox 160.1');
    expect(findBrowser(FIREFOX, { PATH: '/bin', GLIR_FIREFOX: own })).toBe(own);
    expect(() => findBrowser(FIREFOX, { PATH: '/bin', GLIR_FIREFOX: `${own}-2` })).toThrow('cannot be run');
  });

  it('is not asked again once the setup has said why its tests are skipped', () => {
    expect(firefoxProblem({ GLIR_FIREFOX_PROBLEM: 'too old' })).toBe('too old');
  });
});

describe("Chromium's headless shell", () => {
  /** What the setup says, and which headless shell the tests drive afterwards. */
  async function offered(env: NodeJS.ProcessEnv) {
    const context = { ...makeContext({ GLIR_CACHE_DIR: path.join(folder, 'cache') }, process.stdout), notice: vi.fn() };
    await offerHeadlessShell(context, env);
    return { said: context.notice.mock.calls.flat().join(), driven: env['GLIR_HEADLESS_SHELL'] };
  }

  it('is driven where it is there', async () => {
    const shell = program('chromium-headless-shell', 'Chromium 156.0.8078.114');
    expect(await offered({ PATH: folder })).toEqual({ said: '', driven: shell });
  });

  it('is left alone when it is too old, and it is said what that costs', async () => {
    program('chromium-headless-shell', 'Chromium 120.0.6099.224');
    const { said, driven } = await offered({ PATH: folder });
    expect(driven).toBeUndefined();
    expect(said).toContain('take twice as long');
    expect(said).toContain('120 is too old');
  });

  it('is left alone when a Chromium is named that all tests are to drive', async () => {
    program('chromium-headless-shell', 'Chromium 156.0.8078.114');
    const own = program('my-chrome', 'Google Chrome 156.0.1.2');
    expect(await offered({ PATH: folder, GLIR_CHROMIUM: own })).toEqual({ said: '', driven: undefined });
  });
});
