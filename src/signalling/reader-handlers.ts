import { createHash, timingSafeEqual } from 'node:crypto';
import { fromBase64Url } from '../protocol/bytes.ts';
import { PROTOCOL_VERSION } from '../protocol/constants.ts';
import { Refused } from '../protocol/errors.ts';
import type { ClientMessage, Reply, Request } from '../protocol/messages.ts';
import type { Room } from '../rooms/room.ts';
import { roomTag } from '../rooms/tag.ts';
import type { ConnectedRoom, ReaderSession } from './connected-room.ts';
import type { ConnectedRooms } from './connected-rooms.ts';
import type { Peer } from './peer.ts';

/** What a reader asks for; each function answers one kind of message. */
export function readerHandlers(live: ConnectedRooms) {
  const { rooms } = live;

  /** This peer's connected reader. Throws Refused `not-allowed` when it has none. */
  function mine(peer: Peer): { room: ConnectedRoom; reader: ReaderSession } {
    if (peer.role.name !== 'receiver' || peer.role.readerId === null) throw new Refused('not-allowed');
    const room = live.get(peer.role.roomId);
    return { room, reader: room.reader(peer.role.readerId) };
  }

  /**
   * The room of a note link; null for one that is not back yet after a start of the server. Somebody with the right link
   * to a room that is over is told how it ended.
   */
  function visited(peer: Peer, roomId: string, joinKey: string): Room | null {
    const room = rooms.find(roomId);
    const over = room === undefined ? rooms.tombstone(roomId) : undefined;
    // A draft has no link yet, so whoever asks for it guessed.
    const joinHash = (room ?? over)?.joinHash ?? (room === undefined ? rooms.awaitedJoinHash(roomId) : null);
    if (joinHash === null) throw new Refused('unknown-room');
    if (!opens(joinKey, joinHash)) throw new Refused('wrong-key');
    if (over === undefined) return room ?? null;
    live.tellHowItEnded(roomId, peer);
    throw new Refused('ended-room');
  }

  /** Ends this peer's connection to the channels, if it has one. */
  function disconnect({ role }: Peer): void {
    if (role.name !== 'receiver' || role.readerId === null) return;
    const room = live.find(role.roomId);
    const reader = room?.readers.get(role.readerId);
    if (room !== undefined && reader !== undefined) live.removeReader(room, reader);
  }

  function untapped(room: ConnectedRoom, readerId: string): void {
    const reader = room.readers.get(readerId);
    if (reader === undefined) return;
    reader.peer.send({ t: 'untapped' });
    live.removeReader(room, reader);
  }

  return {
    async join(peer: Peer, { version, roomId, joinKey, before }: Request<'join'>): Promise<Reply<'join'>> {
      if (version !== PROTOCOL_VERSION) throw new Refused('wrong-version');
      if (!mayJoin(peer, roomId)) throw new Refused('not-allowed');
      const room = visited(peer, roomId, joinKey);
      disconnect(peer);
      peer.role = { name: 'receiver', roomId, readerId: null };
      live.addReceiver(roomId, peer);
      if (room === null) throw new Refused('not-open');
      const here = live.get(roomId);
      // A page that changed its network must not wait for a place that its own dead connection holds.
      const earlier = here.readers.get(before ?? '');
      if (earlier !== undefined) live.removeReader(here, earlier);
      const evicted = here.placeFor(room.policy.maxReaders);
      if (evicted !== null) untapped(here, evicted.id);

      const { transport, prekey, channel } = await here.coming(() => openChannel(here));
      if (live.find(roomId) !== here) throw new Refused('not-open');
      const reader = here.addReader({ peer, transport, channel, prekeyId: prekey.id }, () => untapped(here, reader.id));
      peer.role = { name: 'receiver', roomId, readerId: reader.id };
      live.log.info({ event: 'reader-joined', room: roomTag(roomId) });
      return {
        readerId: reader.id,
        who: room.policy.showName ? room.doctor.displayName : null,
        phone: room.phone,
        admission: room.policy.admission,
        ...live.timeOf(room),
        prekey: prekey.prekey,
        transport: transport.info(),
        channel: channel.info,
      };
    },

    async knock(peer: Peer, { enc, ciphertext }: Request<'knock'>): Promise<Reply<'knock'>> {
      const { room, reader } = mine(peer);
      if (reader.state !== 'joined') throw new Refused('not-allowed');
      const { admission, maxReaders } = rooms.live(room.roomId).policy;
      if (room.reading >= maxReaders) throw new Refused('room-full');
      reader.untapped?.cancel();
      reader.state = 'waiting';
      if (admission === 'link') await room.admit(reader, maxReaders);
      // The patient waits for it; whoever else is told can wait.
      room.composer.send({ t: 'knocked', readerId: reader.id, prekeyId: reader.prekeyId, enc, ciphertext });
      rooms.setReading(room.roomId, room.reading);
      if (admission === 'link') rooms.settled(room.roomId, reader.id, 'admit');
      live.log.info({ event: 'reader-knocked', room: roomTag(room.roomId), admission });
      return {};
    },

    /** A reader to the composer; opaque to the server. */
    tell(peer: Peer, { ciphertext }: Omit<Extract<ClientMessage, { t: 'sealed' }>, 't'>): void {
      const { room, reader } = mine(peer);
      room.composer.send({ t: 'sealed', readerId: reader.id, ciphertext });
    },

    /** The page closes, or its socket does. */
    leave(peer: Peer): void {
      if (peer.role.name !== 'receiver') return;
      disconnect(peer);
      live.removeReceiver(peer.role.roomId, peer);
      peer.role = { name: 'unauthenticated' };
    },
  };
}

/** Connects a reader's transport to the stream of the next offer, and has the composer make another offer. */
async function openChannel(room: ConnectedRoom) {
  const opening = room.channels.openTransport();
  // Whoever waits for an offer does not look at it yet; a failure must not count as unhandled meanwhile.
  opening.catch(() => undefined);
  try {
    const prekey = await room.takePrekey();
    room.composer.send({ t: 'prekey-taken', prekeyId: prekey.id });
    const transport = await opening;
    return { transport, prekey, channel: await transport.consume(prekey.id) };
  } catch (error) {
    opening.then(
      (transport) => transport.close(),
      () => undefined,
    );
    throw error;
  }
}

/** A socket serves one room; joining that again replaces its earlier connection. */
function mayJoin({ role }: Peer, roomId: string): boolean {
  return role.name === 'unauthenticated' || (role.name === 'receiver' && role.roomId === roomId);
}

function opens(joinKey: string, joinHash: string): boolean {
  const given = createHash('sha256').update(fromBase64Url(joinKey)).digest();
  return timingSafeEqual(given, Buffer.from(joinHash, 'base64url'));
}
