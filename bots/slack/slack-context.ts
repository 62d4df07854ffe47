import type { BotContext } from '../commands/bot-context.ts';
import type { SlackSender } from './connection/slack-sender.ts';
import type { HomeTabs } from './home-tab.ts';
import type { Tokens } from './installations.ts';
import type { StatusMessages } from './status-messages.ts';

/** What the handlers of Slack work with. */
export interface SlackContext extends BotContext {
  tokens: Tokens;
  slack: SlackSender;
  messages: StatusMessages;
  homes: HomeTabs;
}
