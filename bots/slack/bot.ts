import { App, ExpressReceiver, LogLevel, type Receiver, SocketModeReceiver, type webApi } from '@slack/bolt';
import { InstallProvider } from '@slack/oauth';
import express, { type Router } from 'express';
import type { Logger } from 'pino';
import type { Audit } from '../../src/audit/audit-log.ts';
import type { Clock } from '../../src/clock.ts';
import type { Config, SlackConfig } from '../../src/config/config.ts';
import type { DraftLimits } from '../../src/limits/draft-limits.ts';
import { SLACK_EVENTS_PATH } from '../../src/limits/signed-paths.ts';
import type { RoomService } from '../../src/rooms/room-service.ts';
import type { Store } from '../../src/store/store.ts';
import { createDeduplicator } from '../commands/once.ts';
import type { StatusBoard } from '../commands/status.ts';
import { CALLBACKS } from './blocks.ts';
import { answerCommand } from './command.ts';
import type { SlackContext } from './desk.ts';
import { createFollowedNotes } from './followed-notes.ts';
import { answerForm, openForm } from './form.ts';
import { answerHome, publishHome } from './home.ts';
import { createHomes } from './homes.ts';
import { installRoutes, STATE_SECONDS, stateStore } from './install-routes.ts';
import { installationStore } from './installations.ts';
import { answerPresses } from './presses.ts';
import { answerRemoval } from './removal.ts';
import { faultOf, sdkLog } from './sdk-log.ts';
import { answerSettings } from './settings.ts';
import { doctorOf } from './tenant.ts';
import { createTokens } from './tokens.ts';

const BODY_BYTES = 1024 * 1024;
const API_TIMEOUT_MS = 5_000;

/** GLIR in Slack. */
export interface SlackBot {
  /** Its routes below `/slack`. They read request bodies themselves: mount it before anything else does. */
  router: Router;
  /** Begins to connect to Slack in socket mode; otherwise there is nothing to start. GLIR works meanwhile. */
  start(): void;
  /** Takes nothing more from Slack. */
  stop(): Promise<void>;
}

/** Wires the bot; nothing listens and nothing is called yet. */
export function createSlackBot({
  slack,
  limits,
  publicUrl,
  rooms,
  drafts,
  clock,
  log,
  store,
  audit,
  board,
}: {
  slack: SlackConfig;
  limits: Config['rooms'];
  publicUrl: string;
  rooms: RoomService;
  drafts: DraftLimits;
  clock: Clock;
  log: Logger;
  store: Store;
  audit: Audit;
  board: StatusBoard;
}): SlackBot {
  const logger = sdkLog(log);
  const clientOptions: webApi.WebClientOptions = {
    slackApiUrl: `${slack.apiUrl}/api/`,
    logger,
    timeout: API_TIMEOUT_MS,
    // A few tries within seconds: what is not said by then is said by the next change. Rate limits are waited out.
    retryConfig: { retries: 3, factor: 2, minTimeout: 250, maxTimeout: 2_000, randomize: true },
  };
  const installer = new InstallProvider({
    clientId: slack.clientId,
    clientSecret: slack.clientSecret.reveal(),
    authorizationUrl: `${slack.apiUrl}/oauth/v2/authorize`,
    stateStore: stateStore(store.states),
    stateCookieName: 'glir-slack-install',
    stateCookieExpirationSeconds: STATE_SECONDS,
    installationStore: installationStore(store, log),
    directInstall: true,
    logger,
    clientOptions,
  });
  const tokens = createTokens({ store, installer, clientOptions, clock, log });
  const work = { rooms, drafts, clock, store, audit, log, publicUrl, limits, tokens };
  const homes = createHomes((doctor) => publishHome(doctor, work), clock, log);
  const bot: SlackContext = { ...work, homes, notes: createFollowedNotes({ board, tokens, clock, log }) };

  const { receiver, router } = receiverOf(slack, logger, clientOptions);
  const app = new App({
    receiver,
    authorize: tokens.authorize,
    clientOptions,
    logger,
    logLevel: LogLevel.WARN,
    convoStore: false,
    ignoreSelf: false,
  });
  answerCommand(app, bot);
  answerForm(app, bot);
  answerPresses(app, bot);
  answerSettings(app, bot);
  answerHome(app, bot);
  answerRemoval(app, bot);
  answerShortcuts(app, bot);
  app.error((error) => {
    log.error({ event: 'slack-fault', ...faultOf(error) });
    return Promise.resolve();
  });
  const unlisten = rooms.onEvent(({ room }) => {
    if (room.doctor.platform === 'slack') homes.changed(room.doctor);
  });

  router.use(installRoutes({ installer, publicUrl, audit, log }));
  return {
    router,
    start() {
      if (slack.delivery.kind !== 'socket') return;
      receiver.start().then(
        () => log.info({ event: 'slack-connected' }),
        (error: unknown) => log.error({ event: 'slack-not-connected', ...faultOf(error) }),
      );
    },
    async stop() {
      unlisten();
      homes.close();
      if (slack.delivery.kind === 'socket') await receiver.stop();
    },
  };
}

function receiverOf(
  { delivery }: SlackConfig,
  logger: ReturnType<typeof sdkLog>,
  clientOptions: webApi.WebClientOptions,
): { receiver: Receiver; router: Router } {
  const router = express.Router();
  if (delivery.kind === 'socket') {
    const appToken = delivery.appToken.reveal();
    return { receiver: new SocketModeReceiver({ appToken, logger, installerOptions: { clientOptions } }), router };
  }
  router.post(SLACK_EVENTS_PATH, (request, response, next) => {
    if (Number(request.get('content-length')) <= BODY_BYTES) return next();
    // The rest of the body is not read, so nothing else can come over this connection.
    response.set('Connection', 'close').status(413).end();
  });
  const receiver = new ExpressReceiver({
    signingSecret: delivery.signingSecret.reveal(),
    endpoints: SLACK_EVENTS_PATH,
    router,
    logger,
    bodyLimit: BODY_BYTES,
  });
  return { receiver, router };
}

/** The global shortcut, and whatever GLIR does not know: acknowledged, so that Slack shows no error. */
function answerShortcuts(app: App, bot: SlackContext): void {
  const once = createDeduplicator<void>(bot.clock);
  app.shortcut(/.*/, async ({ ack, shortcut, context, client }) => {
    await ack();
    if (shortcut.callback_id !== CALLBACKS.shortcut || context.botToken === undefined) return;
    const { user } = shortcut;
    const doctor = doctorOf(context, user.id, ('username' in user ? user.username : user.name) ?? '');
    await once.run(shortcut.trigger_id, () => openForm(client, shortcut.trigger_id, doctor, bot));
  });
  app.view(new RegExp(`^(?!(?:${CALLBACKS.form}|${CALLBACKS.settings})$)`), async ({ ack }) => {
    await ack();
    bot.log.warn({ event: 'slack-unknown-view' });
  });
}
