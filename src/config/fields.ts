import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { formatDuration, parseDuration } from '../protocol/duration.ts';
import { isAddress, isHostName, isLoopbackHost } from './addresses.ts';
import { Secret } from './secret.ts';

/*
 * The kinds of value a variable can have: each goes from the text of the environment to the value that is used.
 * Their messages say what is wrong and what to set, and never repeat a secret.
 */

/** A whole number in decimal digits, from `min` to `max`. */
export function wholeNumber(min: number, max: number) {
  const error = `not a whole number from ${min} to ${max}. Set one in that range.`;
  return z
    .string()
    .regex(/^\d{1,9}$/, { error, abort: true })
    .transform(Number)
    .pipe(z.int().min(min, { error }).max(max, { error }));
}

/** A TCP or UDP port that can be announced, so 0 is none. */
export function port() {
  return wholeNumber(1, 65_535);
}

/** A duration such as `30m`, from `min` to `max` seconds; gives seconds. */
export function duration(min: number, max: number) {
  const range = `from ${formatDuration(min)} to ${formatDuration(max)}`;
  return z.string().transform((text, context) => {
    const seconds = parseDuration(text);
    if (seconds !== null && seconds >= min && seconds <= max) return seconds;
    const wrong = seconds === null ? 'not a duration' : 'out of range';
    context.addIssue({ code: 'custom', message: `${wrong}. Set a duration ${range}, such as 30m or 1h30m.` });
    return z.NEVER;
  });
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: `not one of ${words.join(', ')}. Set one of these.` });
}

/** An IP address, or `localhost`, to listen on. */
export function listenHost() {
  return z.string().refine((text) => text === 'localhost' || isAddress(text), {
    error: 'not an IP address. Set an address of this machine, or 0.0.0.0 for all of them.',
  });
}

/** An IP address or a host name, without a port. */
export function announcedHost() {
  return z.string().refine((text) => isAddress(text) || isHostName(text), {
    error: 'not an IP address or a host name. Set one of these alone, without a port, a scheme or brackets.',
  });
}

/** A comma-separated list; spaces around items and empty items do not count, doubles are dropped. */
export function list<Item extends z.ZodType<string, string>>(item: Item, none: string) {
  return z
    .string()
    .transform((text) => [
      ...new Set(
        text
          .split(',')
          .map((part) => part.trim())
          .filter((part) => part !== ''),
      ),
    ])
    .pipe(z.array(item).min(1, { error: none }));
}

/** An IP address in a list. */
export function address() {
  return z.string().refine(isAddress, {
    error: (issue) =>
      `${String(issue.input)} is not an IP address. List addresses of this machine, such as 10.0.0.5,fd00::5.`,
  });
}

/** A path that means the same wherever GLIR is started. */
export function absolutePath() {
  return z.string().refine(isAbsolute, { error: 'not an absolute path. Set one that begins at the root of the disk.' });
}

/** Any text that must not be shown. */
export function secret() {
  return z.string().transform((text) => new Secret(text));
}

/**
 * The origin that browsers use, such as `https://glir.example.org`. Its value is never repeated: it may hold
 * credentials.
 */
export function origin() {
  return z.string().transform((text, context) => {
    const url = URL.parse(text);
    const wrong = wrongWithOrigin(text, url);
    if (url !== null && wrong === null) return url;
    context.addIssue({
      code: 'custom',
      message: `${wrong} Set only scheme, host and port, such as https://glir.example.org.`,
    });
    return z.NEVER;
  });
}

/** An `https` address, with a path or without; `http` on this machine only. Gives it without a slash at the end. */
export function endpoint() {
  return z.string().transform((text, context) => {
    const url = URL.parse(text);
    const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(hostOf(url)));
    if (url !== null && secure && !/[@?#]/.test(text)) return url.href.replace(/\/+$/, '');
    context.addIssue({
      code: 'custom',
      message: 'not an https address without credentials, query and fragment. Set one, or unset it.',
    });
    return z.NEVER;
  });
}

/** An id of Microsoft Entra; gives it in lower case. */
export function guid() {
  return z
    .string()
    .regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, {
      error: 'not an id such as 8a9a85f5-748b-4d75-baa5-b8d2f6bfe209. Copy it from the Entra admin center.',
    })
    .transform((text) => text.toLowerCase());
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '');
}

function wrongWithOrigin(text: string, url: URL | null): string | null {
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return 'not a web address with http:// or https://.';
  if (text.includes('@')) return 'it holds a user name or password.';
  if (text.includes('?') || text.includes('#') || url.pathname !== '/')
    return 'it holds more than the origin: a path, a query or a fragment.';
  return null;
}

/** A URL of a STUN or TURN server (RFC 7064, section 3.1; RFC 7065, section 3.1). */
export function iceUrl() {
  return z.string().transform((text, context) => {
    const wrong = wrongWithIceUrl(text);
    if (wrong === null) return text;
    context.addIssue({
      code: 'custom',
      message: `an entry ${wrong} Write turn:host:port, turns:host:port or stun:host:port.`,
    });
    return z.NEVER;
  });
}

const ICE_SCHEMES = ['turn:', 'turns:', 'stun:', 'stuns:'];
const TURN_TRANSPORTS = ['?transport=udp', '?transport=tcp'];

/** Entries are not repeated in messages: people paste credentials into them. */
function wrongWithIceUrl(text: string): string | null {
  const scheme = ICE_SCHEMES.find((known) => text.startsWith(known));
  if (scheme === undefined) return 'does not begin with turn:, turns:, stun: or stuns:.';
  const rest = text.slice(scheme.length);
  if (rest.startsWith('//')) return `has // after ${scheme}, which these URLs do not have.`;
  if (rest.includes('@'))
    return 'holds credentials. They belong into GLIR_TURN_SECRET, or GLIR_TURN_USERNAME and GLIR_TURN_PASSWORD.';
  const query = rest.includes('?') ? rest.slice(rest.indexOf('?')) : '';
  if (query !== '' && (scheme.startsWith('stun') || !TURN_TRANSPORTS.includes(query))) {
    return 'has a query other than ?transport=udp or ?transport=tcp (and stun URLs have none).';
  }
  const hostAndPort = rest.slice(0, rest.length - query.length);
  const url = URL.parse(`http://${hostAndPort}`);
  if (url === null || hostAndPort.includes('/') || hostAndPort.includes('#') || hostAndPort.includes('\\'))
    return 'has no valid host and port.';
  return null;
}
