import { App, ExpressReceiver, LogLevel, type Receiver, type webApi } from '@slack/bolt';
import { InstallProvider } from '@slack/oauth';
import express, { type Router } from 'express';
import type { SlackConfig } from '../../src/config/config.ts';
import { SLACK_EVENTS_PATH } from '../../src/limits/signed-paths.ts';
import type { Room } from '../../src/rooms/room.ts';
import type { DoctorId, Tenant } from '../../src/store/store.ts';
import type { BotContext } from '../commands/bot-context.ts';
import { textView } from '../commands/note-views.ts';
import { loadOwnSettings } from '../commands/settings.ts';
import { createSender } from '../delivery/sender.ts';
import { CALLBACKS } from './blocks.ts';
import { handleButtonPresses } from './button-presses.ts';
import { createRemovals, handleRemovalEvents } from './connection/removals.ts';
import { createSlackSender } from './connection/slack-sender.ts';
import { SocketMode } from './connection/socket-mode.ts';
import { createHomeTabs, handleHomeTab } from './home-tab.ts';
import { installRoutes, STATE_SECONDS, stateStore } from './install-routes.ts';
import { adminsOf, createTokens, createTurns, installationStore } from './installations.ts';
import { handlePersonalForm } from './personal-form.ts';
import { responseUrlReader } from './response-url.ts';
import { handleSettingsForm, isAdmin } from './settings-form.ts';
import type { SlackContext } from './slack-context.ts';
import { errorFields, sdkLog } from './slack-log.ts';
import { handleNoteForm, handleShortcuts, handleSlashCommand } from './slash-command.ts';
import { createStatusMessages, sendDirectly } from './status-messages.ts';
import { createWelcome } from './welcome.ts';

const BODY_BYTES = 1024 * 1024;
const API_TIMEOUT_MS = 5_000;
const FORM_TIMEOUT_MS = 2_000;

/** GLIR in Slack. */
export interface SlackBot {
  /** Its routes below `/slack`. They read request bodies themselves: mount it before anything else does. */
  router: Router;
  /**
   * Holds the connection to Slack from now on, in socket mode, looks once a day whether GLIR is still installed, and goes on
   * with the messages of servers that are gone. May be called again, also after `stop`.
   */
  start(): void;
  /** Lets go of the connection: another node may hold it. What is said to doctors goes on. */
  stop(): Promise<void>;
  /** Whether Slack can reach GLIR at this moment, as far as GLIR knows; true while it is not started. */
  isConnected(): boolean;
  /** Whether a doctor may change their tenant's settings. Rejects when the store cannot be read. */
  isAdmin(doctor: DoctorId): Promise<boolean>;
  /** Every tenant that has GLIR, and whether GLIR has a token for it. */
  tenants(): Promise<{ tenant: Tenant; isWell: boolean }[]>;
  /** Shows a note in its doctor's messages that was begun from the page of another one. */
  followAgain(room: Room): void;
  /** Stops for good. */
  close(): Promise<void>;
}

