import type { TeamsConfig } from '../../src/config/config.ts';
import type { BotContext } from '../commands/bot-context.ts';
import type { TeamsConnector } from './connector.ts';
import type { ConversationReferences } from './conversation-references.ts';
import type { StatusCards } from './status-card.ts';

/** What the handlers of Teams work with. */
export interface TeamsContext extends BotContext {
  teams: TeamsConfig;
  connector: TeamsConnector;
  conversations: ConversationReferences;
  cards: StatusCards;
}
