/** What GLIR stands on: its store, the disk, the clock. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { StoreError } from '../../store/errors.ts';
import { lookAtStore } from '../../store/store-check.ts';
import { type Check, ok, problem, skipped, warning } from './finding.ts';

const ANSWER_MS = 10_000;
const MEGABYTE = 1024 * 1024;
const FULL_MB = 100;
const NEARLY_FULL_MB = 1_000;
/** Slack and Teams refuse what is older than five minutes, notes end by this clock, and nodes refuse more than 5 s. */
const CLOCK_WARNING_S = 5;
const CLOCK_PROBLEM_S = 60;

/** Whether what has to outlive the server can be kept. */
export const checkStore: Check = async ({ config: { store } }) => {
  try {
    const { kind, damage, shared } = await lookAtStore(store);
    if (damage !== null) {
      const next = 'Stop GLIR and restore a backup: npm run glir -- restore FILE.';
      return [problem('store', `glir.db is damaged (${damage}).`, next)];
    }
    if (shared !== null)
      return [
        warning(
          'store',
          `It is on ${shared}, which other machines may share.`,
          'Set GLIR_DATA_DIR to a disk of this machine.',
        ),
      ];
    return [ok('store', kind === 'none' ? 'It is made at the first start.' : `${kind} can be read.`)];
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    return [problem('store', error.message, 'Do what it says, then check again.')];
  }
};

/** Whether there is room for what is kept. */
export const checkDisk: Check = ({ config: { store }, freeBytes }) => {
  if (store.dir === null) return [skipped('disk', 'The store is in PostgreSQL.')];
  const free = Math.floor(freeBytes(existing(store.dir)) / MEGABYTE);
  if (free < FULL_MB)
    return [problem('disk', `${free} MB are free for ${store.dir}.`, 'Free some: on a full disk no note is begun.')];
  if (free < NEARLY_FULL_MB) return [warning('disk', `${free} MB are free for ${store.dir}.`, 'Free some soon.')];
  return [ok('disk', `${free} MB are free.`)];
};

/** Whether this machine's clock goes right, by that of whoever is asked anyway. */
export const checkClock: Check = async ({ config, now }) => {
  const others = [
    config.slack?.apiUrl,
    config.teams?.app.kind === 'registered' ? config.teams.app.loginUrl : undefined,
  ];
  for (const url of others.filter((each) => each !== undefined)) {
    const seconds = await aheadOf(url, now);
    if (seconds === null) continue;
    const says = `This machine's clock differs by ${Math.abs(seconds)} s from ${new URL(url).host}.`;
    if (Math.abs(seconds) >= CLOCK_PROBLEM_S)
      return [
        problem(
          'clock',
          says,
          'Run NTP (timedatectl set-ntp true): Slack and Teams refuse what comes at a wrong time.',
        ),
      ];
    if (Math.abs(seconds) > CLOCK_WARNING_S) return [warning('clock', says, 'Run NTP (timedatectl set-ntp true).')];
    return [ok('clock', says)];
  }
  return [skipped('clock', 'There is nobody to compare it with.')];
};

async function aheadOf(url: string, now: () => number): Promise<number | null> {
  try {
    const answer = await fetch(url, { method: 'HEAD', redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) });
    const date = Date.parse(answer.headers.get('date') ?? '');
    return Number.isNaN(date) ? null : Math.round((now() - date) / 1000);
  } catch {
    return null;
  }
}

/** The folder, or the nearest one above that exists. */
function existing(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder));
}
