import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { sharedDisk } from '../../../src/store/database/shared-disk.ts';

it.each([
  ['NFS', 0x6969],
  ['CIFS', 0xff534d42],
  ['SMB2', 0xfe534d42],
])('a data folder on %s is refused, with what to set instead', (name, type) => {
  expect(() => sharedDisk('/data/glir', () => type)).toThrow(
    new RegExp(`/data/glir is on a network file system \\(${name}\\).*GLIR_DATA_DIR.*GLIR_DATABASE_URL`),
  );
});

it.each([
  ['9P', 0x01021997],
  ['FUSE', 0x65735546],
])('%s, which may be shared or not, is named for a warning', (name, type) => {
  expect(sharedDisk('/data/glir', () => type)).toBe(name);
});

it.each([
  ['ext4', 0xef53],
  ['XFS', 0x58465342],
  ['overlay', 0x794c7630],
  ['a folder that tells nothing', null],
])('%s is taken', (_name, type) => {
  expect(sharedDisk('/data/glir', () => type)).toBeNull();
});

it.skipIf(!existsSync('/proc/self/mounts'))('the type is read from the folder itself', () => {
  // procfs: no disk at all, so neither refused nor warned of; a folder that is missing does not throw either.
  for (const folder of ['/proc', tmpdir(), '/no/such/folder']) expect(() => sharedDisk(folder)).not.toThrow();
});
