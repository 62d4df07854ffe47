import type { Server } from 'node:http';
import type { Router } from 'express';
import type { Logger } from 'pino';
import type { BotContext } from '../bots/commands/bot-context.ts';
import { recordHistory } from '../bots/commands/history.ts';
import { createDraftAgain } from '../bots/commands/open-again.ts';
import { createPreferences } from '../bots/commands/preferences.ts';
import { createStatusBoard } from '../bots/commands/room-status.ts';
import { loadOwnSettings } from '../bots/commands/settings.ts';
import { localChatRouter } from '../bots/local/router.ts';
import type { AdminPlatforms, ConsoleContext } from './admin/console-context.ts';
import { createTroubles, withTroubles } from './admin/troubles.ts';
import { ownBuild } from './audit/build-info.ts';
import { draftRecorder, recordAbsentEnds, recordRooms } from './audit/room-recorder.ts';
import { openServerAudit } from './audit/server-audit.ts';
import type { BootTime, Clock } from './clock.ts';
import type { NodeStatus } from './cluster/cluster.ts';
import { keyFor } from './cluster/cluster-keys.ts';
import type { Duties } from './cluster/duties.ts';
import { openCluster } from './cluster/open-cluster.ts';
import { RoomDirectory } from './cluster/room-directory.ts';
import type { Config } from './config/config.ts';
import type { Pages } from './http/built-pages.ts';
import { failureReports } from './http/failure-reports.ts';
import { createHttpServer, createRefuse } from './http/http-server.ts';
import { infoRouter } from './http/info-pages.ts';
import { joinRoute } from './http/join-route.ts';
import { ownOrigin } from './http/origin-check.ts';
import { requestIds } from './http/request-ids.ts';
import { requestLimits } from './http/request-limits.ts';
import { createRoutes } from './http/routes.ts';
import { securityHeaders } from './http/security-headers.ts';
import { createAddressLimits } from './limits/address-limits.ts';
import { createNetworks } from './limits/client-network.ts';
import { createDraftLimits } from './limits/draft-limits.ts';
import { createFailureLog } from './limits/failure-log.ts';
import { guardConnections, SERVER_OPTIONS } from './limits/http-connections.ts';
import { createProxyWatch } from './limits/proxy-watch.ts';
import { SLACK_EVENTS_PATH, TEAMS_MESSAGES_PATH } from './limits/signed-paths.ts';
import { withoutLogFields } from './log-context.ts';
import { timeChatAnswers } from './metrics/chat-answers.ts';
import { NO_METRICS } from './metrics/metrics.ts';
import { listenForMetrics, metricsRouter } from './metrics/metrics-route.ts';
import { measureRooms } from './metrics/room-metrics.ts';
import { measureWorkers } from './metrics/worker-metrics.ts';
import { createOwnerTokens } from './rooms/owner-tokens.ts';
import type { Room } from './rooms/room.ts';
import { RoomPersistence } from './rooms/room-persistence.ts';
import { RoomService } from './rooms/room-service.ts';
import { startWorkerPool, type WorkerPool } from './sfu/worker-pool.ts';
import { ConnectedRooms } from './signalling/connected-rooms.ts';
import { attachSocketServer, SOCKET_PATH, type SocketServer } from './signalling/socket-server.ts';
import { openStore, readBootTime } from './store/open-store.ts';

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

/** Which platform calls where. */
const CHAT_PATHS: ReadonlyMap<string, string> = new Map([
  [SLACK_EVENTS_PATH, 'slack'],
  [TEAMS_MESSAGES_PATH, 'teams'],
]);

/** How long a node lets the others renew their leases when the database is back, before it takes any for over. */
const SETTLE_MS = 30_000;

