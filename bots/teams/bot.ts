import {
  type InvokeResponse,
  type MessagingExtensionActionResponse,
  type TaskModuleResponse,
  TeamsActivityHandler,
  type TurnContext,
} from 'botbuilder';
import type { Router } from 'express';
import type { TeamsConfig } from '../../src/config/config.ts';
import type { BotContext } from '../commands/bot-context.ts';
import { createDeduplicator } from '../commands/deduplicate.ts';
import { errorFields } from '../commands/error-fields.ts';
import type { Incoming } from './activity.ts';
import { createAuthentication } from './authentication.ts';
import { pressOnCard } from './card-presses.ts';
import { TeamsConnector } from './connector.ts';
import { createConversationReferences } from './conversation-references.ts';
import { newNoteDialog, openDialog, submitDialog } from './dialogs.ts';
import { installed, removed } from './install.ts';
import { answerMessage } from './messages.ts';
import { teamsRouter } from './router.ts';
import { isConnectorUrl } from './service-url.ts';
import { createStatusCards } from './status-card.ts';
import type { TeamsContext } from './teams-context.ts';

/** Invokes that may be carried out twice: their answers, which are large, are not remembered. */
const CHANGES_NOTHING: ReadonlySet<string> = new Set(['composeExtension/fetchTask', 'task/fetch']);

/** GLIR in Microsoft Teams. */
export interface TeamsBot {
  /** `POST /api/messages`. It reads the request's body itself: mount it before anything else does. */
  router: Router;
  /** Resolves when everything that was received is answered, as far as Teams takes the answers within a few seconds. */
  stop(): Promise<void>;
}

/** Wires the bot; nothing is called yet. */
export function createTeamsBot(teams: TeamsConfig, context: BotContext): TeamsBot {
  const { clock, store, log, board } = context;
  const { appId, check, botToken } = createAuthentication(teams.app, clock, log);
  const connector = new TeamsConnector(appId, botToken, (url) => isConnectorUrl(url, teams.app));
  const conversations = createConversationReferences(store, connector, log);
  const cards = createStatusCards({ board, connector, conversations, log });
  const bot: TeamsContext = { ...context, teams, connector, conversations, cards };
  const deduplicator = createDeduplicator<InvokeResponse | undefined>(clock);
  const pending = new Set<Promise<void>>();

  /** Work that the answer to Teams does not wait for. */
  function inBackground(work: Promise<unknown>): void {
    const settled = work
      .then(
        () => undefined,
        (error: unknown) => log.error({ event: 'teams-error', ...errorFields(error) }),
      )
      .finally(() => pending.delete(settled));
    pending.add(settled);
  }

  function carryOut(incoming: Incoming): Promise<InvokeResponse | undefined> {
    const turn = new TeamsTurn(incoming, bot, inBackground);
    return connector.receive(incoming.activity, (turnContext) => turn.run(turnContext));
  }

  /** However often Teams delivers an activity, it is carried out once; an invoke is answered every time. */
  async function receive(incoming: Incoming): Promise<InvokeResponse | undefined> {
    const { key, where, doctor, conversation, activity } = incoming;
    // After a removal nothing of the person may be stored again.
    if (where === 'personal' && activity.type !== 'installationUpdate') {
      inBackground(conversations.seen(doctor, conversation));
    }
    if (CHANGES_NOTHING.has(activity.name ?? '')) return carryOut(incoming);
    return (await deduplicator.run(key, () => carryOut(incoming))).result;
  }

  return {
    router: teamsRouter({ app: teams.app, check, receive, log }),
    async stop() {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}

/** What GLIR does about one activity, by its kind. Invokes of other kinds get 501 from botbuilder. */
class TeamsTurn extends TeamsActivityHandler {
  readonly #incoming: Incoming;
  readonly #bot: TeamsContext;

  constructor(incoming: Incoming, bot: TeamsContext, inBackground: (work: Promise<unknown>) => void) {
    super();
    this.#incoming = incoming;
    this.#bot = bot;
    this.onMessage(async (_context, next) => {
      // Teams waits for no answer to a message: what GLIR says is posted.
      inBackground(answerMessage(incoming, bot));
      await next();
    });
    this.onInstallationUpdateAdd(async ({ activity }, next) => {
      // An update of the app comes with another action, and needs no welcome.
      if (activity.action === 'add') inBackground(installed(incoming, bot));
      await next();
    });
    this.onInstallationUpdateRemove(async ({ activity }, next) => {
      // Awaited, so that Teams sees a failure and tries again.
      if (activity.action === 'remove') await removed(incoming, bot);
      await next();
    });
  }

  /** botbuilder's own way for presses has no room for an answer that is a sentence. */
  protected override async onInvokeActivity(context: TurnContext): Promise<InvokeResponse> {
    if (context.activity.name !== 'adaptiveCard/action') return super.onInvokeActivity(context);
    const answer = await pressOnCard(this.#incoming, this.#bot);
    return { status: answer.statusCode, body: answer };
  }

  protected override handleTeamsMessagingExtensionFetchTask(): Promise<MessagingExtensionActionResponse> {
    return newNoteDialog(this.#incoming, this.#bot);
  }

  protected override handleTeamsMessagingExtensionSubmitAction(): Promise<MessagingExtensionActionResponse> {
    return submitDialog(this.#incoming, this.#bot);
  }

  protected override handleTeamsTaskModuleFetch(): Promise<TaskModuleResponse> {
    return openDialog(this.#incoming, this.#bot);
  }

  protected override handleTeamsTaskModuleSubmit(): Promise<TaskModuleResponse> {
    return submitDialog(this.#incoming, this.#bot);
  }
}
