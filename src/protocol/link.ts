import { type Bytes, fromBase64Url, fromUtf8, toBase64Url } from './bytes.ts';

/** Bytes of the secret in a note link's fragment, and of a ticket. */
export const SECRET_BYTES = 32;
/** Bytes of a room's id. */
export const ROOM_ID_BYTES = 16;

/** What of a link still says something: the parts of `location`, or of a URL. */
export interface LinkParts {
  pathname: string;
  search?: string;
  hash: string;
}

/** Why a link leads nowhere: all behind the `#` is missing, some of it is, or letters were changed. */
export type LinkFault = 'no-secret' | 'cut' | 'changed';

/** `PUBLIC_URL/n/<roomId>#<secret>`: the fragment never leaves the browser. */
export function noteLink(publicUrl: string, roomId: string, secret: Bytes): string {
  return `${publicUrl}/n/${roomId}#${toBase64Url(secret)}`;
}

/** `PUBLIC_URL/compose#<ticket>`. */
export function composeLink(publicUrl: string, ticket: string): string {
  return `${publicUrl}/compose#${ticket}`;
}

/**
 * Takes a note link apart as people's programs hand it on: with what stood behind it in a sentence, with parameters of
 * trackers, with `%23` for `#`, broken over lines, or with invisible characters in it.
 */
export function readNoteLink(parts: LinkParts): { roomId: string; secret: Bytes } | LinkFault {
  const [, roomId, rest = ''] = /^\/n\/+([\w-]{22})(.*)$/s.exec(plain(parts.pathname)) ?? [];
  if (roomId === undefined) return 'cut';
  if (/^[a-z0-9]/i.test(rest)) return 'changed';
  const secret = readSecret(parts.hash, fragmentIn(rest + plain(parts.search ?? '')), withoutHash(rest));
  return typeof secret === 'string' ? secret : { roomId, secret };
}

/** The same for a compose link: its ticket, in the only spelling that the server knows. */
export function readComposeLink(parts: LinkParts): { ticket: string } | LinkFault {
  const ticket = readSecret(parts.hash, fragmentIn(plain(parts.pathname + (parts.search ?? ''))));
  return typeof ticket === 'string' ? ticket : { ticket: toBase64Url(ticket) };
}

/** Like `readNoteLink`, from `location.pathname` and `location.hash`; null when the link has a fault. */
export function parseNoteLink(pathname: string, hash: string): { roomId: string; secret: Bytes } | null {
  const link = readNoteLink({ pathname, hash });
  return typeof link === 'string' ? null : link;
}

/** The ticket of a compose link from `location.hash`, or null when it is missing or cut off. */
export function parseComposeLink(hash: string): string | null {
  const link = readComposeLink({ pathname: '/compose', hash });
  return typeof link === 'string' ? null : link.ticket;
}

/** What stands where the `#` was, when a program that guards links wrote another sign for it. */
function withoutHash(rest: string): string {
  return /^(?:[/*]|-23)([\w-]{43}.*)$/s.exec(rest)?.[1] ?? '';
}

/** What stands behind a `#` that became part of the path or of the parameters. */
function fragmentIn(text: string): string {
  return /#.*$/s.exec(text)?.[0] ?? '';
}

/** The secret from the first place that has one, or what is wrong with the first place that has anything. */
function readSecret(...places: string[]): Bytes | LinkFault {
  const read = places.map(secretIn);
  const found = read.find((one) => typeof one !== 'string');
  return found ?? read.find((one) => one !== 'no-secret') ?? 'no-secret';
}

function secretIn(place: string): Bytes | LinkFault {
  // Two hyphens that a word processor made one dash of, or a hyphen that it made longer.
  const [fault, ...others] = ['-', '--'].map((dash) => secretBefore(plain(place, dash)));
  const found = others.find((one) => typeof one !== 'string');
  return typeof fault === 'string' ? (found ?? fault) : (fault ?? 'no-secret');
}

/** A secret is always as long, so whatever stands behind it does not matter. */
function secretBefore(text: string): Bytes | LinkFault {
  const behindHash = text.replace(/^[^\w&?-]+/, '');
  if (behindHash === '') return 'no-secret';
  const run = /^[\w-]*/.exec(behindHash)?.[0] ?? '';
  const rest = behindHash.slice(run.length);
  if (run.length < SECRET_CHARACTERS) return /^(?:[\p{L}\p{N}]|[+/]\w)/u.test(rest) ? 'changed' : 'cut';
  const written = run.slice(0, SECRET_CHARACTERS);
  const secret = fromBase64Url(written);
  // The last character carries four bits: one that carries more was none of this secret.
  return toBase64Url(secret) === written ? secret : 'changed';
}

const SECRET_CHARACTERS = Math.ceil((SECRET_BYTES * 8) / 6);
/** As often as one program after another encodes what the one before has encoded. */
const DECODED_TIMES = 3;

/**
 * A part of a link as it was before programs wrote it in their own way: without percent-encoding, entities, invisible
 * characters, the marks of broken lines (of mail: `=` and `>`) and backslashes, and in ASCII's own letters and hyphens.
 */
function plain(part: string, dash = '-'): string {
  let text = part;
  for (let time = 0; time < DECODED_TIMES; time++) text = text.replace(/(?:%[0-9a-f]{2})+/gi, decoded);
  return text
    .replace(/&#(\d{1,5});/g, (_all, code: string) => String.fromCharCode(Number(code)))
    .normalize('NFKC')
    .replace(/[\u2013-\u2015]/g, dash)
    .replace(/[\p{Pd}\u2212]/gu, '-')
    .replace(/[\p{Cc}\p{Cf}\p{Mn}\s=>|\\]/gu, '');
}

/** As UTF-8, or else as Latin-1, in which older mail programs write. */
function decoded(encoded: string): string {
  const bytes = Uint8Array.from(encoded.slice(1).split('%'), (hex) => Number.parseInt(hex, 16));
  try {
    return fromUtf8(bytes);
  } catch {
    return String.fromCharCode(...bytes);
  }
}
