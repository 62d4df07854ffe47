import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { browserProblem, CHROMIUM, FIREFOX, findBrowser, versionProblem } from '../../../scripts/setup/browsers.mjs';
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
