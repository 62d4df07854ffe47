import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { formatDuration, parseDuration } from '../protocol/duration.ts';
import { hostOf, isAddress, isHostName, isLoopbackHost } from './addresses.ts';
import { type DataKey, Secret } from './secret.ts';

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
export const port = wholeNumber(1, 65_535);

/** A duration such as `30m`, from `min` to `max` seconds; gives seconds. */
export function duration(min: number, max: number) {
  const range = `from ${formatDuration(min)} to ${formatDuration(max)}`;
  return parsed((text) => {
    const seconds = parseDuration(text);
    if (seconds !== null && seconds >= min && seconds <= max) return { value: seconds };
    const wrong = seconds === null ? 'not a duration' : 'out of range';
    return { wrong: `${wrong}. Set a duration ${range}, such as 30m or 1h30m.` };
  });
}

const MEGABYTE = 1024 * 1024;

/** Two numbers of megabytes such as `50/200`, for one and for all together, or `0` for neither; gives bytes. */
export function megabytesEachAndTogether(max: number) {
  return parsed((text) => {
    const [, each, all] = /^(\d{1,6})(?:\/(\d{1,6}))?$/.exec(text) ?? [];
    const [one, together] = [Number(each), Number(all ?? each)];
    if (each !== undefined && one <= max && together <= max && one <= together)
      return { value: { fileBytes: one * MEGABYTE, totalBytes: together * MEGABYTE } };
    return {
      wrong: `not two sizes in megabytes, at most ${max}, such as 50/200. Set one file and all together, or 0.`,
    };
  });
}

/** One of a few words. */
export function oneOf<const Words extends readonly [string, ...string[]]>(words: Words) {
  return z.enum(words, { error: `not one of ${words.join(', ')}. Set one of these.` });
}

/** An IP address, or `localhost`, to listen on. */
export const listenHost = z.string().refine((text) => text === 'localhost' || isAddress(text), {
  error: 'not an IP address. Set an address of this machine, or 0.0.0.0 for all of them.',
});

/** An IP address or a host name, without a port. */
const announcedHost = z.string().refine((text) => isAddress(text) || isHostName(text), {
  error: ({ input }) =>
    `${String(input)} is not an IP address or a host name. Set these alone, without a port, a scheme or brackets.`,
});

/** An IP address in a list. */
export const address = z.string().refine(isAddress, {
  error: ({ input }) =>
    `${String(input)} is not an IP address. List addresses of this machine, such as 10.0.0.5,fd00::5.`,
});

/** A comma-separated list; spaces around items and empty items do not count, doubles are dropped. */
export function list<Item extends z.ZodType<string, string>>(item: Item, none: string) {
  return z
    .string()
    .transform((text) => [...new Set(text.split(',').map((part) => part.trim()))].filter((part) => part !== ''))
    .pipe(z.array(item).min(1, { error: none }));
}

/** More would only slow browsers down, which try every one. */
const ANNOUNCED_MAX = 8;

/** IP addresses and host names at which one server is reached. */
export const announcedHosts = list(
  announcedHost,
  'holds no address. Unset it, or set the address that browsers reach.',
).refine((hosts) => hosts.length <= ANNOUNCED_MAX, {
  error: `more than ${ANNOUNCED_MAX} addresses. Set those that browsers reach, from inside and outside.`,
});

/** A path that means the same wherever GLIR is started. */
export const absolutePath = z
  .string()
  .refine(isAbsolute, { error: 'not an absolute path. Set one that begins at the root of the disk.' });

/** Any text that must not be shown. */
export const secret = z.string().transform((text) => new Secret(text));

/** An operator of the server: a subject, an e-mail address, or a claim and its value. */
export const operatorRule = z.string().regex(/^[^\s=]{1,255}(?:=[^=]{1,255})?$/, {
  error: ({ input }) => `${String(input)} is no subject, e-mail address or claim=value. List these.`,
});

