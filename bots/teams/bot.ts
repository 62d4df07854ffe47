import type { Router } from 'express';
import type { TeamsConfig } from '../../src/config/config.ts';
import type { DoctorId, Room } from '../../src/rooms/room.ts';
import type { BotContext } from '../commands/bot-context.ts';
import { createDeduplicator } from '../commands/deduplicate.ts';
import { errorFields } from '../commands/error-fields.ts';
import { createSender } from '../delivery/sender.ts';
import type { Incoming } from './activity.ts';
import { createAuthentication } from './authentication.ts';
import { pressOnCard } from './card-presses.ts';
import { createBotbuilderClient } from './client/botbuilder-client.ts';
import { connectorCalls } from './client/connector-calls.ts';
import { isConnectorUrl } from './client/service-url.ts';
import type { InvokeAnswer } from './client/teams-client.ts';
import { createConversationReferences } from './conversation-references.ts';
import { newNoteDialog, openDialog, submitDialog } from './dialogs.ts';
import { isAdmin } from './forms.ts';
import { installed, rememberLanguage, removed } from './install.ts';
import { answerMessage } from './messages.ts';
import { teamsRouter } from './router.ts';
import { createStatusCards } from './status-card.ts';
import { teamsChat } from './teams-chat.ts';
import type { TeamsContext, Turn } from './teams-context.ts';

/** Invokes that may be carried out twice: their answers, which are large, are not remembered. */
const CHANGES_NOTHING: ReadonlySet<string> = new Set(['composeExtension/fetchTask', 'task/fetch']);

/** GLIR in Microsoft Teams. */
export interface TeamsBot {
  /** `POST /api/messages`. It reads the request's body itself: mount it before anything else does. */
  router: Router;
  /** Shows a note in its doctor's personal chat that was begun from the page of another one. */
  followAgain(room: Room): void;
  /** Whether somebody may change the settings. */
  isAdmin(doctor: DoctorId): boolean;
  /** Goes on with the cards of earlier runs of the server. */
  start(): void;
  /** Resolves when everything that was received is answered, as far as Teams takes the answers within a few seconds. */
  stop(): Promise<void>;
}

/** Wires the bot; nothing is called yet. */
export function createTeamsBot(teams: TeamsConfig, context: BotContext): TeamsBot {
  const { clock, store, log, metrics } = context;
  const { appId, check, botToken } = createAuthentication(teams.app, clock, log);
  const mayCall = (url: string) => isConnectorUrl(url, teams.app);
  const client = createBotbuilderClient(appId, connectorCalls(botToken, mayCall, clock));
  const sender = createSender({
    clock,
    log,
    onRetry: () => metrics.count('glir_chat_retries_total', { platform: 'teams' }),
  });
  const conversations = createConversationReferences(store, client, log);
  const cards = createStatusCards({ context, client, sender, conversations });
  const bot: TeamsContext = { ...context, teams, client, sender, conversations, cards };
  const deduplicator = createDeduplicator<InvokeAnswer | undefined>('teams', context);
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

  async function carryOut(incoming: Incoming): Promise<InvokeAnswer | undefined> {
    const chat = teamsChat(incoming.language ?? (await context.preferences.languageOf(incoming.doctor)));
    return await client.receive(incoming.activity, () => carryOutActivity({ ...incoming, chat }, bot, inBackground));
  }

  /** However often Teams delivers an activity, it is carried out once; an invoke is answered every time. */
  async function receive(incoming: Incoming): Promise<InvokeAnswer | undefined> {
    const { key, where, doctor, conversation, activity } = incoming;
    // After a removal nothing of the person may be stored again.
    if (activity.type !== 'installationUpdate') {
      const { seen, seenElsewhere } = conversations;
      inBackground(where === 'personal' ? seen(doctor, conversation) : seenElsewhere(doctor, conversation));
      inBackground(rememberLanguage(incoming, context));
    }
    if (CHANGES_NOTHING.has(activity.name ?? '')) return carryOut(incoming);
    return (await deduplicator.run(key, () => carryOut(incoming)))?.result;
  }

  return {
    router: teamsRouter({ app: teams.app, check, receive, log }),
    isAdmin: (doctor) => isAdmin(doctor, bot),
    start: () => cards.resume(),
    followAgain: (room) => inBackground(cards.followAgain(room)),
    async stop() {
      cards.stop();
      sender.close();
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}

/** What GLIR does about one activity, by its kind. Invokes of other kinds get 501. */
async function carryOutActivity(
  incoming: Turn,
  bot: TeamsContext,
  inBackground: (work: Promise<unknown>) => void,
): Promise<InvokeAnswer | undefined> {
  const { type, action } = incoming.activity;
  switch (type) {
    case 'invoke':
      return answerInvoke(incoming, bot);
    case 'message':
      // Teams waits for no answer to a message: what GLIR says is posted.
      inBackground(answerMessage(incoming, bot));
      return undefined;
    case 'installationUpdate':
      // An update of the app comes with other actions, and needs no welcome.
      if (action === 'add') inBackground(installed(incoming, bot));
      // Awaited, so that Teams sees a failure and tries again.
      if (action === 'remove') await removed(incoming, bot);
      return undefined;
    default:
      return undefined;
  }
}

async function answerInvoke(incoming: Turn, bot: TeamsContext): Promise<InvokeAnswer> {
  switch (incoming.activity.name) {
    case 'adaptiveCard/action': {
      const answer = await pressOnCard(incoming, bot);
      return { status: answer.statusCode, body: answer };
    }
    case 'composeExtension/fetchTask':
      return { status: 200, body: await newNoteDialog(incoming, bot) };
    case 'task/fetch':
      return { status: 200, body: await openDialog(incoming, bot) };
    case 'composeExtension/submitAction':
    case 'task/submit':
      return { status: 200, body: await submitDialog(incoming, bot) };
    default:
      return { status: 501 };
  }
}
