import type { SlackConfig } from '../../src/config/config.ts';
import type { BotContext } from '../commands/bot-context.ts';
import type { SlackSender } from './connection/slack-sender.ts';
import type { HomeTabs } from './home-tab.ts';
import type { Tokens } from './installations.ts';
import type { ReadResponseUrl } from './response-url.ts';
import type { StatusMessages } from './status-messages.ts';

/** What the handlers of Slack work with. */
export interface SlackContext extends BotContext {
  tokens: Tokens;
  slack: SlackConfig;
  sender: SlackSender;
  messages: StatusMessages;
  homes: HomeTabs;
  /** Reads what a payload names as its response_url: nothing else may be called. */
  readResponseUrl: ReadResponseUrl;
}
