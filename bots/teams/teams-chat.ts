import type { ChatLanguage } from '../commands/chat-language.ts';
import type { Chat } from '../commands/view.ts';

/** What a doctor types in Teams. */
const COMMAND = '/glir';

/** Teams, as GLIR's sentences speak of it, in a language. */
export function teamsChat(language: ChatLanguage): Chat {
  return { name: 'Teams', command: COMMAND, language };
}
