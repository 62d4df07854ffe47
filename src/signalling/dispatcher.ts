import type { AddressLimits } from '../limits/address-limits.ts';
import { type Refusal, Refused } from '../protocol/errors.ts';
import { type ClientMessage, clientMessageSchema } from '../protocol/messages.ts';
import { roomTag } from '../rooms/room.ts';
import { composerHandlers } from './composer-handlers.ts';
import type { ConnectedRooms } from './connected-rooms.ts';
import { createForwarding } from './forwarding.ts';
import { CLOSE, type Peer, type Role } from './peer.ts';
import { readerHandlers } from './reader-handlers.ts';

/** What somebody is told who guessed, or has a link of long ago. */
const FAILED_GUESSES: ReadonlySet<Refusal> = new Set(['unknown-ticket', 'unknown-room', 'wrong-key', 'wrong-owner']);

type Incoming = { ok: true; message: ClientMessage } | { ok: false; id: number | undefined };

export type Dispatcher = ReturnType<typeof createDispatcher>;

/**
 * Reads messages and answers each one that has an id exactly once. What cannot be read is refused with `bad-message`;
 * an error of our own is logged and refused with `unavailable`, so that one socket's trouble stays its own.
 */
export function createDispatcher(connectedRooms: ConnectedRooms, limits: AddressLimits) {
  const { log, cluster, metrics, clock } = connectedRooms;
  const composer = composerHandlers(connectedRooms);
  const reader = readerHandlers(connectedRooms);
  const forwarding = createForwarding(connectedRooms, { refusalCode, answerHere });

  function handle(peer: Peer, message: ClientMessage): unknown {
    switch (message.t) {
      case 'look':
        return composer.look(peer, message);
      case 'compose':
        return composer.compose(peer, message);
      case 'resume':
        return composer.resume(peer, message);
      case 'draft-again':
        return composer['draft-again'](peer, message);
      case 'share':
        return composer.share(peer, message);
      case 'prekey':
        return composer.prekey(peer, message);
      case 'admit':
        return composer.admit(peer, message);
      case 'refuse':
        return composer.refuse(peer, message);
      case 'report-readers':
        return composer['report-readers'](peer, message);
      case 'end':
        return composer.end(peer, message);
      case 'extend':
        return composer.extend(peer, message);
      case 'join':
        return join(peer, message);
      case 'attach':
        return attach(peer, message.token);
      case 'knock':
        return reader.knock(peer, message);
      case 'connect':
        return transportOf(peer).connect(message.dtls);
      case 'open-files':
        return peer.role.name === 'composer'
          ? composer['open-files'](peer, message)
          : reader['open-files'](peer, message);
      case 'restart-ice':
        return transportOf(peer).restartIce(lifeMsOf(peer));
      case 'sealed':
        return peer.role.name === 'composer' ? composer.sealed(peer, message) : reader.sealed(peer, message);
      case 'connection-failed':
        return connectionFailed(peer, message);
      case 'leave':
        return leave(peer);
    }
  }

  /** Rejects with Refused `too-often` when too many wanted to enter from the same network, or this room from there. */
  async function mayEnter(peer: Peer, message: ClientMessage): Promise<void> {
    // Who looks takes no place, and is counted like every request.
    if (!isGuessable(message) || message.t === 'look' || peer.isForwarded) return;
    const excess = await limits.entry(peer.network, message.t === 'join' ? message.roomId : null);
    if (excess !== null || !peer.takePlace(message.t === 'join' ? 'reader' : 'composer'))
      throw new Refused('too-often');
  }

  /** What a refusal is called: nothing tells a wrong key from an unknown room to somebody who goes on guessing. */
  async function refusalCode(code: Refusal, peer: Peer, message: ClientMessage): Promise<Refusal> {
    if (!isGuessable(message) || peer.isForwarded || !FAILED_GUESSES.has(code)) return code;
    if ((await limits.wrong(peer.network)) === null) {
      // The other nodes have counted as many when the limit is reached: whoever goes on guessing is no work for them.
      cluster.publish({ kind: 'wrong-guess', network: peer.network });
      return code;
    }
    peer.close(CLOSE.policy);
    return 'too-often';
  }

  async function answerHere(peer: Peer, message: ClientMessage): Promise<void> {
    await refusing(peer, message, async () => {
      const data = (await handle(peer, message)) ?? {};
      mustStillBeIn(peer, message);
      if ('id' in message) peer.send({ t: 'reply', id: message.id, data });
    });
  }

  /** Answers with a refusal when the work is refused, or fails. Never rejects. */
  async function refusing(peer: Peer, message: ClientMessage, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Refused)) log.error({ event: 'signalling-error', message: message.t, err: error });
      const code = error instanceof Refused ? await refusalCode(error.code, peer, message) : 'unavailable';
      metrics.count('glir_refusals_total', { message: message.t, code });
      peer.send(refusal(code, 'id' in message ? message.id : undefined));
    }
  }

  /** Whether another node answers the message. */
  async function isForwarded(peer: Peer, message: ClientMessage): Promise<boolean> {
    const goesToHost = message.t === 'join' || (message.t === 'attach' && peer.role.name === 'unauthenticated');
    if (goesToHost && !peer.isForwarded) return await forwarding.enter(peer, message);
    // Guesses are counted where they are answered.
    if (message.t === 'compose' || message.t === 'resume') {
      if (peer.role.name === 'unauthenticated') forwarding.closed(peer);
      return false;
    }
    return forwarding.pass(peer, message);
  }

  function transportOf(peer: Peer) {
    if (peer.role.name === 'composer') return peer.role.transport;
    if (peer.role.name === 'unauthenticated' || peer.role.readerId === null) throw new Refused('not-allowed');
    return connectedRooms.get(peer.role.roomId).reader(peer.role.readerId).transport;
  }

  function lifeMsOf({ role }: Peer): number {
    const room = role.name === 'unauthenticated' ? undefined : connectedRooms.rooms.find(role.roomId);
    return room === undefined ? 0 : connectedRooms.lifeMs(room);
  }

  async function join(peer: Peer, message: Extract<ClientMessage, { t: 'join' }>): Promise<unknown> {
    const reply = await reader.join(peer, message);
    if (message.hold !== undefined) peer.hold?.(message.hold);
    return reply;
  }

  function attach(peer: Peer, token: string): void {
    if (peer.role.name !== 'unauthenticated') throw new Refused('not-allowed');
    if (!peer.attach(token)) throw new Refused('unknown-reader');
  }

  /** For the operator; the page itself says it to whoever sits before it. */
  function connectionFailed(peer: Peer, { code, seconds }: Extract<ClientMessage, { t: 'connection-failed' }>): void {
    const { role } = peer;
    if (role.name === 'unauthenticated') throw new Refused('not-allowed');
    const side = role.name === 'composer' ? 'composer' : 'reader';
    const arrived = transportIn(role)?.arrived();
    const facts = { ...(arrived === undefined ? {} : { arrived }), ...(seconds === undefined ? {} : { seconds }) };
    connectedRooms.failures.report({ code, side, room: roomTag(role.roomId), ...facts }, 'known');
  }

  /** The transport of a page that has one. */
  function transportIn(role: Exclude<Role, { name: 'unauthenticated' }>) {
    if (role.name === 'composer') return role.transport;
    return connectedRooms.find(role.roomId)?.readers.get(role.readerId ?? '')?.transport;
  }

  async function leave(peer: Peer): Promise<void> {
    reader.leave(peer);
    await composer.leave(peer);
  }

  return {
    async dispatch(peer: Peer, text: string): Promise<void> {
      const incoming = read(text);
      if (!incoming.ok) {
        metrics.count('glir_refusals_total', { message: 'unreadable', code: 'bad-message' });
        return peer.send(refusal('bad-message', incoming.id));
      }
      const { message } = incoming;
      const begun = clock.uptime();
      await refusing(peer, message, async () => {
        if (message.t === 'join' && message.hold !== undefined && !peer.isForwarded) throw new Refused('not-allowed');
        await mayEnter(peer, message);
        if (!(await isForwarded(peer, message))) await answerHere(peer, message);
      });
      log.debug({ event: 'message-answered', message: message.t, ms: Math.round(clock.uptime() - begun) });
    },

    /** The socket is closed: `byPage` when the page itself said so by navigating away or closing. Never rejects. */
    async closed(peer: Peer, byPage: boolean): Promise<void> {
      forwarding.closed(peer);
      if (byPage) return await leave(peer);
      connectedRooms.composerDisconnected(peer);
      reader.leave(peer);
    },
  };
}

/** A room can end, or get another composer, between the making of an answer and now. Throws Refused `not-open` then. */
function mustStillBeIn({ role }: Peer, message: ClientMessage): void {
  if (isEntry(message) && role.name === 'unauthenticated') throw new Refused('not-open');
}

/** Whether somebody says for the first time whose they are. */
function isEntry({ t }: ClientMessage): boolean {
  return t === 'compose' || t === 'resume' || t === 'join';
}

/** Whether somebody shows what others must not guess, and what may be asked for only so often. */
function isGuessable(message: ClientMessage): boolean {
  return isEntry(message) || message.t === 'look' || message.t === 'draft-again';
}

function refusal(code: Refusal, id: number | undefined) {
  return { t: 'refused', code, ...(id === undefined ? {} : { id }) } as const;
}

function read(text: string): Incoming {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, id: undefined };
  }
  const parsed = clientMessageSchema.safeParse(value);
  if (parsed.success) return { ok: true, message: parsed.data };
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined;
  return { ok: false, id: typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? id : undefined };
}
