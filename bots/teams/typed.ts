import { type Command, interpret } from '../commands/interpret.ts';

/** What a doctor asked for by typing. */
export type Typed = Command | { kind: 'settings' };

const GREETINGS = new Set(['hi', 'hello', 'hey', 'help', '?']);
/** Words that are commands in the personal chat without `/glir` before them. */
const BARE = /^(?:list|revoke|help|\?)(?:\s|$)/i;

/**
 * Reads what a person typed; nothing of the text comes out. In a conversation with others the mention of the bot stands
 * for `/glir`; in the personal chat other texts may be meant for the bot, and may be the note.
 *
 * @param text as Teams delivers it, with mentions as `<at>name</at>`
 */
export function readTyped(text: string, where: 'personal' | 'group'): Typed {
  const said = text
    .replace(/<at\b[^<>]{0,200}>[^<>]{0,200}<\/at>/gi, ' ')
    .replace(/&nbsp;|\u00a0/gi, ' ')
    .trim();
  const asked = /^\/?glir(?:\s+([\s\S]*))?$/i.exec(said);
  const command = asked === null ? said : (asked[1] ?? '').trim();
  if (/^\/?settings$/i.test(command)) return { kind: 'settings' };
  if (asked !== null || where === 'group') return interpret(command);
  if (command === '' || GREETINGS.has(command.toLowerCase())) return { kind: 'help' };
  const bare = command.replace(/^\//, '');
  return BARE.test(bare) ? interpret(bare) : { kind: 'do-not-type' };
}
