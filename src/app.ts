import type { Server } from 'node:http';
import type { Router } from 'express';
import type { Logger } from 'pino';
import type { BotContext } from '../bots/commands/bot-context.ts';
import { recordHistory } from '../bots/commands/history.ts';
import { createStatusBoard } from '../bots/commands/room-status.ts';
import { localChatRouter } from '../bots/local/router.ts';
import type { Audit } from './audit/audit-log.ts';
import { draftRecorder, recordLost, recordRooms } from './audit/room-recorder.ts';
import { openServerAudit } from './audit/server-audit.ts';
import type { Clock } from './clock.ts';
import { LocalCluster } from './cluster/local-cluster.ts';
import { RoomDirectory } from './cluster/room-directory.ts';
import type { Config } from './config/config.ts';
import type { Pages } from './http/built-pages.ts';
import { createHttpServer, createRefuse } from './http/http-server.ts';
import { infoRouter } from './http/info-pages.ts';
import { ownOrigin } from './http/origin-check.ts';
import { requestLimits } from './http/request-limits.ts';
import { createRoutes } from './http/routes.ts';
import { securityHeaders } from './http/security-headers.ts';
import { createAddressLimits } from './limits/address-limits.ts';
import { createNetworks } from './limits/client-network.ts';
import { createDraftLimits, type DraftLimits } from './limits/draft-limits.ts';
import { guardConnections, SERVER_OPTIONS } from './limits/http-connections.ts';
import { createOwnerTokens } from './rooms/owner-tokens.ts';
import { RoomPersistence } from './rooms/room-persistence.ts';
import { RoomService } from './rooms/room-service.ts';
import { createTickets } from './rooms/tickets.ts';
import { startWorkerPool, type WorkerPool } from './sfu/worker-pool.ts';
import { ConnectedRooms } from './signalling/connected-rooms.ts';
import { attachSocketServer, type SocketServer } from './signalling/socket-server.ts';
import { openStore, readBootTime } from './store/open-store.ts';
import type { Store } from './store/store.ts';

/** GLIR, wired but not listening: the caller listens with `server` and calls `start`. */
export interface App {
  server: Server;
  rooms: RoomService;
  /** Null before `start`. */
  workers(): WorkerPool | null;
  /** Starts the workers; from then on `/healthz` says 200. Throws an Error that says what to set. */
  start(): Promise<void>;
  /**
   * Closes everything. Rooms with a composer are not over: their pages hide the note, and bring the rooms to the next
   * start when it comes within the grace.
   */
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
  const store = await openStore({ settings: config.store, clock, log, forServer: true });
  const audit = openServerAudit({ config, rows: store.audit, clock, log });
  const persistence = new RoomPersistence({
    repository: store.rooms,
    clock,
    bootTime: readBootTime,
    log,
    onLost: (count) => recordLost(count, audit),
  });
  await persistence.open();
  const rooms = new RoomService({
    clock,
    persistence,
    tickets: createTickets(clock),
    ownerTokens: createOwnerTokens(await store.serverKey('owner')),
    defaults: {
      policy: {
        expirySeconds: config.rooms.expiryDefaultSeconds,
        admission: 'ask',
        maxReaders: config.rooms.readersDefault,
        showName: true,
      },
      expiryMaxSeconds: config.rooms.expiryMaxSeconds,
    },
    beforeDraft: draftRecorder(audit),
    onListenerError: (error) => log.error({ event: 'room-listener-error', err: error }),
  });
  const unrecord = recordRooms(rooms, audit);
  const { trustProxy } = config.http;
  const networks = createNetworks(trustProxy);
  const limits = createAddressLimits(config.limits, clock, log);
  const directory = new RoomDirectory({ rooms, cluster: new LocalCluster() });
  const drafts = createDraftLimits(config.limits, directory);
  const history = recordHistory({ rooms, history: store.history, log });
  const platforms = await connectPlatforms(config, { rooms: directory, drafts, store, audit, clock, log });
  let workers: WorkerPool | null = null;
  let sockets: SocketServer | null = null;

  const headers = securityHeaders(publicUrl);
  const refuse = createRefuse(headers);
  const server = createHttpServer(
    createRoutes({
      publicUrl,
      trustProxy,
      limited: requestLimits(limits, networks),
      pages,
      log,
      ready: () => workers?.ready() ?? false,
      writable: () => persistence.available && audit.available(),
      connected: () => platforms?.connected() ?? true,
      teamsDialog: config.teams?.compose === 'dialog',
      localChat: config.localChat
        ? localChatRouter({ rooms: directory, drafts, clock, publicUrl, limits: config.rooms }, isOwnOrigin)
        : null,
      info: infoRouter({
        operator: config.operator,
        platforms: { slack: config.slack !== null, teams: config.teams !== null },
        historyDays: config.store.historyDays,
        auditDays: config.audit.days,
        relays: config.ice.urls.length > 0,
      }),
      platforms: platforms?.routers ?? [],
    }),
    { options: SERVER_OPTIONS, headers, refuse, takesSocket: (request) => sockets?.takes(request) ?? false },
  );
  guardConnections(server, { trustProxy, limits, networks });

  return {
    server,
    rooms,
    workers: () => workers,
    async start() {
      await audit.begin();
      workers = await startWorkerPool(config, clock, log);
      sockets = attachSocketServer(server, new ConnectedRooms({ rooms, workers, clock, log }), isOwnOrigin, {
        limits,
        networks,
        refuse,
      });
      await rooms.start();
      platforms?.start();
    },
    async stop() {
      await rooms.suspend();
      await sockets?.close();
      await platforms?.stop();
      await history.stop();
      await rooms.close();
      await persistence.close();
      unrecord();
      await audit.close();
      await store.close();
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
  /** Whether those that GLIR has to call can reach it. */
  connected(): boolean;
  /** Brings the chats up to date, as far as they answer at once. */
  stop(): Promise<void>;
}

/** How long a stop waits for chats that do not answer. */
const LAST_WORDS_MS = 2_000;

/** Null when no platform is set up. */
async function connectPlatforms(
  config: Config,
  parts: { rooms: RoomDirectory; drafts: DraftLimits; store: Store; audit: Audit; clock: Clock; log: Logger },
): Promise<Platforms | null> {
  if (config.slack === null && config.teams === null) return null;
  const { rooms, clock, log } = parts;
  const board = createStatusBoard({ rooms, clock, log });
  const bot: BotContext = { limits: config.rooms, publicUrl: config.publicUrl, board, ...parts };
  // Each bot's framework takes its share of memory, so only those that are set up are loaded.
  const slack = config.slack && (await import('../bots/slack/bot.ts')).createSlackBot(config.slack, bot);
  const teams = config.teams && (await import('../bots/teams/bot.ts')).createTeamsBot(config.teams, bot);
  return {
    routers: [slack, teams].flatMap((platform) => platform?.router ?? []),
    start() {
      slack?.start();
      teams?.start();
    },
    connected: () => slack?.isConnected() ?? true,
    async stop() {
      await slack?.close();
      const said = Promise.all([board.close(), teams?.stop()]);
      await Promise.race([said, new Promise<void>((resolve) => clock.after(LAST_WORDS_MS, resolve))]);
    },
  };
}
