import { describe, expect, it } from 'vitest';
import { installProblems } from '../../../scripts/setup/npm-dependencies.mjs';

const machine = { os: 'linux', cpu: 'x64', libc: 'glibc' };
const native = (os: string, cpu: string, libc: string) => ({
  version: '1.0.0',
  integrity: `sha512-${os}-${cpu}-${libc}`,
  optional: true,
  os: [os],
  cpu: [cpu],
  libc: [libc],
});
const tool = { version: '1.0.0', integrity: 'sha512-tool' };
const lock = {
  packages: {
    '': { name: 'glir' },
    'node_modules/tool': tool,
    'node_modules/native-here': native('linux', 'x64', 'glibc'),
    'node_modules/native-musl': native('linux', 'x64', 'musl'),
    'node_modules/native-mac': native('darwin', 'arm64', 'glibc'),
  },
};
const complete = { 'node_modules/tool': tool, 'node_modules/native-here': native('linux', 'x64', 'glibc') };

describe('after an installation', () => {
  it('packages for other machines may be absent', () => {
    expect(installProblems(lock, { packages: complete }, machine)).toEqual([]);
  });

  it('the optional package for this very machine may not, although npm says nothing', () => {
    const { 'node_modules/native-here': _, ...rest } = complete;
    expect(installProblems(lock, { packages: rest }, machine)).toEqual(['node_modules/native-here is missing']);
  });

  it('a package that is not the locked one is named', () => {
    const changed = { ...complete, 'node_modules/tool': { ...tool, integrity: 'sha512-other' } };
    expect(installProblems(lock, { packages: changed }, machine)).toEqual(['node_modules/tool is another version']);
  });

  it('a package that nobody locked is named', () => {
    const extra = { ...complete, 'node_modules/surprise': tool };
    expect(installProblems(lock, { packages: extra }, machine)).toEqual([
      'node_modules/surprise is not in package-lock.json',
    ]);
  });

  it('no record of an installation means that everything is missing', () => {
    expect(installProblems(lock, undefined, machine)).toHaveLength(2);
  });
});
