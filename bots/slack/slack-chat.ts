import type { Context } from '@slack/bolt';
import type { BotContext } from '../commands/bot-context.ts';
import { type ChatLanguage, english } from '../commands/chat-language.ts';
import type { Chat } from '../commands/view.ts';
import { tenantOf } from './installations.ts';

/** What a doctor types in Slack. */
export const COMMAND = '/glir';

/** Slack, as GLIR's sentences speak of it, in a language. */
export function slackChat(language: ChatLanguage): Chat {
  return { name: 'Slack', command: COMMAND, language };
}

/** The same for the person behind a request. Never rejects. */
export async function chatOf(
  context: Context,
  user: string,
  { preferences }: Pick<BotContext, 'preferences'>,
): Promise<Chat> {
  const tenant = tenantOf(context);
  return slackChat(tenant === null ? english() : await preferences.languageOf({ ...tenant, user }));
}
