import type { TeamsConfig } from '../../src/config/config.ts';
import type { BotContext } from '../commands/bot-context.ts';
import type { Chat } from '../commands/view.ts';
import type { Sender } from '../delivery/sender.ts';
import type { Incoming } from './activity.ts';
import type { TeamsClient } from './client/teams-client.ts';
import type { ConversationReferences } from './conversation-references.ts';
import type { StatusCards } from './status-card.ts';

/** An activity that is being handled, and the chat in the language to answer in. */
export interface Turn extends Incoming {
  chat: Chat;
}

/** What the handlers of Teams work with. */
export interface TeamsContext extends BotContext {
  teams: TeamsConfig;
  client: TeamsClient;
  sender: Sender;
  conversations: ConversationReferences;
  cards: StatusCards;
}
