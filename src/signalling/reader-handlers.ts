import { createHash, timingSafeEqual } from 'node:crypto';
import { READER_LIMITS } from '../limits/socket-limits.ts';
import { fromBase64Url } from '../protocol/bytes.ts';
import { PROTOCOL_VERSION } from '../protocol/constants.ts';
import { Refused } from '../protocol/errors.ts';
import type { ClientMessage, Reply, Request, ServerMessage } from '../protocol/messages.ts';
import { type Room, roomTag, type Tombstone } from '../rooms/room.ts';
import type { PeerTransport } from '../sfu/peer-transport.ts';
import type { ConnectedRoom, ReaderSession } from './connected-room.ts';
import type { ConnectedRooms } from './connected-rooms.ts';
import type { Peer } from './peer.ts';

/** How long somebody who has tapped may take to connect: the tap may come before the connection. */
const CONNECT_MS = 8_000;

/** What is known of a room that is not live: how it ended, or the join hash of one that may come back. */
interface AbsentRoom {
  tombstone: Tombstone | undefined;
  recoverableJoinHash: string | null;
}

/** What a reader asks for; each function answers one kind of message. */
export function readerHandlers(connectedRooms: ConnectedRooms) {
  const { rooms, clock, log } = connectedRooms;

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

  function makePlace(
    connected: ConnectedRoom,
    maxReaders: number,
    { network }: Peer,
    before: string | undefined,
  ): void {
    // A page that changed its network must not wait for a place that its own dead connection holds.
    const earlier = connected.readers.get(before ?? '');
    if (earlier !== undefined) connectedRooms.removeReader(connected, earlier);
    const evicted = connected.placeFor(maxReaders, network);
    if (evicted !== null) connectedRooms.removeUntapped(connected.roomId, evicted.id);
    if (!connected.composerKeepsUp) throw new Refused('room-full');
  }

  /** Throws Refused `too-large` for what no page sends. */
  function assertShort(ciphertext: string): void {
    if (ciphertext.length > READER_LIMITS.sealedCharacters) throw new Refused('too-large');
  }

  function sayToComposer(connected: ConnectedRoom, reader: ReaderSession, message: ServerMessage): void {
    const hog = connected.sayToComposer(reader, message);
    if (hog !== null) connectedRooms.dropReader(connected, hog);
  }

  return {
    async join(peer: Peer, { version, roomId, joinKey, before, dtls }: Request<'join'>): Promise<Reply<'join'>> {
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
      const who = shownName(room);
      // Whoever comes while the doctor's device is asleep is told whom they wait for.
      if (connectedRooms.find(roomId) === undefined) peer.send({ t: 'interrupted', who, phone: room.phone });
      const connected = connectedRooms.get(roomId);
      makePlace(connected, room.policy.maxReaders, peer, before);

      const { transport, prekey, channel } = await connected.joining(peer.network, () =>
        openChannel(connected, peer.network, dtls),
      );
      if (connectedRooms.get(roomId) !== connected) throw new Refused('not-open');
      const onUntapped = (): void => connectedRooms.removeUntapped(roomId, reader.id);
      const reader = connected.addReader({ peer, transport, channel, prekeyId: prekey.id }, onUntapped);
      peer.role = { name: 'receiver', roomId, readerId: reader.id };
      log.info({ event: 'reader-joined', room: roomTag(roomId) });
      connectedRooms.metrics.count('glir_joins_total', {});
      return {
        readerId: reader.id,
        who,
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
      assertShort(ciphertext);
      if (connected.reading >= policy.maxReaders) throw new Refused('room-full');
      if (policy.admission !== 'link') connected.mayWait(reader);
      reader.timeout?.cancel();
      reader.timeout = clock.after(CONNECT_MS, () => {
        if (!reader.transport.isConnected()) connectedRooms.removeUntapped(roomId, reader.id);
      });
      reader.state = 'waiting';
      connectedRooms.times.tapped(reader);
      if (policy.admission === 'link') await connected.admit(reader, policy.maxReaders);
      // The patient waits for it; whoever else is told can wait.
      sayToComposer(connected, reader, {
        t: 'knocked',
        readerId: reader.id,
        prekeyId: reader.prekeyId,
        enc,
        ciphertext,
      });
      rooms.setReading(roomId, connected.reading);
      if (policy.admission === 'link') rooms.decisionMade(roomId, reader.id, 'admit');
      log.info({ event: 'reader-knocked', room: roomTag(roomId), admission: policy.admission });
      return {};
    },

    /** An admitted reader connects for the files that its composer offered. */
    async 'open-files'(peer: Peer, { dtls }: Request<'open-files'>): Promise<Reply<'open-files'>> {
      const { connected, reader } = readerOf(peer);
      const room = rooms.find(connected.roomId);
      if (reader.state !== 'reading' || room === undefined) throw new Refused('not-allowed');
      const isThere = () => connected.readers.get(reader.id) === reader;
      const own = { readerId: reader.id, network: peer.network };
      const { transport, streamId } = await connected.files.openReader(own, dtls, isThere);
      connected.composer.send({ t: 'files-opened', readerId: reader.id, streamId });
      log.info({ event: 'reader-files-opened', room: roomTag(connected.roomId) });
      return { transport: transport.info(connectedRooms.lifeMs(room)) };
    },

    /** A reader to the composer; opaque to the server. */
    sealed(peer: Peer, { ciphertext }: Omit<Extract<ClientMessage, { t: 'sealed' }>, 't'>): void {
      const { connected, reader } = readerOf(peer);
      // Nothing of a reader reaches the doctor's page before its knock.
      if (reader.state === 'joined') throw new Refused('not-allowed');
      assertShort(ciphertext);
      if (!reader.maySay[reader.state]()) return connectedRooms.dropReader(connected, reader);
      sayToComposer(connected, reader, { t: 'sealed', readerId: reader.id, ciphertext });
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

/**
 * Connects a reader's transport to the stream of the next prekey, and has the composer make another prekey. With `dtls`
 * it can take the page's first packet.
 */
async function openChannel(connected: ConnectedRoom, network: string, dtls: Request<'join'>['dtls']) {
  const opening = openTransport(connected, network, dtls);
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

async function openTransport(
  connected: ConnectedRoom,
  network: string,
  dtls: Request<'join'>['dtls'],
): Promise<PeerTransport> {
  const transport = await connected.router.openTransport(network);
  try {
    if (dtls !== undefined) await transport.connect(dtls);
    return transport;
  } catch (error) {
    transport.close();
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

/** The doctor's name as the patient may read it; null when it is not to be shown, or nobody has said it. */
function shownName({ policy, doctor }: Room): string | null {
  return policy.showName && doctor.displayName !== '' ? doctor.displayName : null;
}
