import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';
import type { BootTime } from '../clock.ts';

const BOOT_ID = '/proc/sys/kernel/random/boot_id';

/** The machine's time since it was started; null where the system does not tell one start from another. */
export function readBootTime(): BootTime | null {
  try {
    return { boot: readFileSync(BOOT_ID, 'utf8').trim(), ms: uptime() * 1000 };
  } catch {
    return null;
  }
}
