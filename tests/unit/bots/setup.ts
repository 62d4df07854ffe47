import { pino } from 'pino';
import type { BotContext } from '../../../bots/commands/bot-context.ts';
import { english } from '../../../bots/commands/chat-language.ts';
import { createPreferences } from '../../../bots/commands/preferences.ts';
import { createStatusBoard } from '../../../bots/commands/room-status.ts';
import { loadOwnSettings } from '../../../bots/commands/settings.ts';
import type { Chat } from '../../../bots/commands/view.ts';
import { AuditLog } from '../../../src/audit/audit-log.ts';
import { createSeals } from '../../../src/audit/chain.ts';
import type { Cluster } from '../../../src/cluster/cluster.ts';
import { LocalCluster } from '../../../src/cluster/local-cluster.ts';
import { RoomDirectory } from '../../../src/cluster/room-directory.ts';
import { createDraftLimits } from '../../../src/limits/draft-limits.ts';
import { NO_METRICS } from '../../../src/metrics/metrics.ts';
import type { Doctor } from '../../../src/rooms/room.ts';
import { type Practice, practice, ROSSI } from '../rooms/setup.ts';
import { dataKey, storeIn } from '../store/setup.ts';

export const URL = 'https://glir.example.org';
export const LIMITS = { expiryDefaultSeconds: 1_800, expiryMaxSeconds: 86_400, readersDefault: 3, phone: null };
/** A platform that there is none of: what it is called shows whether sentences keep to it. */
export const CHAT: Chat = { name: 'Pigeon', command: '!note', language: english() };
/** What every view is said in, unless a test is about languages. */
export const ENGLISH = english();

const WEBER: Doctor = { platform: 'slack', tenant: 'T1', user: 'U2', displayName: 'Dr Jonas Weber' };

/** Everybody who is not Dr Rossi. */
export const OTHERS: [string, Doctor][] = [
  ['a colleague', WEBER],
  ['the same user id in another tenant', { ...ROSSI, tenant: 'T2' }],
  ['the same user id on another platform', { ...ROSSI, platform: 'teams' }],
];

/** A context with a store of its own, and its log lines: of a node by itself, unless a cluster is given. */
export async function botContextFor({
  limits = LIMITS,
  atMost = { notes: { user: 100, tenant: 100 }, rooms: { user: 100, tenant: 100 } },
  practised,
  cluster = new LocalCluster(),
}: {
  limits?: BotContext['limits'];
  atMost?: Parameters<typeof createDraftLimits>[0];
  practised?: Practice;
  cluster?: Cluster;
} = {}) {
  const { rooms, clock, open } = practised ?? (await practice({ expiryMaxSeconds: limits.expiryMaxSeconds }));
  const directory = new RoomDirectory({ rooms, cluster, clock });
  const { store } = await storeIn({ clock });
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const drafts = createDraftLimits(atMost, directory);
  const audit = new AuditLog({ rows: store.audit, seals: createSeals([dataKey()]), clock, log });
  const board = createStatusBoard({ rooms: directory, clock, log });
  const bot: BotContext = {
    rooms: directory,
    drafts,
    board,
    preferences: createPreferences({ store, clock, log }, async (tenant) => {
      return (await loadOwnSettings(tenant, { store, log })).language;
    }),
    clock,
    store,
    audit,
    log,
    metrics: NO_METRICS,
    publicUrl: URL,
    limits,
    isGone: () => Promise.resolve(true),
  };
  const logged = (): Record<string, unknown>[] => lines.map((line) => JSON.parse(line));
  /** Shared by Dr Rossi. */
  const shared = async () => {
    const room = rooms.find((await open()).roomId);
    if (room === undefined) throw new Error('no room');
    return room;
  };
  return { bot, rooms, clock, store, shared, logged };
}
