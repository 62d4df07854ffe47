import type { InvokeResponse } from 'botbuilder';
import type { Router } from 'express';
import type { Logger } from 'pino';
import type { Audit } from '../../src/audit/audit-log.ts';
import type { Clock } from '../../src/clock.ts';
import type { Config, TeamsConfig } from '../../src/config/config.ts';
import type { DraftLimits } from '../../src/limits/draft-limits.ts';
import type { RoomService } from '../../src/rooms/room-service.ts';
import type { Store } from '../../src/store/store.ts';
import { faultOf } from '../commands/fault.ts';
import { createDeduplicator } from '../commands/once.ts';
import type { StatusBoard } from '../commands/status.ts';
import type { Incoming } from './activity.ts';
import { TeamsAdapter } from './adapter.ts';
import { createBotToken } from './bot-token.ts';
import { checkChannelToken } from './channel-token.ts';
import { connectorCalls } from './connector.ts';
import { createConversations } from './conversations.ts';
import type { TeamsContext } from './desk.ts';
import { INCOMING, TeamsHandler } from './handler.ts';
import { teamsRouter } from './router.ts';
import { createSigningKeys } from './signing-keys.ts';
import { createStatusCards } from './status-card.ts';

/** Invokes that may be carried out twice: their answers, which are large, are not remembered. */
const CHANGES_NOTHING: ReadonlySet<string> = new Set(['composeExtension/fetchTask', 'task/fetch']);

/** GLIR in Microsoft Teams. */
export interface TeamsBot {
  /** `POST /api/messages`. It reads the request's body itself: mount it before anything else does. */
  router: Router;
  /** Resolves when what was asked for by then is answered, as far as Teams takes it within its few seconds. */
  stop(): Promise<void>;
}

/** Wires the bot; nothing is called yet. */
export function createTeamsBot({
  teams,
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
  teams: TeamsConfig;
  limits: Config['rooms'];
  publicUrl: string;
  rooms: RoomService;
  drafts: DraftLimits;
  clock: Clock;
  log: Logger;
  store: Store;
  audit: Audit;
  board: StatusBoard;
}): TeamsBot {
  const { appId, check, token } = credentialsOf(teams.app, clock, log);
  const adapter = new TeamsAdapter(appId, connectorCalls(token));
  const speaker = adapter.speaker();
  const conversations = createConversations(store, speaker, log);
  const cards = createStatusCards({ board, speaker, conversations, log });
  const pending = new Set<Promise<void>>();

  function later(work: Promise<unknown>): void {
    const settled = work
      .then(
        () => undefined,
        (error: unknown) => log.error({ event: 'teams-fault', ...faultOf(error) }),
      )
      .finally(() => pending.delete(settled));
    pending.add(settled);
  }

  const bot: TeamsContext = {
    rooms,
    drafts,
    clock,
    store,
    audit,
    log,
    publicUrl,
    limits,
    teams,
    speaker,
    conversations,
    cards,
    later,
  };
  const handler = new TeamsHandler(bot);
  const once = createDeduplicator<InvokeResponse | undefined>(clock);

  function carryOut(incoming: Incoming): Promise<InvokeResponse | undefined> {
    return adapter.receive(incoming.activity, (context) => {
      context.turnState.set(INCOMING, incoming);
      return handler.run(context);
    });
  }

  /** However often Teams delivers an activity, it is carried out once; an invoke is answered every time. */
  async function receive(incoming: Incoming): Promise<InvokeResponse | undefined> {
    const { key, where, doctor, conversation, activity } = incoming;
    // What is removed must not be kept again.
    if (where === 'personal' && activity.type !== 'installationUpdate') later(conversations.seen(doctor, conversation));
    if (CHANGES_NOTHING.has(activity.name ?? '')) return carryOut(incoming);
    return (await once.run(key, () => carryOut(incoming))).result;
  }

  return {
    router: teamsRouter({ app: teams.app, check, receive, log }),
    async stop() {
      while (pending.size > 0) await Promise.all(pending);
    },
  };
}

/** How requests prove that they come from Teams, and GLIR that it is the bot. The Playground asks for neither. */
function credentialsOf(app: TeamsConfig['app'], clock: Clock, log: Logger) {
  if (app.kind === 'playground') return { appId: '', check: null, token: null };
  const keys = createSigningKeys(app.openIdUrl, clock, log);
  return {
    appId: app.appId,
    check: (authorization: string | undefined) => checkChannelToken(authorization, { appId: app.appId, keys, clock }),
    token: createBotToken(app, keys, clock),
  };
}
