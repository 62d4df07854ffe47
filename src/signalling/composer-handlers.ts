import { hash } from 'node:crypto';
import { createWriteBudget, type Written } from '../limits/write-budget.ts';
import { PROTOCOL_VERSION } from '../protocol/constants.ts';
import { Refused } from '../protocol/errors.ts';
import type { ClientMessage, Reply, Request } from '../protocol/messages.ts';
import { type DoctorId, type Room, roomTag } from '../rooms/room.ts';
import type { PeerTransport } from '../sfu/peer-transport.ts';
import type { ConnectedRoom } from './connected-room.ts';
import type { ConnectedRooms } from './connected-rooms.ts';
import type { Peer } from './peer.ts';

const MAX_PREKEYS = 32;
/** How long what a page tells of its readers waits when it tells a lot. */
const REPORT_MS = 500;

/** What the composer asks for; each function answers one kind of message. */
export function composerHandlers(connectedRooms: ConnectedRooms) {
  const { rooms, log, clock } = connectedRooms;
  const budget = createWriteBudget(clock);
  /** What rooms' composers told last of their readers, where it is to be told on later. */
  const reports = new Map<string, Request<'report-readers'>>();

  /** Throws Refused `too-often` when more than a page needs is to be written down for a room, or for its doctor. */
  function mayWrite(what: Written, room: string, doctor: DoctorId | null): void {
    if (!budget.take(what, room, doctor)) throw new Refused('too-often');
  }

  function report(roomId: string, { waiting, readBy, isVisible }: Request<'report-readers'>): void {
    const connected = connectedRooms.find(roomId);
    if (connected === undefined) return;
    const known = waiting.filter(({ readerId }) => connected.readers.has(readerId));
    const room = rooms.find(roomId);
    if (room !== undefined)
      connectedRooms.times.shown(connected.readers.values(), readBy - room.readBy, room.policy.admission);
    const seen = isVisible === undefined ? {} : { isPageVisible: isVisible };
    rooms.setReaders(roomId, { waiting: known, readBy, ...seen });
  }

  function reportLater(roomId: string): void {
    clock.after(REPORT_MS, () => {
      const last = reports.get(roomId);
      reports.delete(roomId);
      if (last !== undefined) report(roomId, last);
    });
  }

  function hasComposer(roomId: string): boolean {
    return connectedRooms.find(roomId) !== undefined;
  }

  /** The room that this peer composes. Throws Refused `not-allowed` for anybody else, `not-open` when it is over. */
  function roomOf(peer: Peer): ConnectedRoom {
    if (peer.role.name !== 'composer') throw new Refused('not-allowed');
    return connectedRooms.get(peer.role.roomId);
  }

  function connectedReply(room: Room, ownerToken: string, transport: PeerTransport): Reply<'compose'> {
    return {
      roomId: room.id,
      ownerToken,
      displayName: room.doctor.displayName,
      policy: room.policy,
      isChosen: room.isChosen,
      limits: room.limits,
      files: connectedRooms.files,
      leftMs: room.state === 'draft' ? null : rooms.leftMs(room),
      transport: transport.info(connectedRooms.lifeMs(room)),
    };
  }

  function openedReply(room: Room, ownerToken: string): Reply<'share'> {
    return { ownerToken, policy: room.policy, ...connectedRooms.timeOf(room) };
  }

  return {
    async look(_peer: Peer, { version, ticket }: Request<'look'>): Promise<Reply<'look'>> {
      if (version !== PROTOCOL_VERSION) throw new Refused('wrong-version');
      const { claims, leftMs } = await rooms.look(ticket, hasComposer);
      const { doctor, policy, isChosen, limits } = claims;
      const { files } = connectedRooms;
      return { displayName: doctor.displayName, policy, isChosen, limits, files, leftMs };
    },

    async compose(peer: Peer, { version, ticket, page }: Request<'compose'>): Promise<Reply<'compose'>> {
      assertUnauthenticated(peer, version);
      mayWrite('compose', hashOf(ticket), null);
      const { room, ownerToken, release } = await rooms.redeem(ticket, hasComposer, page);
      try {
        const transport = await connectedRooms.connectComposer(room, peer);
        log.info({ event: 'composer-joined', room: roomTag(room.id) });
        return connectedReply(room, ownerToken, transport);
      } catch (error) {
        await release();
        throw error;
      }
    },

    async resume(peer: Peer, { version, ownerToken }: Request<'resume'>): Promise<Reply<'resume'>> {
      assertUnauthenticated(peer, version);
      const { roomId, doctor } = rooms.claimsOf(ownerToken);
      mayWrite('resume', roomId, doctor);
      try {
        const { room, ownerToken: newest } = await rooms.resume(ownerToken);
        return connectedReply(room, newest, await connectedRooms.connectComposer(room, peer));
      } catch (error) {
        const isOver = error instanceof Refused && error.code === 'ended-room';
        const tombstone = isOver ? await rooms.findTombstone(roomId) : undefined;
        if (tombstone !== undefined) connectedRooms.sendEnded(tombstone, peer);
        throw error;
      }
    },

    /** Asked over a socket of its own, at whichever node. */
    async 'draft-again'(_peer: Peer, asked: Request<'draft-again'>): Promise<Reply<'draft-again'>> {
      const { version, ownerToken, ticket } = asked;
      if (version !== PROTOCOL_VERSION) throw new Refused('wrong-version');
      if (ownerToken !== undefined && ticket === undefined) {
        return { ticket: await connectedRooms.draftAgain(await rooms.claimsForAnother(ownerToken)) };
      }
      if (ticket === undefined || ownerToken !== undefined) throw new Refused('bad-message');
      mayWrite('another', hashOf(ticket), null);
      const claims = await rooms.claimsForAnotherBrowser(ticket);
      log.info({ event: 'ticket-used-again', room: roomTag(claims.roomId) });
      return { ticket: await connectedRooms.draftAgain(claims) };
    },

    async share(peer: Peer, { joinHash, policy }: Request<'share'>): Promise<Reply<'share'>> {
      const connected = roomOf(peer);
      const before = rooms.find(connected.roomId);
      // How many drafts there are is limited already; an open room can be shared again without end.
      if (before?.state !== 'draft') mayWrite('restrict', connected.roomId, before?.doctor ?? null);
      const { room, ownerToken } = await rooms.open(connected.roomId, joinHash, policy);
      if (before?.policy.admission !== room.policy.admission) connectedRooms.removeUnadmitted(connected);
      return openedReply(room, ownerToken);
    },

    async prekey(peer: Peer, { sctp, prekey }: Request<'prekey'>): Promise<Reply<'prekey'>> {
      const connected = roomOf(peer);
      if (connected.prekeyCount >= MAX_PREKEYS) throw new Refused('not-allowed');
      const prekeyId = await connected.composerTransport.produce(sctp);
      connected.addPrekey({ id: prekeyId, prekey });
      return { prekeyId };
    },

    async admit(peer: Peer, { readerId }: Request<'admit'>): Promise<Reply<'admit'>> {
      const connected = roomOf(peer);
      const { roomId } = connected;
      const reader = connected.reader(readerId);
      if (reader.state === 'joined') throw new Refused('not-allowed');
      const before = reader.state;
      await connected.admit(reader, rooms.find(roomId)?.policy.maxReaders ?? 0);
      rooms.setReading(roomId, connected.reading);
      if (before !== 'reading') rooms.decisionMade(roomId, readerId, 'admit');
      log.info({ event: 'reader-admitted', room: roomTag(roomId) });
      return {};
    },

    refuse(peer: Peer, { readerId, because }: Request<'refuse'>): Reply<'refuse'> {
      const connected = roomOf(peer);
      const reader = connected.reader(readerId);
      reader.peer.send(because === undefined ? { t: 'declined' } : { t: 'refused', code: because });
      rooms.decisionMade(connected.roomId, readerId, 'refuse');
      log.info({ event: 'reader-refused', room: roomTag(connected.roomId) });
      connectedRooms.removeReader(connected, reader);
      return {};
    },

    'report-readers'(peer: Peer, told: Request<'report-readers'>): Reply<'report-readers'> {
      const { roomId } = roomOf(peer);
      const isLater = reports.has(roomId);
      if (isLater || !budget.mayReport(roomId)) {
        reports.set(roomId, told);
        if (!isLater) reportLater(roomId);
      } else report(roomId, told);
      return {};
    },

    /** There are files, and somebody who reads: they get a connection of their own. */
    async 'open-files'(peer: Peer, { dtls }: Request<'open-files'>): Promise<Reply<'open-files'>> {
      const connected = roomOf(peer);
      const room = rooms.find(connected.roomId);
      if (connectedRooms.files.fileBytes === 0 || room === undefined) throw new Refused('not-allowed');
      const transport = await connected.files.openComposer(dtls);
      log.info({ event: 'composer-files-opened', room: roomTag(connected.roomId) });
      return { transport: transport.info(connectedRooms.lifeMs(room)) };
    },

    async extend(peer: Peer, { totalSeconds }: Request<'extend'>): Promise<Reply<'extend'>> {
      const { roomId } = roomOf(peer);
      mayWrite('extend', roomId, rooms.find(roomId)?.doctor ?? null);
      const { room, ownerToken } = await rooms.extend(roomId, totalSeconds);
      return openedReply(room, ownerToken);
    },

    async end(peer: Peer, { reason }: Request<'end'>): Promise<Reply<'end'>> {
      await rooms.endByComposer(roomOf(peer).roomId, reason);
      return {};
    },

    /** The composer to one reader; opaque to the server. */
    sealed(peer: Peer, { readerId, ciphertext }: Omit<Extract<ClientMessage, { t: 'sealed' }>, 't'>): void {
      if (readerId === undefined) throw new Refused('bad-message');
      const reader = roomOf(peer).reader(readerId);
      connectedRooms.times.answered(reader);
      reader.peer.send({ t: 'sealed', ciphertext });
    },

    /** The tab closes. */
    async leave(peer: Peer): Promise<void> {
      if (peer.role.name === 'composer') await rooms.end(peer.role.roomId, 'left');
    },
  };
}

/** Throws Refused `wrong-version` for another version of the protocol, `not-allowed` for a socket that has its role. */
function assertUnauthenticated(peer: Peer, version: number): void {
  if (version !== PROTOCOL_VERSION) throw new Refused('wrong-version');
  if (peer.role.name !== 'unauthenticated') throw new Refused('not-allowed');
}

/** What stands for a ticket where the ticket itself is not to stay. */
function hashOf(ticket: string): string {
  return hash('sha256', ticket, 'base64url');
}
