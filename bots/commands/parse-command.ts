import { parseDuration } from '../../src/protocol/duration.ts';

/** What a doctor asked for. `do-not-type` is everything else: it may be the note, so its text ends here. */
export type Command =
  | { kind: 'open'; expirySeconds: number | null }
  | { kind: 'list' }
  | { kind: 'revoke'; target: string }
  | { kind: 'help' }
  | { kind: 'settings' }
  | { kind: 'admin' }
  | { kind: 'do-not-type' };

const ROOM_OR_ALL = /^(?:all|[A-Za-z0-9_-]{4,22})$/i;

/** Words that have nothing behind them. */
const ALONE: ReadonlyMap<string, Command> = new Map<string, Command>([
  ['', { kind: 'open', expirySeconds: null }],
  ['list', { kind: 'list' }],
  ['help', { kind: 'help' }],
  ['?', { kind: 'help' }],
  ['settings', { kind: 'settings' }],
  ['admin', { kind: 'admin' }],
]);

/**
 * Reads the text behind `/glir`. Only known words, durations and room ids come out; no other part of the text is kept,
 * because doctors do type notes where they should not.
 */
export function parseCommand(typed: string): Command {
  // Typed once more, or picked and then typed.
  const text = typed.trim().replace(/^(?:\/?glir(?:\s+|$))+/i, '');
  const [word = '', ...rest] = text.trim().split(/\s+/);
  const argument = rest[0] ?? '';
  const alone = ALONE.get(word.toLowerCase());
  if (alone !== undefined) return rest.length === 0 ? alone : { kind: 'do-not-type' };
  if (word.toLowerCase() === 'revoke') {
    return rest.length === 1 && ROOM_OR_ALL.test(argument)
      ? { kind: 'revoke', target: argument }
      : { kind: rest.length === 0 ? 'help' : 'do-not-type' };
  }
  // A number alone is minutes.
  const expirySeconds = parseDuration(/^\d{1,4}$/.test(text) ? `${text}m` : text);
  return expirySeconds === null ? { kind: 'do-not-type' } : { kind: 'open', expirySeconds };
}
