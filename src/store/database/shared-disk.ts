import { statfsSync } from 'node:fs';
import { StoreError } from '../errors.ts';

/**
 * File systems of other machines (magic numbers of statfs(2)), on which SQLite's locks and its write-ahead log do not hold
 * (https://www.sqlite.org/wal.html, https://www.sqlite.org/howtocorrupt.html, section 2.1).
 */
const REMOTE: ReadonlyMap<number, string> = new Map([
  [0x6969, 'NFS'],
  [0x517b, 'SMB'],
  [0xff534d42, 'CIFS'],
  [0xfe534d42, 'SMB2'],
  [0x5346414f, 'AFS'],
  [0x73757245, 'Coda'],
  [0x564c, 'NCP'],
]);

/** Those of which nobody can tell from here whose they are. */
const PERHAPS: ReadonlyMap<number, string> = new Map([
  [0x01021997, '9P'],
  [0x65735546, 'FUSE'],
  [0x00c36400, 'Ceph'],
  [0x0bd00bd0, 'Lustre'],
  [0x47504653, 'GPFS'],
  [0x7461636f, 'OCFS2'],
  [0x01161970, 'GFS2'],
]);

/** The type of the file system that a folder is on, as in statfs(2); null where it cannot be told. */
export type FileSystemType = (folder: string) => number | null;

const typeOf: FileSystemType = (folder) => {
  try {
    // The kernel gives it with a sign on some machines.
    return Number(BigInt.asUintN(32, BigInt(statfsSync(folder).type)));
  } catch {
    return null;
  }
};

/**
 * Gives the name of the file system when a folder may be shared with other machines, else null.
 *
 * @throws StoreError `unusable` when it surely is
 */
export function sharedDisk(folder: string, type: FileSystemType = typeOf): string | null {
  const number = type(folder);
  if (number === null) return null;
  const remote = REMOTE.get(number);
  if (remote === undefined) return PERHAPS.get(number) ?? null;
  throw new StoreError(
    'unusable',
    `${folder} is on a network file system (${remote}), where SQLite loses or damages what it keeps. Set GLIR_DATA_DIR to a folder on a disk of this machine, or keep the data in PostgreSQL with GLIR_DATABASE_URL.`,
  );
}
