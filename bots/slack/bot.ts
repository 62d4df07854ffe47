import { App, ExpressReceiver, LogLevel, type Receiver, SocketModeReceiver, type webApi } from '@slack/bolt';
import { InstallProvider } from '@slack/oauth';
import express, { type Router } from 'express';
import type { SlackConfig } from '../../src/config/config.ts';
import { SLACK_EVENTS_PATH } from '../../src/limits/signed-paths.ts';
import type { Tenant } from '../../src/store/store.ts';
import type { BotContext } from '../commands/bot-context.ts';
import { textView } from '../commands/note-views.ts';
import { CALLBACKS } from './blocks.ts';
import { handleButtonPresses } from './button-presses.ts';
import { createHomeTabs, handleHomeTab } from './home-tab.ts';
import { handleRemoval, installRoutes, STATE_SECONDS, stateStore } from './install-routes.ts';
import { adminsOf, createTokens, installationStore } from './installations.ts';
import { responseUrlReader } from './response-url.ts';
import { handleSettingsForm } from './settings-form.ts';
import type { SlackContext } from './slack-context.ts';
import { errorFields, sdkLog } from './slack-log.ts';
import { handleNoteForm, handleShortcuts, handleSlashCommand } from './slash-command.ts';
import { createStatusMessages, sendDirectly } from './status-messages.ts';
import { slackStrings } from './strings.ts';

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
export function createSlackBot(slack: SlackConfig, context: BotContext): SlackBot {
  const { publicUrl, clock, log, store, audit } = context;
  const logger = sdkLog(log);
  const clientOptions: webApi.WebClientOptions = {
    slackApiUrl: `${slack.apiUrl}/api/`,
    logger,
    timeout: API_TIMEOUT_MS,
    // A few tries within seconds, since the next change brings another call. Rate limits are waited out.
    retryConfig: { retries: 3, factor: 2, minTimeout: 250, maxTimeout: 2_000, randomize: true },
  };
  const installer = new InstallProvider({
    clientId: slack.clientId,
    clientSecret: slack.clientSecret.reveal(),
    authorizationUrl: `${slack.apiUrl}/oauth/v2/authorize`,
    stateStore: stateStore(store.states),
    stateCookieName: 'glir-slack-install',
    stateCookieExpirationSeconds: STATE_SECONDS,
    installationStore: installationStore({
      store,
      log,
      teams: slack.teams,
      onReinstalled: (tenant, { by, admin }) => void tellAdmins(tenant, { by, admin }),
    }),
    directInstall: true,
    logger,
    clientOptions,
  });
  const tokens = createTokens({ store, teams: slack.teams, installer, clientOptions, clock, log });
  /** Never rejects. */
  async function tellAdmins(tenant: Tenant, { by, admin }: { by: string; admin: string | null }): Promise<void> {
    for (const user of adminsOf({ admin }, slack)) {
      if (user !== by) await sendDirectly({ ...tenant, user }, textView(slackStrings.reinstalled(by)), { tokens, log });
    }
  }
  const withTokens = { ...context, tokens, slack };
  const homes = createHomeTabs(withTokens);
  const bot: SlackContext = {
    ...withTokens,
    homes,
    messages: createStatusMessages(withTokens),
    readResponseUrl: responseUrlReader(slack.apiUrl),
  };

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
  handleSlashCommand(app, bot);
  handleNoteForm(app, bot);
  handleShortcuts(app, bot);
  handleButtonPresses(app, bot);
  handleSettingsForm(app, bot);
  handleHomeTab(app, homes);
  handleRemoval(app, bot);
  acknowledgeUnknownForms(app, bot);
  app.error((error) => {
    log.error({ event: 'slack-error', ...errorFields(error) });
    return Promise.resolve();
  });

  router.use(installRoutes({ installer, publicUrl, audit, log }));
  return {
    router,
    start() {
      if (slack.delivery.kind !== 'socket') return;
      receiver.start().then(
        () => log.info({ event: 'slack-connected' }),
        (error: unknown) => log.error({ event: 'slack-not-connected', ...errorFields(error) }),
      );
    },
    async stop() {
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

/** Forms that GLIR does not know are acknowledged, so that Slack shows no error. */
function acknowledgeUnknownForms(app: App, { log }: SlackContext): void {
  app.view(new RegExp(`^(?!(?:${CALLBACKS.form}|${CALLBACKS.settings})$)`), async ({ ack }) => {
    await ack();
    log.warn({ event: 'slack-unknown-view' });
  });
}