/** What a program shows to be let in (RFC 6750, section 2.1). */
export const bearerToken = z
  .string()
  .regex(/^[A-Za-z0-9._~+/-]{16,256}=*$/, {
    error: 'not a token of at least 16 letters, digits and -._~+/. Make one with: openssl rand -hex 24.',
  })
  .transform((text) => new Secret(text));

/**
 * The origin that browsers use, such as `https://glir.example.org`. Its value is never repeated: it may hold
 * credentials.
 */
export const origin = parsed((text) => {
  const url = URL.parse(text);
  const wrong = wrongWithOrigin(text, url);
  if (url !== null && wrong === null) return { value: url };
  return { wrong: `${wrong} Set only scheme, host and port, such as https://glir.example.org.` };
});

function wrongWithOrigin(text: string, url: URL | null): string | null {
  if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return 'not a web address with http:// or https://.';
  if (text.includes('@')) return 'it holds a user name or password.';
  if (text.includes('?') || text.includes('#') || url.pathname !== '/')
    return 'it holds more than the origin: a path, a query or a fragment.';
  return null;
}

/** An `https` address, with a path or without; `http` on this machine only. Gives it without a slash at the end. */
export const endpoint = parsed((text) => {
  const url = URL.parse(text);
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopbackHost(hostOf(url)));
  if (url !== null && secure && !/[@?#]/.test(text)) return { value: url.href.replace(/\/+$/, '') };
  return { wrong: 'not an https address without credentials, query and fragment. Set one, or unset it.' };
});

/** An id of Microsoft Entra; gives it in lower case. */
export const guid = z
  .string()
  .regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, {
    error: 'not an id such as 8a9a85f5-748b-4d75-baa5-b8d2f6bfe209. Copy it from the Entra admin center.',
  })
  .transform((text) => text.toLowerCase());

/** An id of a person in Slack. */
export const slackUser = z.string().regex(/^[UW][A-Z0-9]{2,31}$/, {
  error: 'not an id of a person such as U024BE7LH. In Slack, open the person\'s profile, "More", "Copy member ID".',
});

/** An id of a workspace or an organisation in Slack. */
export const slackTeam = z.string().regex(/^[TE][A-Z0-9]{2,31}$/, {
  error: 'not an id of a workspace or organisation such as T024BE7LH. It is in the address of Slack in a browser.',
});

/** A phone number as people write it: at least three digits, 32 characters at most, nothing of a link or of markup. */
export const phoneNumber = z
  .string()
  .trim()
  .regex(
    /^(?=.{3,32}$)\+?(?:[ ().\-/]*\d){3,20}[ )]*$/,
    'not a phone number. Write it as patients should dial it, such as 06 555 0100.',
  );

const OPERATOR_CHARACTERS = 120;

/** Control characters, line breaks, halves of characters, and marks that turn the direction of the text after them. */
const UNSHOWN = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/** Who runs this GLIR, as free text of one line; it is shown as text, never as markup. */
export const operatorName = z
  .string()
  .refine((text) => !UNSHOWN.test(text), {
    error: 'holds a line break or another character that cannot be shown. Set one line of text.',
    abort: true,
  })
  .refine((text) => [...text].length <= OPERATOR_CHARACTERS, {
    error: `longer than ${OPERATOR_CHARACTERS} characters. Set a shorter text: who runs this server, and how to ask.`,
  });

