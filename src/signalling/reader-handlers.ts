import { createHash, timingSafeEqual } from 'node:crypto';
import { fromBase64Url } from '../protocol/bytes.ts';
import { PROTOCOL_VERSION } from '../protocol/constants.ts';
import { Refused } from '../protocol/errors.ts';
import type { ClientMessage, Reply, Request } from '../protocol/messages.ts';
import { type Room, roomTag, type Tombstone } from '../rooms/room.ts';
import type { ConnectedRoom, ReaderSession } from './connected-room.ts';
import type { ConnectedRooms } from './connected-rooms.ts';
import type { Peer } from './peer.ts';

/** What is known of a room that is not live: how it ended, or the join hash of one that may come back. */
interface AbsentRoom {
  tombstone: Tombstone | undefined;
  recoverableJoinHash: string | null;
}

/** What a reader asks for; each function answers one kind of message. */
export function readerHandlers(connectedRooms: ConnectedRooms) {
  const { rooms, log } = connectedRooms;

  /** This peer's connected reader. Throws Refused `not-allowed` when it has none, `not-open` when its room is over. */
  function readerOf(peer: Peer): { connected: ConnectedRoom; reader: ReaderSession } {
    if (peer.role.name !== 'receiver' || peer.role.readerId === null) throw new Refused('not-allowed');
    const connected = connectedRooms.get(peer.role.roomId);
    return { connected, reader: connected.reader(peer.role.readerId) };
  }

  async function findAbsent(roomId: string): Promise<AbsentRoom> {
    const tombstone = await rooms.findTombstone(roomId);
    const recoverableJoinHash = tombstone === undefined ? await rooms.recoverableJoinHash(roomId) : null;
    return { tombstone, recoverableJoinHash };
  }

  /**
   * The room of a note link; null for one that is not back yet after a start of the server. Somebody with the right link
   * to a room that is over is told how it ended. Waits for nothing, so that what it says still holds when it returns.
   */
  function authenticate(peer: Peer, roomId: string, joinKey: string, absent: AbsentRoom | null): Room | null {
    const room = rooms.find(roomId);
    // A draft has no link yet, so whoever asks for it guessed.
    const joinHash = (room ?? absent?.tombstone)?.joinHash ?? (room === undefined ? absent?.recoverableJoinHash : null);
    if (joinHash == null) throw new Refused('unknown-room');
    if (!opens(joinKey, joinHash)) throw new Refused('wrong-key');
    if (room !== undefined) return room;
    if (absent?.tombstone === undefined) return null;
    connectedRooms.sendEnded(absent.tombstone, peer);
    throw new Refused('ended-room');
  }

  /** Ends this peer's connection to the router, if it has one. */
  function disconnect({ role }: Peer): void {
    if (role.name !== 'receiver' || role.readerId === null) return;
    const connected = connectedRooms.find(role.roomId);
    const reader = connected?.readers.get(role.readerId);
    if (connected !== undefined && reader !== undefined) connectedRooms.removeReader(connected, reader);
  }

  function makePlace(connected: ConnectedRoom, maxReaders: number, before: string | undefined): void {
    // A page that changed its network must not wait for a place that its own dead connection holds.
    const earlier = connected.readers.get(before ?? '');
    if (earlier !== undefined) connectedRooms.removeReader(connected, earlier);
    const evicted = connected.placeFor(maxReaders);
    if (evicted !== null) removeUntapped(connected, evicted.id);
  }

  function removeUntapped(connected: ConnectedRoom, readerId: string): void {
    const reader = connected.readers.get(readerId);
    if (reader === undefined) return;
    reader.peer.send({ t: 'untapped' });
    connectedRooms.removeReader(connected, reader);
  }

  return {
    async join(peer: Peer, { version, roomId, joinKey, before }: Request<'join'>): Promise<Reply<'join'>> {
      if (version !== PROTOCOL_VERSION) throw new Refused('wrong-version');
      if (!mayJoin(peer, roomId)) throw new Refused('not-allowed');
      const absent = rooms.find(roomId) === undefined ? await findAbsent(roomId) : null;
      const room = authenticate(peer, roomId, joinKey, absent);
      disconnect(peer);
      peer.role = { name: 'receiver', roomId, readerId: null };
      connectedRooms.addReceiver(roomId, peer);
      if (room === null) {
        connectedRooms.lookForHost(roomId);
        throw new Refused('not-open');
      }
      const connected = connectedRooms.get(roomId);
      makePlace(connected, room.policy.maxReaders, before);

      const { transport, prekey, channel } = await connected.joining(() => openChannel(connected, peer.network));
      if (connectedRooms.get(roomId) !== connected) throw new Refused('not-open');
      const onUntapped = (): void => removeUntapped(connected, reader.id);
      const reader = connected.addReader({ peer, transport, channel, prekeyId: prekey.id }, onUntapped);
      peer.role = { name: 'receiver', roomId, readerId: reader.id };
      log.info({ event: 'reader-joined', room: roomTag(roomId) });
      return {
        readerId: reader.id,
        who: room.policy.showName ? room.doctor.displayName : null,
        phone: room.phone,
        admission: room.policy.admission,
        ...connectedRooms.timeOf(rooms.find(roomId) ?? room),
        prekey: prekey.prekey,
        transport: transport.info(connectedRooms.lifeMs(room)),
        channel: channel.info,
      };
    },

    async knock(peer: Peer, { enc, ciphertext }: Request<'knock'>): Promise<Reply<'knock'>> {
      const { connected, reader } = readerOf(peer);
      const { roomId } = connected;
      if (reader.state !== 'joined') throw new Refused('not-allowed');
      const policy = rooms.find(roomId)?.policy;
      if (policy === undefined) throw new Refused('not-open');
      if (connected.reading >= policy.maxReaders) throw new Refused('room-full');
      reader.untapped?.cancel();
      reader.state = 'waiting';
      if (policy.admission === 'link') await connected.admit(reader, policy.maxReaders);
      // The patient waits for it; whoever else is told can wait.
      connected.composer.send({ t: 'knocked', readerId: reader.id, prekeyId: reader.prekeyId, enc, ciphertext });
      rooms.setReading(roomId, connected.reading);
      if (policy.admission === 'link') rooms.decisionMade(roomId, reader.id, 'admit');
      log.info({ event: 'reader-knocked', room: roomTag(roomId), admission: policy.admission });
      return {};
    },

    /** A reader to the composer; opaque to the server. */
    sealed(peer: Peer, { ciphertext }: Omit<Extract<ClientMessage, { t: 'sealed' }>, 't'>): void {
      const { connected, reader } = readerOf(peer);
      connected.composer.send({ t: 'sealed', readerId: reader.id, ciphertext });
    },

    /** The page closes, or its socket does. */
    leave(peer: Peer): void {
      if (peer.role.name !== 'receiver') return;
      disconnect(peer);
      connectedRooms.removeReceiver(peer.role.roomId, peer);
      peer.role = { name: 'unauthenticated' };
    },
  };
}

/** Connects a reader's transport to the stream of the next prekey, and has the composer make another prekey. */
async function openChannel(connected: ConnectedRoom, network: string) {
  const opening = connected.router.openTransport(network);
  // Whoever waits for a prekey does not look at it yet; a failure must not count as unhandled meanwhile.
  opening.catch(() => undefined);
  try {
    const prekey = await connected.takePrekey();
    connected.composer.send({ t: 'prekey-taken', prekeyId: prekey.id });
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
