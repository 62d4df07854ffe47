import type { BotContext } from '../commands/desk.ts';
import type { FollowedNotes } from './followed-notes.ts';
import type { Homes } from './homes.ts';
import type { Tokens } from './tokens.ts';

/** What everything that answers a doctor in Slack works with. */
export interface SlackContext extends BotContext {
  tokens: Tokens;
  notes: FollowedNotes;
  homes: Homes;
}