/** A URL of a STUN or TURN server (RFC 7064, section 3.1; RFC 7065, section 3.1). */
export const iceUrl = parsed((text) => {
  const wrong = wrongWithIceUrl(text);
  return wrong === null
    ? { value: text }
    : { wrong: `an entry ${wrong} Write turn:host:port, turns:host:port or stun:host:port.` };
});

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
  if (query !== '' && (scheme.startsWith('stun') || !TURN_TRANSPORTS.includes(query)))
    return 'has a query other than ?transport=udp or ?transport=tcp (and stun URLs have none).';
  const hostAndPort = rest.slice(0, rest.length - query.length);
  if (!URL.canParse(`http://${hostAndPort}`) || /[/#\\]/.test(hostAndPort)) return 'has no valid host and port.';
  return null;
}

/** How to make a data key, for messages. */
export const MAKE_A_DATA_KEY = 'Make one with: openssl rand -base64 32';

/** The data key of the documentation, which everybody knows. */
export const EXAMPLE_DATA_KEY = 'ZXhhbXBsZTogbWFrZSBhIGtleSBvZiB5b3VyIG93biE=';

const DATA_KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;
/** 32 bytes, with or without padding. */
const DATA_KEY = /^[A-Za-z0-9+/]{43}=?$/;

/**
 * A comma-separated list of `id:base64(32 bytes)`, spaces around entries do not count. No message repeats an entry: it
 * is a secret, or was meant to be one.
 */
export const dataKeys = parsed((text): { value: readonly DataKey[] } | { wrong: string } => {
  const entries = text.split(',').map((entry) => {
    const [id = '', ...rest] = entry.trim().split(':');
    return { id, hasId: rest.length > 0, base64: rest.join(':') };
  });
  const wrong = wrongWithDataKeys(entries);
  if (wrong !== null) return { wrong: `${wrong} Set id:key, such as k1:KEY. ${MAKE_A_DATA_KEY}` };
  return { value: entries.map(({ id, base64 }) => ({ id, key: new Secret(base64) })) };
});

function wrongWithDataKeys(entries: readonly { id: string; hasId: boolean; base64: string }[]): string | null {
  for (const [index, { id, hasId, base64 }] of entries.entries()) {
    const which = `entry ${index + 1}`;
    if (!hasId) return `${which} has no id before its key.`;
    if (!DATA_KEY_ID.test(id)) return `${which} has an id with other than 1 to 32 letters, digits, - and _.`;
    if (!DATA_KEY.test(base64)) return `${which} has no key of 32 bytes in base64.`;
  }
  const keys = entries.map(({ base64 }) => Buffer.from(base64, 'base64').toString('hex'));
  if (new Set(entries.map(({ id }) => id)).size < entries.length) return 'two entries have the same id.';
  if (new Set(keys).size < keys.length) return 'two entries have the same key.';
  return null;
}

/** A key that all nodes have: 32 bytes in base64. No message repeats it. */
export const clusterKey = parsed((text) => {
  if (DATA_KEY.test(text)) return { value: new Secret(text) };
  return { wrong: `no key of 32 bytes in base64. ${MAKE_A_DATA_KEY}` };
});

/** The origin at which other nodes reach this one; gives it with `http:` or `https:`, also for `ws:` and `wss:`. */
export const nodeUrl = parsed((text) => {
  const url = URL.parse(text.replace(/^ws(?=s?:)/i, 'http'));
  const wrong = wrongWithOrigin(text, url);
  if (url !== null && wrong === null) return { value: url };
  return { wrong: `${wrong} Set only scheme, host and port, such as http://10.0.0.5:7400.` };
});

/** An IP address of this machine and a port, an IPv6 address in brackets. */
export const addressAndPort = parsed((text) => {
  const url = URL.parse(`tcp://${text}`);
  const host = url === null ? '' : hostOf(url);
  const isWhole = url !== null && /^[^/?#@]+:\d{1,5}$/.test(text) && url.port !== '' && url.port !== '0';
  if (isWhole && isAddress(host)) return { value: { host, port: Number(url.port) } };
  return { wrong: 'not an IP address and a port. Set both, such as 10.0.0.5:7400 or [fd00::5]:7400.' };
});

/** A type from a function that gives the value, or what is wrong and what to set. */
export function parsed<Value>(read: (text: string) => { value: Value } | { wrong: string }) {
  return z.string().transform((text, context): Value => {
    const result = read(text);
    if ('value' in result) return result.value;
    context.addIssue({ code: 'custom', message: result.wrong });
    return z.NEVER;
  });
}
