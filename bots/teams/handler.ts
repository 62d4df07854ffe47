import {
  type InvokeResponse,
  type MessagingExtensionActionResponse,
  type TaskModuleResponse,
  TeamsActivityHandler,
  type TurnContext,
} from 'botbuilder';
import type { Incoming } from './activity.ts';
import type { TeamsContext } from './desk.ts';
import { newNoteDialog, openDialog, submitDialog } from './dialogs.ts';
import { installed, removed } from './install.ts';
import { answerMessage } from './messages.ts';
import { pressOnCard } from './presses.ts';

/** Where the handler finds what an activity says. */
export const INCOMING = Symbol('incoming');

/** What GLIR does about each kind of activity. Invokes of other kinds get 501 from botbuilder. */
export class TeamsHandler extends TeamsActivityHandler {
  readonly #bot: TeamsContext;

  constructor(bot: TeamsContext) {
    super();
    this.#bot = bot;
    this.onMessage(async (context, next) => {
      // Teams waits for no answer to a message: what GLIR says is posted.
      bot.later(answerMessage(incomingOf(context), bot));
      await next();
    });
    this.onInstallationUpdateAdd(async (context, next) => {
      // A new version of the app comes as an installation of another kind, and is no news to anybody.
      if (context.activity.action === 'add') bot.later(installed(incomingOf(context), bot));
      await next();
    });
    this.onInstallationUpdateRemove(async (context, next) => {
      // Teams is told when it failed.
      if (context.activity.action === 'remove') await removed(incomingOf(context), bot);
      await next();
    });
  }

  /** botbuilder's own way for presses has no room for an answer that is a sentence. */
  protected override async onInvokeActivity(context: TurnContext): Promise<InvokeResponse> {
    if (context.activity.name !== 'adaptiveCard/action') return super.onInvokeActivity(context);
    const answer = await pressOnCard(incomingOf(context), this.#bot);
    return { status: answer.statusCode, body: answer };
  }

  protected override handleTeamsMessagingExtensionFetchTask(
    context: TurnContext,
  ): Promise<MessagingExtensionActionResponse> {
    return newNoteDialog(incomingOf(context), this.#bot);
  }

  protected override handleTeamsMessagingExtensionSubmitAction(
    context: TurnContext,
  ): Promise<MessagingExtensionActionResponse> {
    return submitDialog(incomingOf(context), this.#bot);
  }

  protected override handleTeamsTaskModuleFetch(context: TurnContext): Promise<TaskModuleResponse> {
    return openDialog(incomingOf(context), this.#bot);
  }

  protected override handleTeamsTaskModuleSubmit(context: TurnContext): Promise<TaskModuleResponse> {
    return submitDialog(incomingOf(context), this.#bot);
  }
}

function incomingOf(context: TurnContext): Incoming {
  const incoming = context.turnState.get<Incoming | undefined>(INCOMING);
  if (incoming === undefined) throw new Error('The activity was not read.');
  return incoming;
}
