import type { ClientMessage, Reply, Request } from '../protocol/messages.ts';
import { Refused } from '../protocol/refused.ts';
import { PROTOCOL_VERSION } from '../protocol/terms.ts';
import type { Room } from '../rooms/room.ts';
import { roomTag } from '../rooms/tag.ts';
import type { PeerTransport } from '../sfu/peer-transport.ts';
import type { LiveRoom } from './live-room.ts';
import type { LiveRooms } from './live-rooms.ts';
import type { Peer } from './peer.ts';

const MAX_OFFERS = 32;

/** What the composer asks for; each function answers one kind of message. */
export function composerHandlers(live: LiveRooms) {
  const { rooms } = live;

  /** The room that this peer composes. Throws Refused `not-allowed` for anybody else. */
  function mine(peer: Peer): LiveRoom {
    if (peer.role.name !== 'composer') throw new Refused('not-allowed');
    return live.get(peer.role.roomId);
  }

  function seated(room: Room, owner: string, transport: PeerTransport): Reply<'compose'> {
    return {
      roomId: room.id,
      owner,
      displayName: room.origin.displayName,
      policy: room.policy,
      limits: room.limits,
      leftMs: room.state === 'draft' ? null : rooms.leftMs(room),
      transport: transport.info(),
    };
  }

  return {
    async compose(peer: Peer, { version, ticket, page }: Request<'compose'>): Promise<Reply<'compose'>> {
      mustBeStranger(peer, version);
      const { room, owner, release } = rooms.redeem(ticket, (roomId) => live.find(roomId) !== undefined, page);
      try {
        const transport = await live.seatComposer(room, peer);
        live.log.info({ event: 'composer-joined', room: roomTag(room.id) });
        return seated(room, owner, transport);
      } catch (error) {
        release();
        throw error;
      }
    },

    async resume(peer: Peer, { version, owner }: Request<'resume'>): Promise<Reply<'resume'>> {
      mustBeStranger(peer, version);
      const { roomId } = rooms.claimsOf(owner);
      try {
        const { room, owner: newest } = rooms.resume(owner);
        return seated(room, newest, await live.seatComposer(room, peer));
      } catch (error) {
        if (error instanceof Refused && error.code === 'ended-room') live.tellHowItEnded(roomId, peer);
        throw error;
      }
    },

    share(peer: Peer, { joinHash, policy }: Request<'share'>): Reply<'share'> {
      const { room, owner } = rooms.open(mine(peer).roomId, joinHash, policy);
      return { owner, leftMs: rooms.leftMs(room) };
    },

    async offer(peer: Peer, { sctp, offer }: Request<'offer'>): Promise<Reply<'offer'>> {
      const room = mine(peer);
      if (room.offerCount >= MAX_OFFERS) throw new Refused('not-allowed');
      const offerId = await room.composerTransport.produce(sctp);
      room.addOffer({ id: offerId, offer });
      return { offerId };
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

    people(peer: Peer, { waiting, readBy }: Request<'people'>): Reply<'people'> {
      const room = mine(peer);
      const known = waiting.filter(({ readerId }) => room.readers.has(readerId));
      rooms.setPeople(room.roomId, { waiting: known, readBy });
      return {};
    },

    extend(peer: Peer, { seconds }: Request<'extend'>): Reply<'extend'> {
      const { room, owner } = rooms.extend(mine(peer).roomId, seconds);
      return { owner, ...live.timeOf(room) };
    },

    end(peer: Peer, { reason }: Request<'end'>): Reply<'end'> {
      rooms.end(mine(peer).roomId, reason);
      return {};
    },

    /** The composer to one reader; opaque to the server. */
    tell(peer: Peer, { readerId, box }: Omit<Extract<ClientMessage, { t: 'tell' }>, 't'>): void {
      if (readerId === undefined) throw new Refused('bad-message');
      mine(peer).reader(readerId).peer.send({ t: 'told', box });
    },

    /** The tab closes. */
    leave(peer: Peer): void {
      if (peer.role.name === 'composer') rooms.end(peer.role.roomId, 'left');
    },
  };
}

/** Throws Refused `wrong-version` for another version of the protocol, `not-allowed` for a socket that has its role. */
function mustBeStranger(peer: Peer, version: number): void {
  if (version !== PROTOCOL_VERSION) throw new Refused('wrong-version');
  if (peer.role.name !== 'stranger') throw new Refused('not-allowed');
}
