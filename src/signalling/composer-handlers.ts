import { PROTOCOL_VERSION } from '../protocol/constants.ts';
import { Refused } from '../protocol/errors.ts';
import type { ClientMessage, Reply, Request } from '../protocol/messages.ts';
import type { Room } from '../rooms/room.ts';
import { roomTag } from '../rooms/tag.ts';
import type { PeerTransport } from '../sfu/peer-transport.ts';
import type { ConnectedRoom } from './connected-room.ts';
import type { ConnectedRooms } from './connected-rooms.ts';
import type { Peer } from './peer.ts';

const MAX_PREKEYS = 32;

/** What the composer asks for; each function answers one kind of message. */
export function composerHandlers(live: ConnectedRooms) {
  const { rooms } = live;

  /** The room that this peer composes. Throws Refused `not-allowed` for anybody else. */
  function mine(peer: Peer): ConnectedRoom {
    if (peer.role.name !== 'composer') throw new Refused('not-allowed');
    return live.get(peer.role.roomId);
  }

  function seated(room: Room, ownerToken: string, transport: PeerTransport): Reply<'compose'> {
    return {
      roomId: room.id,
      ownerToken,
      displayName: room.doctor.displayName,
      policy: room.policy,
      limits: room.limits,
      leftMs: room.state === 'draft' ? null : rooms.leftMs(room),
      transport: transport.info(),
    };
  }

  return {
    async compose(peer: Peer, { version, ticket, page }: Request<'compose'>): Promise<Reply<'compose'>> {
      assertUnauthenticated(peer, version);
      const { room, ownerToken, release } = rooms.redeem(ticket, (roomId) => live.find(roomId) !== undefined, page);
      try {
        const transport = await live.seatComposer(room, peer);
        live.log.info({ event: 'composer-joined', room: roomTag(room.id) });
        return seated(room, ownerToken, transport);
      } catch (error) {
        release();
        throw error;
      }
    },

    async resume(peer: Peer, { version, ownerToken }: Request<'resume'>): Promise<Reply<'resume'>> {
      assertUnauthenticated(peer, version);
      const { roomId } = rooms.claimsOf(ownerToken);
      try {
        const { room, ownerToken: newest } = rooms.resume(ownerToken);
        return seated(room, newest, await live.seatComposer(room, peer));
      } catch (error) {
        if (error instanceof Refused && error.code === 'ended-room') live.tellHowItEnded(roomId, peer);
        throw error;
      }
    },

    share(peer: Peer, { joinHash, policy }: Request<'share'>): Reply<'share'> {
      const { room, ownerToken } = rooms.open(mine(peer).roomId, joinHash, policy);
      return { ownerToken, leftMs: rooms.leftMs(room) };
    },

    async prekey(peer: Peer, { sctp, prekey }: Request<'prekey'>): Promise<Reply<'prekey'>> {
      const room = mine(peer);
      if (room.prekeyCount >= MAX_PREKEYS) throw new Refused('not-allowed');
      const prekeyId = await room.composerTransport.produce(sctp);
      room.addPrekey({ id: prekeyId, prekey });
      return { prekeyId };
    },

    async admit(peer: Peer, { readerId }: Request<'admit'>): Promise<Reply<'admit'>> {
      const room = mine(peer);
      const reader = room.reader(readerId);
      if (reader.state === 'joined') throw new Refused('not-allowed');
      const before = reader.state;
      await room.admit(reader, rooms.live(room.roomId).policy.maxReaders);
      rooms.setReading(room.roomId, room.reading);
      if (before !== 'reading') rooms.settled(room.roomId, readerId, 'admit');
      live.log.info({ event: 'reader-admitted', room: roomTag(room.roomId) });
      return {};
    },

    refuse(peer: Peer, { readerId }: Request<'refuse'>): Reply<'refuse'> {
      const room = mine(peer);
      const reader = room.reader(readerId);
      reader.peer.send({ t: 'declined' });
      rooms.settled(room.roomId, readerId, 'refuse');
      live.log.info({ event: 'reader-refused', room: roomTag(room.roomId) });
      live.removeReader(room, reader);
      return {};
    },

    'report-readers'(peer: Peer, { waiting, readBy }: Request<'report-readers'>): Reply<'report-readers'> {
      const room = mine(peer);
      const known = waiting.filter(({ readerId }) => room.readers.has(readerId));
      rooms.setReaders(room.roomId, { waiting: known, readBy });
      return {};
    },

    extend(peer: Peer, { seconds }: Request<'extend'>): Reply<'extend'> {
      const { room, ownerToken } = rooms.extend(mine(peer).roomId, seconds);
      return { ownerToken, ...live.timeOf(room) };
    },

    end(peer: Peer, { reason }: Request<'end'>): Reply<'end'> {
      rooms.end(mine(peer).roomId, reason);
      return {};
    },

    /** The composer to one reader; opaque to the server. */
    tell(peer: Peer, { readerId, ciphertext }: Omit<Extract<ClientMessage, { t: 'sealed' }>, 't'>): void {
      if (readerId === undefined) throw new Refused('bad-message');
      mine(peer).reader(readerId).peer.send({ t: 'sealed', ciphertext });
    },

    /** The tab closes. */
    leave(peer: Peer): void {
      if (peer.role.name === 'composer') rooms.end(peer.role.roomId, 'left');
    },
  };
}

/** Throws Refused `wrong-version` for another version of the protocol, `not-allowed` for a socket that has its role. */
function assertUnauthenticated(peer: Peer, version: number): void {
  if (version !== PROTOCOL_VERSION) throw new Refused('wrong-version');
  if (peer.role.name !== 'unauthenticated') throw new Refused('not-allowed');
}
