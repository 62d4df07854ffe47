import { type Bytes, fromBase64Url, toBase64Url } from './bytes.ts';

/** Bytes of the secret in a note link's fragment, and of a ticket. */
export const SECRET_BYTES = 32;
/** Bytes of a room's id. */
export const ROOM_ID_BYTES = 16;

const ROOM_ID = /^[A-Za-z0-9_-]{22}$/;

/** `PUBLIC_URL/n/<roomId>#<secret>`: the fragment never leaves the browser. */
export function noteLink(publicUrl: string, roomId: string, secret: Bytes): string {
  return `${publicUrl}/n/${roomId}#${toBase64Url(secret)}`;
}

/** `PUBLIC_URL/compose#<ticket>`. */
export function composeLink(publicUrl: string, ticket: string): string {
  return `${publicUrl}/compose#${ticket}`;
}

/**
 * Takes a note link apart, as a page sees it: `location.pathname` and `location.hash`.
 * Returns null when a part is missing or cut off, as chat programs sometimes do.
 */
export function parseNoteLink(pathname: string, hash: string): { roomId: string; secret: Bytes } | null {
  const roomId = /^\/n\/([^/]+)\/?$/.exec(pathname)?.[1];
  if (roomId === undefined || !ROOM_ID.test(roomId)) return null;
  const secret = parseFragment(hash);
  return secret === null ? null : { roomId, secret };
}

/** The ticket of a compose link from `location.hash`, or null when it is missing or cut off. */
export function parseComposeLink(hash: string): string | null {
  const ticket = parseFragment(hash);
  return ticket === null ? null : toBase64Url(ticket);
}

function parseFragment(hash: string): Bytes | null {
  try {
    const bytes = fromBase64Url(hash.replace(/^#/, ''));
    return bytes.length === SECRET_BYTES ? bytes : null;
  } catch {
    return null;
  }
}