/** Wires the bot; nothing listens and nothing is called yet. */
export function createSlackBot(slack: SlackConfig, context: BotContext): SlackBot {
  const { publicUrl, clock, log, store, audit, metrics } = context;
  const logger = sdkLog(log);
  const clientOptions: webApi.WebClientOptions = {
    slackApiUrl: `${slack.apiUrl}/api/`,
    logger,
    timeout: API_TIMEOUT_MS,
    retryConfig: { retries: 3, factor: 2, minTimeout: 250, maxTimeout: 2_000, randomize: true },
  };
  // GLIR's own sender tries again: the SDK would hold up everything else of the workspace meanwhile.
  const onceOptions = { ...clientOptions, retryConfig: { retries: 0 }, rejectRateLimitedCalls: true };
  const inTurn = createTurns();
  const installer = new InstallProvider({
    clientId: slack.clientId,
    clientSecret: slack.clientSecret.reveal(),
    authorizationUrl: `${slack.apiUrl}/oauth/v2/authorize`,
    stateStore: stateStore(store.states),
    stateCookieName: 'glir-slack-install',
    stateCookieExpirationSeconds: STATE_SECONDS,
    installationStore: installationStore({
      store,
      inTurn,
      log,
      teams: slack.teams,
      onReinstalled: (tenant, { by, admin }) => void tellAdmins(tenant, { by, admin }),
    }),
    directInstall: true,
    logger,
    clientOptions,
  });
  const readResponseUrl = responseUrlReader(slack.apiUrl);
  const tokens = createTokens({ store, slack, inTurn, clientOptions, onceOptions, clock, log });
  const removals = createRemovals({ ...context, tokens });
  const tries = createSender({
    clock,
    log,
    onRetry: () => metrics.count('glir_chat_retries_total', { platform: 'slack' }),
  });
  const onRefusedToken = ({ tenant }: Tenant) => removals.suspected([tenant]);
  const sender = createSlackSender({ tokens, sender: tries, readResponseUrl, clock, onRefusedToken });
  /** Never rejects. */
  async function tellAdmins(tenant: Tenant, { by, admin }: { by: string; admin: string | null }): Promise<void> {
    const { admins } = await loadOwnSettings(tenant, context);
    for (const user of adminsOf({ admin }, slack, admins)) {
      if (user === by) continue;
      const { text: say } = await context.preferences.languageOf({ ...tenant, user });
      await sendDirectly({ ...tenant, user }, textView(say('slack.reinstalled', { id: by })), { sender, log });
    }
  }
  const withSender = { ...context, tokens, slack, sender };
  const homes = createHomeTabs(withSender);
  const messages = createStatusMessages(withSender);
  const bot: SlackContext = { ...withSender, homes, messages, readResponseUrl };

  const router = express.Router();
  const { receiver, socket } = receiverOf(slack, router, logger, context);
  const app = new App({
    receiver,
    authorize: tokens.authorize,
    // For forms alone, whose triggers last for three seconds.
    clientOptions: { ...onceOptions, timeout: FORM_TIMEOUT_MS },
    logger,
    logLevel: LogLevel.WARN,
    convoStore: false,
    ignoreSelf: false,
  });
  handleSlashCommand(app, bot);
  handleNoteForm(app, bot);
  handleShortcuts(app, bot);
  handleButtonPresses(app, bot);
  handleSettingsForm(app, bot);
  handlePersonalForm(app, bot);
  handleHomeTab(app, homes, createWelcome(bot));
  handleRemovalEvents(app, removals);
  acknowledgeUnknownForms(app, bot);
  app.error((error) => {
    log.error({ event: 'slack-error', ...errorFields(error) });
    return Promise.resolve();
  });

  router.use(installRoutes({ installer, publicUrl, audit, log }));
  return {
    router,
    start() {
      removals.start();
      messages.resume();
      void socket?.start();
    },
    async stop() {
      removals.stop();
      await socket?.stop();
    },
    isAdmin: (doctor) => isAdmin(doctor, bot),
    async tenants() {
      const all = await store.installations.tenants('slack');
      return await Promise.all(
        all.map(async (tenant) => ({ tenant, isWell: (await tokens.of(tenant).catch(() => null)) !== null })),
      );
    },
    isConnected: () => socket?.isConnected() ?? true,
    followAgain: (room) => messages.followAgain(room),
    async close() {
      homes.close();
      removals.stop();
      messages.stop();
      tries.close();
      await socket?.stop();
    },
  };
}

/** What takes Slack's requests: connections that GLIR holds, `socket`, or the route that Slack calls. */
function receiverOf(
  { delivery, apiUrl }: SlackConfig,
  router: Router,
  logger: ReturnType<typeof sdkLog>,
  { clock, log, metrics }: BotContext,
): { receiver: Receiver; socket: SocketMode | null } {
  if (delivery.kind === 'socket') {
    const socket = new SocketMode({ appToken: delivery.appToken, apiUrl, clock, log, metrics });
    return { receiver: socket, socket };
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
  return { receiver, socket: null };
}

/** Forms that GLIR does not know are acknowledged, so that Slack shows no error. */
function acknowledgeUnknownForms(app: App, { log }: SlackContext): void {
  app.view(new RegExp(`^(?!(?:${CALLBACKS.form}|${CALLBACKS.settings}|${CALLBACKS.personal})$)`), async ({ ack }) => {
    await ack();
    log.warn({ event: 'slack-unknown-view' });
  });
}