/** Wires the parts. All time comes from `clock`. */
export async function createApp({
  config,
  clock: time,
  log,
  pages,
  bootTime = readBootTime,
}: {
  config: Config;
  clock: Clock;
  log: Logger;
  pages: Pages;
  /** The machine's time since it was started. */
  bootTime?: () => BootTime | null;
}): Promise<App> {
  const { publicUrl } = config;
  const clock = withoutLogFields(time);
  const prometheus = config.metrics && (await import('./metrics/prometheus.ts')).createPrometheusMetrics();
  const troubles = createTroubles(clock);
  const metrics = withTroubles(prometheus ?? NO_METRICS, troubles);
  const isOwnOrigin = ownOrigin(publicUrl);
  const forServer = config.cluster === null ? 'alone' : 'of-cluster';
  const store = await openStore({ settings: config.store, clock, log, forServer });
  const audit = openServerAudit({ config, isShared: config.cluster !== null, rows: store.audit, clock, log });
  const { cluster, duties } = await openCluster({ config, store, run: store.rooms.run, clock, log });
  const isGone = async (run: string): Promise<boolean> => {
    const url = await cluster.whereIs(run);
    return url === null || !(await cluster.answersAt(url, run));
  };
  const persistence = new RoomPersistence({
    repository: store.rooms,
    clock,
    bootTime,
    log,
    isGone,
    settleMs: config.cluster === null ? 0 : SETTLE_MS,
  });
  await persistence.open();
  const rooms = new RoomService({
    clock,
    persistence,
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
  measureRooms(rooms, metrics);
  const unrecord = [recordRooms(rooms, audit), recordAbsentEnds(rooms, audit)];
  const { trustProxy } = config.http;
  let workers: WorkerPool | null = null;
  const networks = createNetworks(
    trustProxy,
    config.cluster === null ? undefined : keyFor('networks', config.cluster.key).export(),
  );
  const limits = createAddressLimits(config.limits, clock, log, (limit) =>
    metrics.count('glir_limited_total', { limit }),
  );
  cluster.onEvent((event) => event.kind === 'wrong-guess' && void limits.wrong(event.network));
  const startedAt = clock.uptime();
  const status = (): NodeStatus => ({
    url: config.cluster?.url ?? null,
    version: ownBuild().version,
    uptimeMs: clock.uptime() - startedAt,
    rooms: rooms.all().length,
    workers: { running: workers?.running() ?? 0, configured: config.rtc.workers },
    isWritable: persistence.available && audit.available(),
    troubles: troubles.recent(),
  });
  const directory = new RoomDirectory({ rooms, cluster, clock, status });
  const drafts = createDraftLimits(config.limits, directory);
  cluster.onEvent((event) => event.kind === 'drafted' && void drafts.begunElsewhere(event.room.doctor));
  const preferences = createPreferences({ store, clock, log }, async (tenant) => {
    return (await loadOwnSettings(tenant, { store, log })).language;
  });
  const history = recordHistory({ rooms, history: store.history, log });
  const parts = { rooms: directory, drafts, store, preferences, audit, isGone, clock, log, metrics };
  const platforms = await connectPlatforms(config, parts, duties);
  const draftAgain = createDraftAgain({ limits: config.rooms, ...parts }, (room) => platforms?.followAgain(room));
  let sockets: SocketServer | null = null;
  let metricsServer: { close(): Promise<void> } | null = null;

  const failures = createFailureLog(log, clock, dataChannelsOf(config), (code, side) =>
    metrics.count('glir_connection_failures_total', { code, side: side ?? 'unknown' }),
  );
  const proxies = createProxyWatch({ publicUrl, trustProxy }, log, clock);
  const headers = securityHeaders(publicUrl);
  const refuse = createRefuse(headers);
  const health = {
    ready: () => workers?.ready() ?? false,
    writable: () => persistence.available && audit.available(),
    connected: () => platforms?.connected() ?? true,
    proxy: proxies.current,
    version: ownBuild().version,
  };
  metrics.read('glir_build_info', () => [{ labels: { version: health.version }, value: 1 }]);
  metrics.read('glir_store_writable', () => [{ labels: {}, value: Number(persistence.available) }]);
  metrics.read('glir_audit_writable', () => [{ labels: {}, value: Number(audit.available()) }]);
  measureWorkers(metrics, config.rtc.workers, async () => (await workers?.usage()) ?? []);
  const routes = createRoutes({
    publicUrl,
    trustProxy,
    traced: requestIds({ trustProxy, clock, log }),
    limited: requestLimits(limits, networks),
    pages,
    log,
    health,
    teamsDialog: config.teams?.compose === 'dialog',
    localChat: config.localChat
      ? localChatRouter({ rooms: directory, drafts, clock, publicUrl, limits: config.rooms }, isOwnOrigin)
      : null,
    join: joinRoute({ isOwnOrigin, networks, joinEarly: () => sockets?.joinEarly ?? null }),
    failureReports: failureReports(SOCKET_PATH, isOwnOrigin, failures, proxies),
    info: infoRouter({
      operator: config.operator,
      platforms: { slack: config.slack !== null, teams: config.teams !== null },
      historyDays: config.store.historyDays,
      auditDays: config.audit.days,
      relays: config.ice.urls.length > 0,
    }),
    admin: await openConsole({
      config,
      isOwnOrigin,
      store,
      audit,
      rooms: directory,
      platforms: platforms?.admins ?? NO_PLATFORMS,
      clock,
      log,
    }),
    metrics:
      prometheus !== null && config.metrics?.kind === 'web-server'
        ? metricsRouter(prometheus, config.metrics.token)
        : null,
    platforms: [timeChatAnswers(metrics, clock, CHAT_PATHS), ...(platforms?.routers ?? [])],
  });
  const server = createHttpServer(routes, {
    options: SERVER_OPTIONS,
    headers,
    refuse,
    takesSocket: (request) => sockets?.takes(request) ?? false,
  });
  guardConnections(server, { trustProxy, limits, networks });
  for (const kind of ['request', 'upgrade']) server.on(kind, proxies.onRequest);

  return {
    server,
    rooms,
    workers: () => workers,
    async start() {
      await audit.begin();
      if (prometheus !== null && config.metrics?.kind === 'own-port') {
        metricsServer = await listenForMetrics(prometheus, config.metrics);
      }
      await cluster.start();
      workers = await startWorkerPool(config, {
        clock,
        log,
        metrics,
        isAwaited: () => persistence.hasRoomsElsewhere(),
      });
      sockets = attachSocketServer(
        server,
        new ConnectedRooms({
          rooms,
          cluster,
          draftAgain,
          workers,
          failures,
          files: config.files,
          metrics,
          clock,
          log,
        }),
        isOwnOrigin,
        {
          limits,
          networks,
          refuse,
          onForeignOrigin: proxies.onForeignOrigin,
        },
      );
      await rooms.start();
      platforms?.start();
    },
    async stop() {
      // Whoever comes from now on goes to another node, or waits for the next start.
      const closed = new Promise((resolve) => server.close(resolve));
      rooms.suspend();
      await sockets?.close();
      await platforms?.stop();
      await history.stop();
      await rooms.close();
      await persistence.close();
      for (const stop of unrecord) stop();
      await audit.close();
      await cluster.close();
      await store.close();
      await workers?.close();
      await metricsServer?.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** What browsers are told of the data channels, for the log of those that do not reach them. */
function dataChannelsOf({ rtc, ice }: Config): Readonly<Record<string, unknown>> {
  const announced = rtc.listen.flatMap((address) => (address.announced.length > 0 ? address.announced : [address.ip]));
  const turn = ice.urls.some((url) => url.startsWith('turn'));
  return { announced: [...new Set(announced)], port: rtc.port, workers: rtc.workers, tcp: rtc.tcp, turn };
}

/** The admin console; null when nobody can come in. */
async function openConsole(context: ConsoleContext): Promise<Router | null> {
  const { slack, teams, operatorSignIn } = context.config;
  if (slack === null && teams === null && operatorSignIn === null) return null;
  const { adminConsole } = await import('./admin/console.ts');
  if (operatorSignIn === null) return adminConsole(context, null);
  const { operatorRoutes } = await import('./admin/operator-sign-in.ts');
  return adminConsole(context, operatorRoutes(operatorSignIn, context));
}

/** For a server without a chat platform. */
const NO_PLATFORMS: AdminPlatforms = {
  isAdmin: () => Promise.resolve(false),
  tenants: () => Promise.resolve([]),
  asked: () => ({ language: false, admins: false }),
};

/** The chat platforms, with what they need beside the rooms. */
interface Platforms {
  /** What the admin console asks of them. */
  admins: AdminPlatforms;
  routers: readonly Router[];
  /** Connects to those that have to be called. */
  start(): void;
  /** Whether those that GLIR has to call can reach it. */
  connected(): boolean;
  /** Shows a note in its doctor's chat that was begun from the page of another one. */
  followAgain(room: Room): void;
  /** Brings the chats up to date, as far as they answer at once. */
  stop(): Promise<void>;
}

/** The packages for Teams are two thirds of all, and may be left out where Teams is off. */
async function loadTeams(): Promise<typeof import('../bots/teams/bot.ts')> {
  try {
    return await import('../bots/teams/bot.ts');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    const next = 'Install them (npm ci --omit=dev, without --omit=optional; image: TEAMS=yes), or unset GLIR_TEAMS_….';
    throw new Error(`Teams is on, and its packages are not installed. ${next}`, { cause: error });
  }
}

/** How long a stop waits for chats that do not answer. */
const LAST_WORDS_MS = 2_000;

/** Null when no platform is set up. */
async function connectPlatforms(
  config: Config,
  parts: Pick<
    BotContext,
    'rooms' | 'drafts' | 'store' | 'preferences' | 'audit' | 'isGone' | 'clock' | 'log' | 'metrics'
  >,
  duties: Duties,
): Promise<Platforms | null> {
  if (config.slack === null && config.teams === null) return null;
  const { rooms, clock, log, metrics } = parts;
  const board = createStatusBoard({ rooms, clock, log });
  const bot: BotContext = { limits: config.rooms, publicUrl: config.publicUrl, board, ...parts };
  // Each bot's framework takes its share of memory, so only those that are set up are loaded.
  const slack = config.slack && (await import('../bots/slack/bot.ts')).createSlackBot(config.slack, bot);
  const teams = config.teams && (await loadTeams()).createTeamsBot(config.teams, bot);
  metrics.read('glir_platform_connected', () => {
    return slack === null ? [] : [{ labels: { platform: 'slack' }, value: Number(slack.isConnected()) }];
  });
  const ofTeams = config.teams?.app.kind === 'registered' ? [config.teams.app.tenantId] : [];
  return {
    admins: {
      async isAdmin(person) {
        if (person.platform === 'slack') return (await slack?.isAdmin(person)) ?? false;
        return person.platform === 'teams' && (teams?.isAdmin(person) ?? false);
      },
      async tenants() {
        const teamsTenants = ofTeams.map((tenant) => ({
          tenant: { platform: 'teams', tenant } as const,
          isWell: true,
        }));
        return [...((await slack?.tenants()) ?? []), ...teamsTenants];
      },
      asked: (platform) => {
        const isSlack = platform === 'slack';
        return { language: isSlack, admins: isSlack && config.slack?.admins === null };
      },
    },
    routers: [slack, teams].flatMap((platform) => platform?.router ?? []),
    start() {
      teams?.start();
      if (slack === null) return;
      // Slack's socket is one node's at a time, and its requests are for all of them.
      if (config.slack?.delivery.kind === 'socket') duties.holdDuty('slack-connection', slack);
      else slack.start();
    },
    connected: () => slack?.isConnected() ?? true,
    followAgain(room) {
      if (room.doctor.platform === 'slack') slack?.followAgain(room);
      if (room.doctor.platform === 'teams') teams?.followAgain(room);
    },
    async stop() {
      await duties.close();
      await slack?.close();
      const said = Promise.all([board.close(), teams?.stop()]);
      await Promise.race([said, new Promise<void>((resolve) => clock.after(LAST_WORDS_MS, resolve))]);
    },
  };
}
