import type { TeamsConfig } from '../../src/config/config.ts';
import type { BotContext } from '../commands/desk.ts';
import type { Speaker } from './adapter.ts';
import type { Conversations } from './conversations.ts';
import type { StatusCards } from './status-card.ts';

/** What everything that answers a doctor in Teams works with. */
export interface TeamsContext extends BotContext {
  teams: TeamsConfig;
  speaker: Speaker;
  conversations: Conversations;
  cards: StatusCards;
  /** Work that the answer to Teams does not wait for; what it rejects with is logged without its content. */
  later(work: Promise<unknown>): void;
}
