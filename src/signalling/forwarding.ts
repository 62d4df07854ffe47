import { z } from 'zod';
import type { RoomLocation } from '../cluster/cluster.ts';
import { REFUSALS, type Refusal, Refused } from '../protocol/errors.ts';
import type { ClientMessage } from '../protocol/messages.ts';
import { roomTag } from '../rooms/room.ts';
import type { ConnectedRooms } from './connected-rooms.ts';
import { CLOSE, type Peer } from './peer.ts';

/** What brings a reader into a room, which another node may host. */
type Entry = Extract<ClientMessage, { t: 'join' | 'attach' }>;

/** Refusals of somebody who has shown the link's key: they wait, and hear what becomes of the room. */
const SHOWN: ReadonlySet<Refusal> = new Set(['not-open', 'no-prekey', 'room-full']);
/** The room's node is gone for a reason that another node can mend. */
const GONE = [CLOSE.restart, CLOSE.goingAway, 1006];

const answerSchema = z.discriminatedUnion('t', [
  z.object({ t: z.literal('reply'), id: z.int() }),
  z.object({ t: z.literal('refused'), id: z.int(), code: z.enum(REFUSALS) }),
]);

/**
 * Passes readers on to the node that hosts their room: what they say goes there, and what that node says comes back to them.
 * Limits are this node's, because it knows where somebody comes from.
 *
 * @param refusalCode what a refusal is called, see the dispatcher
 * @param answerHere answers as if nobody else had the room
 */
export function createForwarding(
  connectedRooms: ConnectedRooms,
  {
    refusalCode,
    answerHere,
  }: {
    refusalCode: (code: Refusal, peer: Peer, message: ClientMessage) => Promise<Refusal>;
    answerHere: (peer: Peer, message: ClientMessage) => Promise<void>;
  },
) {
  const { rooms, cluster, log } = connectedRooms;

  /** Null when the room is here, or nobody has it. */
  async function hostOf(roomId: string): Promise<RoomLocation | null> {
    if (rooms.find(roomId) !== undefined) return null;
    try {
      return await cluster.locate(roomId);
    } catch (error) {
      // Whoever hosts it cannot be found out; what this node knows of the room is said.
      if (error instanceof Refused) return null;
      throw error;
    }
  }

  function leaveHost(peer: Peer): void {
    peer.host?.close();
    peer.host = null;
  }

  /** The host knows the key or the token to be right. False when there is no place for one more reader's socket. */
  function becomeReceiver(peer: Peer, roomId: string): boolean {
    if (!peer.takePlace('reader')) {
      peer.close(CLOSE.policy);
      return false;
    }
    peer.role = { name: 'receiver', roomId, readerId: null };
    connectedRooms.addReceiver(roomId, peer);
    log.info({ event: 'reader-forwarded', room: roomTag(roomId) });
    return true;
  }

  function forward(peer: Peer, entry: Entry, host: RoomLocation): void {
    const { roomId, id } = entry;
    let isAnswered = false;
    /** What comes from a host that this peer has left is for nobody. */
    const isCurrent = (): boolean => peer.host === way;

    /** True when the message is still to be passed on. */
    async function onAnswer(text: string): Promise<boolean> {
      const answer = answerSchema.safeParse(parse(text)).data;
      if (answer?.id !== id) return true;
      isAnswered = true;
      if (answer.t === 'reply') return becomeReceiver(peer, roomId);
      const { code } = answer;
      if (SHOWN.has(code)) becomeReceiver(peer, roomId);
      const said = await refusalCode(code, peer, entry);
      if (said === code) return true;
      peer.send({ t: 'refused', id, code: said });
      return false;
    }

    // One after the other, as they came.
    let queue: Promise<void> = Promise.resolve();
    const way = cluster.forward(host, {
      network: peer.network,
      onMessage(text) {
        queue = queue.then(async () => {
          if (isCurrent() && (isAnswered || (await onAnswer(text)))) peer.sendText(text);
        });
      },
      onClose(code) {
        queue = queue.then(() => onHostClosed(code));
      },
    });
    peer.host = way;
    way.send(JSON.stringify(toHost(peer, entry)));

    async function onHostClosed(code: number): Promise<void> {
      if (!isCurrent() || peer.closing) return;
      peer.host = null;
      if (!GONE.includes(code)) return peer.close(code);
      if (isAnswered) peer.send({ t: 'interrupted' });
      else await answerHere(peer, entry);
    }
  }

  return {
    /** Whether a join, or a socket that goes on with one, goes to another node, which answers it. */
    async enter(peer: Peer, entry: Entry): Promise<boolean> {
      const { role } = peer;
      const mayJoin = role.name === 'unauthenticated' || (role.name === 'receiver' && role.roomId === entry.roomId);
      const host = mayJoin ? await hostOf(entry.roomId) : null;
      leaveHost(peer);
      if (host === null || peer.closing) return false;
      forward(peer, entry, host);
      return true;
    },

    /** Whether a message goes to another node, which answers it. */
    pass({ host }: Peer, message: ClientMessage): boolean {
      host?.send(JSON.stringify(message));
      return host !== null;
    },

    /** The socket is closed. */
    closed: leaveHost,
  };
}

/** Who has no socket yet is kept by the host, where the socket finds the reader whatever node it comes to. */
function toHost({ holdToken }: Peer, entry: Entry): Entry {
  return entry.t === 'join' && holdToken !== null ? { ...entry, hold: holdToken } : entry;
}

/** Undefined for what is no JSON: a host that is out of order must not take this node with it. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
