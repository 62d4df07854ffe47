import { createServer, type Server } from 'node:http';
import type { Router } from 'express';
import type { Logger } from 'pino';
import { recordHistory } from '../bots/commands/history.ts';
import { createStatusBoard } from '../bots/commands/status.ts';
import { localChatRouter } from '../bots/local/router.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/config.ts';
import { infoRouter } from './http/info-pages.ts';
import { ownOrigin } from './http/origin.ts';
import type { Pages } from './http/pages.ts';
import { createWebServer } from './http/server.ts';
import { randomBytes } from './protocol/bytes.ts';
import { createOwnerTokens } from './rooms/owner-token.ts';
import { Rooms } from './rooms/rooms.ts';
import { memoryRoomStore } from './rooms/store.ts';
import { createTickets } from './rooms/tickets.ts';
import { startWorkerPool, type WorkerPool } from './sfu/worker-pool.ts';
import { LiveRooms } from './signalling/live-rooms.ts';
import { attachSocketServer, type SocketServer } from './signalling/socket-server.ts';
import { openStore } from './store/sqlite/open.ts';

/** GLIR, wired but not listening: the caller listens with `server` and calls `start`. */
export interface App {
  server: Server;
  rooms: Rooms;
  /** Null before `start`. */
  workers(): WorkerPool | null;
  /** Starts the workers; from then on `/healthz` says 200. Throws an Error that says what to set. */
  start(): Promise<void>;
  /** Ends every room with `stopped`, tells everybody, closes everything. */
  stop(): Promise<void>;
}

/** Wires the parts. All time comes from `clock`. */
export async function createApp({
  config,
  clock,
  log,
  pages,
}: {
  config: Config;
  clock: Clock;
  log: Logger;
  pages: Pages;
}): Promise<App> {
  const { publicUrl } = config;
  const isOwnOrigin = ownOrigin(publicUrl);
  const rooms = new Rooms({
    clock,
    store: memoryRoomStore(),
    tickets: createTickets(clock),
    ownerTokens: createOwnerTokens(randomBytes(32)),
    defaults: {
      policy: {
        expirySeconds: config.rooms.expiryDefaultSeconds,
        admission: 'ask',
        maxReaders: config.rooms.readersDefault,
        showName: true,
      },
      expiryMaxSeconds: config.rooms.expiryMaxSeconds,
    },
  });
  const platforms = await connectPlatforms(config, rooms, clock, log);
  let workers: WorkerPool | null = null;
  let sockets: SocketServer | null = null;

  const server = createServer(
    createWebServer({
      publicUrl,
      trustProxy: config.http.trustProxy,
      pages,
      log,
      ready: () => workers?.ready() ?? false,
      teamsDialog: config.teams?.compose === 'dialog',
      localChat: config.localChat
        ? localChatRouter({ rooms, clock, publicUrl, limits: config.rooms }, isOwnOrigin)
        : null,
      info: infoRouter({
        operator: config.operator,
        platforms: { slack: config.slack !== null, teams: config.teams !== null },
        historyDays: config.store.historyDays,
        relays: config.ice.urls.length > 0,
      }),
      platforms: platforms?.routers ?? [],
    }),
  );

  return {
    server,
    rooms,
    workers: () => workers,
    async start() {
      workers = await startWorkerPool(config, clock, log);
      sockets = attachSocketServer(server, new LiveRooms({ rooms, workers, clock, log }), isOwnOrigin);
      platforms?.start();
    },
    async stop() {
      rooms.endAll('stopped');
      await platforms?.stop();
      await sockets?.close();
      await workers?.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The chat platforms, with what they need beside the rooms. */
interface Platforms {
  routers: readonly Router[];
  /** Connects to those that have to be called. */
  start(): void;
  /** Brings the chats up to date, as far as they answer at once, and lets go of the store. */
  stop(): Promise<void>;
}

/** How long a stop waits for chats that do not answer. */
const LAST_WORDS_MS = 2_000;

/** Null when no platform is set up: then nothing durable is made either. */
async function connectPlatforms(config: Config, rooms: Rooms, clock: Clock, log: Logger): Promise<Platforms | null> {
  if (config.slack === null && config.teams === null) return null;
  const store = openStore({ settings: config.store, clock, log });
  const board = createStatusBoard({ rooms, clock, log });
  const history = recordHistory({ rooms, history: store.history, log });
  const shared = { limits: config.rooms, publicUrl: config.publicUrl, rooms, clock, log, store, board };
  // Each bot's framework takes its share of memory, so only those that are set up are loaded.
  const slack =
    config.slack && (await import('../bots/slack/bot.ts')).createSlackBot({ slack: config.slack, ...shared });
  const teams =
    config.teams && (await import('../bots/teams/bot.ts')).createTeamsBot({ teams: config.teams, ...shared });
  return {
    routers: [slack, teams].flatMap((bot) => bot?.router ?? []),
    start: () => slack?.start(),
    async stop() {
      await slack?.stop();
      const said = Promise.all([board.close(), teams?.stop()]);
      await Promise.race([said, new Promise<void>((resolve) => clock.after(LAST_WORDS_MS, resolve))]);
      await history.stop();
      await store.close();
    },
  };
}
