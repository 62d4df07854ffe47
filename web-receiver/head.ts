/**
 * Runs in the page's head, while the rest of the page is still on its way: takes the link out of the address bar, opens the
 * socket, and joins on the connection that the page comes on. Nothing private leaves the page: a join shows the link's join
 * key and the fingerprint of this page's certificate.
 */
import { toBase64Url } from '../src/protocol/bytes.ts';
import { PROTOCOL_VERSION } from '../src/protocol/constants.ts';
import { deriveLinkKeys } from '../src/protocol/crypto/link-keys.ts';
import { readNoteLink } from '../src/protocol/link.ts';
import type { Reply } from '../src/protocol/messages.ts';
import { beginConnection, prepareConnection } from '../web-shared/net/data-connection.ts';
import { askToJoin, type EarlyJoin } from './session/early-join.ts';

/** After that the socket is the better way. */
const JOIN_MS = 8_000;

globalThis.openedAt = location.href;
history.replaceState(null, '', location.pathname.slice(0, 25));
try {
  globalThis.earlySocket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/signal`);
} catch {
  // The page opens its own.
}
globalThis.earlyJoin = joinEarly();

/** Null for a link that is not whole: the page says what is wrong with it. */
function joinEarly(): EarlyJoin | undefined {
  const link = readNoteLink(new URL(globalThis.openedAt ?? location.href));
  if (typeof link === 'string' || typeof RTCPeerConnection !== 'function') return undefined;
  const { roomId, secret } = link;
  const giveUp = new AbortController();
  const preparing = prepareConnection();

  async function ask(): Promise<unknown> {
    const [prepared, { joinKey, psk }] = await Promise.all([preparing, deriveLinkKeys(secret, roomId)]);
    psk.fill(0);
    if (prepared === null) throw new Error('this browser connects in another way');
    const join = { version: PROTOCOL_VERSION, roomId, joinKey: toBase64Url(joinKey), dtls: prepared.dtls };
    const said = await askToJoin(join, giveUp.signal);
    // The page looks at every word of it; what is wrong here makes no connection, and that is all.
    const { messages } = said as { messages: { t: string; data: Reply<'join'> }[] };
    for (const { t, data } of messages) if (t === 'reply') beginConnection(prepared, data);
    return said;
  }

  const answer = ask();
  const late = setTimeout(() => giveUp.abort(), JOIN_MS);
  answer.catch(() => undefined).finally(() => clearTimeout(late));
  return { prepared: preparing, answer, giveUp: () => giveUp.abort() };
}
