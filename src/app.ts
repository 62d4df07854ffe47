import { createServer, type Server } from 'node:http';
import type { Logger } from 'pino';
import { localChatRouter } from '../bots/local/router.ts';
import type { Clock } from './clock.ts';
import type { Config } from './config/config.ts';
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
export function createApp({
  config,
  clock,
  log,
  pages,
}: {
  config: Config;
  clock: Clock;
  log: Logger;
  pages: Pages;
}): App {
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
  let workers: WorkerPool | null = null;
  let sockets: SocketServer | null = null;

  const server = createServer(
    createWebServer({
      publicUrl,
      trustProxy: config.http.trustProxy,
      pages,
      log,
      ready: () => workers?.ready() ?? false,
      localChat: config.localChat ? localChatRouter({ rooms, clock, publicUrl }, isOwnOrigin) : null,
    }),
  );

  return {
    server,
    rooms,
    workers: () => workers,
    async start() {
      workers = await startWorkerPool(config, clock, log);
      sockets = attachSocketServer(server, new LiveRooms({ rooms, workers, clock, log }), isOwnOrigin);
    },
    async stop() {
      rooms.endAll('stopped');
      await sockets?.close();
      await workers?.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
