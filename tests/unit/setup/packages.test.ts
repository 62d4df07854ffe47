import { describe, expect, it } from 'vitest';
import { isDebianFamily, missingIn, onPath, refusal } from '../../../scripts/setup/packages.mjs';

describe('system packages', () => {
  it('what is half installed, removed or unknown is missing', () => {
    const listing = 'cmake installed\nninja-build config-files\npatch half-installed\n';
    expect(missingIn(['cmake', 'ninja-build', 'patch', 'libuv1-dev'], listing)).toEqual([
      'ninja-build',
      'patch',
      'libuv1-dev',
    ]);
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
