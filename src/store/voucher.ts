import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Voucher } from '../rooms/room-persistence.ts';

const NAME = 'glir.voucher';
const BYTES = 32;
const FILE_MODE = 0o600;

/** The voucher in a file beside the database, with what it is worth. */
export interface FileVoucher extends Voucher {
  /** 32 bytes: one half of what the owner tokens' key is made of. */
  readonly secret: Uint8Array;
}

/**
 * A small file of random bytes. Deleting it works where nothing can be written any more, on a full disk or beside a
 * locked database, and makes every owner token worthless for the next start. Without the file there is a new secret,
 * which is kept by `restore`.
 */
export function fileVoucher(dir: string): FileVoucher {
  const file = join(dir, NAME);
  const secret = read(file) ?? randomBytes(BYTES);

  return {
    secret,
    withdraw() {
      rmSync(file, { force: true });
      settle(dir);
    },
    restore() {
      const found = read(file);
      // Another server in the same folder has one of its own by now: that one is in use.
      if (found !== null) return;
      const fresh = `${file}-new`;
      const descriptor = openSync(fresh, 'w', FILE_MODE);
      try {
        writeSync(descriptor, secret);
        fsyncSync(descriptor);
      } finally {
        closeSync(descriptor);
      }
      renameSync(fresh, file);
      settle(dir);
    },
  };
}

/** Null when there is none, or it is not whole. */
function read(file: string): Uint8Array | null {
  try {
    const bytes = readFileSync(file);
    return bytes.length === BYTES ? bytes : null;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Makes what happened in a folder survive a loss of power, where the system can. */
function settle(dir: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(dir, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
