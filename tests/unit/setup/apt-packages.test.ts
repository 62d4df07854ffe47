import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { installedBy, isDebianFamily, missingIn, onPath, refusal } from '../../../scripts/setup/apt-packages.mjs';

describe('system packages', () => {
  it('what is half installed, removed or unknown is missing', () => {
    const listing = 'cmake installed\nninja-build config-files\npatch half-installed\n';
    expect(missingIn(['cmake', 'ninja-build', 'patch', 'libuv1-dev'], listing)).toEqual([
      'ninja-build',
      'patch',
      'libuv1-dev',
    ]);
  });

  it('what apt-get would install is read from what it simulates', () => {
    const simulated = [
      'NOTE: This is only a simulation!',
      'Inst libssl3 [3.0.1-1] (3.0.2-1 Debian-Security:12/stable [amd64])',
      'Inst nginx (1.22.1-9 Debian:12.15/stable [amd64])',
      'Conf nginx (1.22.1-9 Debian:12.15/stable [amd64])',
    ];
    expect(simulated.flatMap(installedBy)).toEqual(['libssl3', 'nginx']);
  });

  it('on Debian without root, the missing ones are named with the exact command', () => {
    const failure = refusal(['cmake', 'libuv1-dev'], 'Building the mediasoup worker', {
      isDebian: true,
      isRoot: false,
    });
    expect(failure.message).toBe(
      'Building the mediasoup worker needs system packages that are missing: cmake libuv1-dev.',
    );
    expect(failure.next).toContain('sudo apt-get install -y --no-install-recommends cmake libuv1-dev');
  });

  it('one command names what the same run will want later as well', () => {
    const system = { isDebian: true, isRoot: false };
    const failure = refusal(['cmake'], 'Building the mediasoup worker', system, ['cmake', 'chromium']);
    expect(failure.message).toContain('missing: cmake. Later it will want chromium.');
    expect(failure.next).toMatch(/--no-install-recommends cmake chromium$/);
  });

  it('elsewhere they are named, and no apt-get is proposed', () => {
    const failure = refusal(['cmake'], 'Building the mediasoup worker', { isDebian: false, isRoot: true });
    expect(failure.message).toContain('cmake');
    expect(failure.next).not.toContain('apt-get');
  });

  it.each([
    ['ID=debian\n', true],
    ['NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\n', true],
    ['ID=fedora\nHOME_URL="https://debian.example"\n', false],
    ['', false],
  ])('%j is of the Debian family: %s', (osRelease, verdict) => {
    expect(isDebianFamily(osRelease)).toBe(verdict);
  });

  it('a program is found on PATH or under its full path, and only if it can be run', () => {
    const here = process.execPath;
    const folder = here.slice(0, here.lastIndexOf('/'));
    expect(onPath('node', { PATH: `/nowhere:${folder}` })).toBe(here);
    expect(onPath(here, {})).toBe(here);
    expect(onPath(import.meta.filename, {})).toBeUndefined();
    expect(onPath('node', { PATH: '/nowhere' })).toBeUndefined();
  });
});

describe('installing system packages', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'glir-apt-'));
    vi.resetModules();
    vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  });

  /** Installs packages one after the other with an apt-get that writes down what it is asked for. */
  async function install(names: string[], apt: string): Promise<{ asked: string[]; told: string }> {
    const { makeContext } = await import('../../../scripts/setup/context.mjs');
    const { installPackages } = await import('../../../scripts/setup/apt-packages.mjs');
    const log = path.join(folder, 'asked');
    const script = `#!/bin/sh\nfor last; do :; done\necho "$last" >> '${log}'\n${apt}\n`;
    writeFileSync(path.join(folder, 'apt-get'), script, { mode: 0o755 });
    const context = makeContext({ GLIR_CACHE_DIR: folder }, process.stderr);
    let told = '';
    context.notice = (text) => {
      told += `${text}\n`;
    };
    for (const name of names) await installPackages(context, [name]);
    return { asked: readFileSync(log, 'utf8').trim().split('\n'), told };
  }

  it('begins with fresh lists, once in a run', async () => {
    const { asked, told } = await install(['cmake', 'chromium'], 'exit 0');
    expect(asked).toEqual(['update', 'cmake', 'chromium']);
    expect(told).toBe('');
  });

  it('goes on with the old lists when they cannot be refreshed, and says so', async () => {
    const { asked, told } = await install(['cmake'], '[ "$last" != update ]');
    expect(asked).toEqual(['update', 'cmake']);
    expect(told).toContain('could not be refreshed');
  });

  it('that fails says what apt-get said', async () => {
    const failing = install(['cmake'], 'echo "no such package"; exit 100');
    await expect(failing).rejects.toThrow(/apt-get could not install cmake \(exit code 100\)[\s\S]*no such package/);
  });
});
