import type { TeamsConfig } from '../../src/config/config.ts';
import type { Desk } from '../commands/desk.ts';
import type { Speaker } from './adapter.ts';
import type { Conversations } from './conversations.ts';
import type { StatusCards } from './status-card.ts';

/** What everything that answers a doctor in Teams works with. */
export interface TeamsDesk extends Desk {
  teams: TeamsConfig;
  speaker: Speaker;
  conversations: Conversations;
  cards: StatusCards;
  /** Work that the answer to Teams does not wait for; what it rejects with is logged without its content. */
  later(work: Promise<unknown>): void;
}
