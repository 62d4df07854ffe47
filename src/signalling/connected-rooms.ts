import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Cluster, ClusterEvent } from '../cluster/cluster.ts';
import { oldestOfMostCrowded } from '../limits/concurrency.ts';
import type { FailureLog } from '../limits/failure-log.ts';
import { ROOM_LIMITS } from '../limits/socket-limits.ts';
import { type Metrics, NO_METRICS } from '../metrics/metrics.ts';
import { Refused } from '../protocol/errors.ts';
import type { FilesLimits } from '../protocol/messages.ts';
import type { OwnerClaims } from '../rooms/owner-tokens.ts';
import { hashOfRoom, type Room, roomTag, type Tombstone } from '../rooms/room.ts';
import type { RoomEvent, RoomService } from '../rooms/room-service.ts';
import type { PeerTransport } from '../sfu/peer-transport.ts';
import type { WorkerPool } from '../sfu/worker-pool.ts';
import { ConnectedRoom, type ReaderSession } from './connected-room.ts';
import { CLOSE, type Peer } from './peer.ts';
import { createReaderTimes, type ReaderTimes } from './reader-times.ts';

/** How long after a room's host could not be found out, or did not answer, it is looked for again. */
const LOOK_AGAIN_MS = 1_000;
/** A host that is dead is known to be so by then. */
const SILENT_TRIES = 6;

/**
 * All rooms' connections. Listens to the rooms: whatever ends or interrupts a room there closes its connections here
 * and tells everybody whose socket belongs to it.
 */
export class ConnectedRooms {
  readonly rooms: RoomService;
  readonly clock: Clock;
  readonly log: Logger;
  readonly cluster: Cluster;
  /** Begins another note of the same doctor's, and gives its ticket. */
  readonly draftAgain: (claims: OwnerClaims) => Promise<string>;
  readonly failures: FailureLog;
  readonly metrics: Metrics;
  readonly times: ReaderTimes;
  /** What a note's files may take. */
  readonly files: FilesLimits;
  readonly #workers: WorkerPool;
  readonly #connected = new Map<string, ConnectedRoom>();
  /** Everybody who showed a room's join key, connected to its router or not. */
  readonly #receivers = new Map<string, Set<Peer>>();
  /** Rooms whose host is being looked for. */
  readonly #sought = new Set<string>();

  constructor(deps: {
    rooms: RoomService;
    cluster: Cluster;
    draftAgain: (claims: OwnerClaims) => Promise<string>;
    workers: WorkerPool;
    failures: FailureLog;
    metrics?: Metrics;
    files: FilesLimits;
    clock: Clock;
    log: Logger;
  }) {
    this.rooms = deps.rooms;
    this.clock = deps.clock;
    this.log = deps.log;
    this.cluster = deps.cluster;
    this.draftAgain = deps.draftAgain;
    this.failures = deps.failures;
    this.metrics = deps.metrics ?? NO_METRICS;
    this.times = createReaderTimes(this.metrics, deps.clock);
    this.files = deps.files;
    this.#workers = deps.workers;
    this.rooms.onEvent((event) => this.#onRoomEvent(event), { first: true });
    this.rooms.onAbsentEnds((ends) => {
      for (const { roomHash } of ends) void this.#onAbsentEnd(roomHash);
    });
    this.cluster.onEvent((event) => this.#onClusterEvent(event));
    this.cluster.onGap(() => {
      for (const roomId of this.#receivers.keys()) void this.#lookAgain(roomId);
    });
  }

  find(roomId: string): ConnectedRoom | undefined {
    return this.#connected.get(roomId);
  }

  /** Throws Refused `not-open` while the composer is away, and once the room is over. */
  get(roomId: string): ConnectedRoom {
    const connected = this.#connected.get(roomId);
    if (connected === undefined || this.rooms.find(roomId) === undefined) throw new Refused('not-open');
    return connected;
  }

  /** Gives a room its router with this peer as its composer; an older connection of the same tab is closed. */
  async connectComposer(room: Room, peer: Peer): Promise<PeerTransport> {
    const router = await this.#workers.openRoom(room.id).catch((error: unknown) => this.#notConnected(room.id, error));
    try {
      // Nobody else has this router yet, so that only a dead worker closes it.
      const transport = await router.openTransport(null).catch((error: unknown) => {
        throw error instanceof Refused ? new Refused('unavailable') : error;
      });
      // Asked without waiting: the room must not end between the answer and what follows.
      if (this.rooms.find(room.id) === undefined) await this.rooms.getLive(room.id);
      const before = this.#connected.get(room.id);
      if (before !== undefined) this.#replace(before);
      peer.role = { name: 'composer', roomId: room.id, transport };
      this.#connected.set(room.id, new ConnectedRoom(room.id, router, peer, transport, this.clock));
      router.onClose((cause) => cause === 'lost' && this.#onWorkerLost(room.id));
      this.rooms.composerBack(room.id);
      return transport;
    } catch (error) {
      router.close();
      return this.#notConnected(room.id, error);
    }
  }

  /** A composer that could not be connected may try again for as long as one that was cut off; then its room ends. */
  #notConnected(roomId: string, error: unknown): never {
    if (!this.#connected.has(roomId)) this.rooms.composerLost(roomId);
    throw error;
  }

  /** Milliseconds for which what a room's tabs are given has to work: to its end, of a draft to the latest that there can be. */
  lifeMs(room: Room): number {
    return this.rooms.leftMs(room) + (room.openedAt === null ? room.limits.expiryMaxSeconds * 1000 : 0);
  }

  /** Tells somebody who proved to belong to a room that is over. */
  sendEnded({ reason, endedAt, phone }: Tombstone, peer: Peer): void {
    peer.send({ t: 'ended', reason, agoMs: this.clock.now() - endedAt, phone });
    peer.close(CLOSE.done);
  }

  /** What is left of an open room's life and all of it, in milliseconds. */
  timeOf(room: Room): { leftMs: number; totalMs: number } {
    return { leftMs: this.rooms.leftMs(room), totalMs: room.policy.expirySeconds * 1000 };
  }

  /** Beyond what a room may have, whoever has gone longest without a tap in the most crowded network goes. */
  addReceiver(roomId: string, peer: Peer): void {
    const receivers = this.#receivers.get(roomId) ?? new Set();
    const untapped = [...receivers].filter((one) => one !== peer && !this.#hasTapped(one));
    const evicted =
      receivers.size < ROOM_LIMITS.receivers ? undefined : oldestOfMostCrowded(untapped, ({ network }) => network);
    this.#receivers.set(roomId, receivers.add(peer));
    if (evicted === undefined) return;
    const reader = this.#connected.get(roomId)?.readers.get(readerIdOf(evicted) ?? '');
    if (reader !== undefined) this.removeUntapped(roomId, reader.id);
    receivers.delete(evicted);
    evicted.close(CLOSE.policy);
  }

  #hasTapped(peer: Peer): boolean {
    if (peer.role.name !== 'receiver') return false;
    const reader = this.#connected.get(peer.role.roomId)?.readers.get(readerIdOf(peer) ?? '');
    return reader !== undefined && reader.state !== 'joined';
  }

  /** A reader that did not tap gives its place to others; its page comes back with the tap. */
  removeUntapped(roomId: string, readerId: string): void {
    const connected = this.#connected.get(roomId);
    const reader = connected?.readers.get(readerId);
    if (connected === undefined || reader === undefined) return;
    reader.peer.send({ t: 'untapped' });
    this.removeReader(connected, reader);
  }

  /** A reader that says more than a page does, or more than the composer can read: its socket goes with it. */
  dropReader(connected: ConnectedRoom, reader: ReaderSession): void {
    this.log.warn({ event: 'reader-dropped', room: roomTag(connected.roomId) });
    reader.peer.send({ t: 'refused', code: 'too-often' });
    this.removeReader(connected, reader);
    reader.peer.close(CLOSE.policy);
  }

  /**
   * Somebody begins to wait here for a room that was found nowhere. Another node may have taken or ended it since, and have
   * said so before anybody waited here: it is looked for once more, until it is known who has it.
   */
  lookForHost(roomId: string): void {
    if (this.#sought.has(roomId)) return;
    this.#sought.add(roomId);
    void this.#seek(roomId, 1);
  }

  removeReceiver(roomId: string, peer: Peer): void {
    const receivers = this.#receivers.get(roomId);
    receivers?.delete(peer);
    if (receivers?.size === 0) this.#receivers.delete(roomId);
  }

  /** A reader's connection goes; its socket stays. Tells the composer. */
  removeReader(connected: ConnectedRoom, reader: ReaderSession): void {
    connected.dropReader(reader);
    if (reader.peer.role.name === 'receiver') reader.peer.role.readerId = null;
    connected.composer.send({ t: 'reader-left', readerId: reader.id, prekeyId: reader.prekeyId });
    this.rooms.setReading(connected.roomId, connected.reading);
    this.log.info({ event: 'reader-left', room: roomTag(connected.roomId), was: reader.state });
  }

  /**
   * Whoever has not been let in yet was told another way to get in than there is from now on: their pages connect again, and
   * hear of it.
   */
  removeUnadmitted(connected: ConnectedRoom): void {
    for (const reader of [...connected.readers.values()]) {
      if (reader.state === 'reading') continue;
      reader.peer.send({ t: 'untapped' });
      this.removeReader(connected, reader);
    }
  }

  /** The composer's socket closed without a word: the room waits for it. */
  composerDisconnected(peer: Peer): void {
    if (peer.role.name !== 'composer') return;
    const { roomId } = peer.role;
    if (this.#connected.get(roomId)?.composer !== peer) return;
    this.#disconnect(roomId);
    this.rooms.composerLost(roomId);
  }

  #onRoomEvent(event: RoomEvent): void {
    const { room } = event;
    const tag = roomTag(room.id);
    const { admission, expirySeconds, maxReaders } = room.policy;
    switch (event.kind) {
      case 'opened':
        return this.log.info({ event: 'room-opened', room: tag, admission, expirySeconds, maxReaders });
      case 'ended':
        this.log.info({ event: 'room-ended', room: tag, reason: event.tombstone.reason });
        return this.#endConnections(event.tombstone);
      case 'extended':
        this.log.info({ event: 'room-extended', room: tag, expirySeconds });
        return this.#sendTime(room);
      case 'restricted':
        this.log.info({ event: 'room-restricted', room: tag, admission, expirySeconds, maxReaders });
        return this.#sendTime(room);
      case 'recovered':
        return this.log.info({ event: 'room-recovered', room: tag, platform: room.doctor.platform });
      case 'suspended':
        return this.#notifyReceivers(room.id, 'interrupted');
      case 'moved':
        this.log.info({ event: 'room-moved', room: tag });
        return this.#onMoved(room.id);
      case 'interrupted':
      case 'resumed':
        this.log.info({ event: `room-${event.kind}`, room: tag });
        return this.#notifyReceivers(room.id, event.kind);
      case 'decision-requested': {
        const { readerId, decision } = event;
        return this.#connected.get(room.id)?.composer.send({ t: 'decision-requested', readerId, decision });
      }
      case 'more-time-requested':
        return this.#connected.get(room.id)?.composer.send({ t: 'more-time-requested' });
      case 'drafted':
        return this.log.info({ event: 'room-drafted', room: tag, platform: room.doctor.platform });
      case 'readers-changed':
      case 'decision-made':
    }
  }

  /** What happens at other nodes concerns readers who came to this one and wait here. */
  #onClusterEvent(event: ClusterEvent): void {
    switch (event.kind) {
      case 'resumed':
        if (this.rooms.find(event.room.id) === undefined) this.#sendWaiting(event.room.id, { t: 'resumed' });
        return undefined;
      case 'ended':
        return void this.#endWaiting(event.room.id);
      case 'ended-absent':
        return void this.#onAbsentEnd(event.room);
      case 'moved':
        return this.#leaveHost(event.roomId);
      default:
    }
  }

  /** Readers who were passed on to the room's node wait here until the next one has the room. */
  #leaveHost(roomId: string): void {
    for (const peer of this.#receivers.get(roomId) ?? []) {
      if (peer.host === null) continue;
      peer.host.close();
      peer.host = null;
      peer.send({ t: 'interrupted' });
    }
  }

  /** Its composer is at another node: whoever reads here has to follow, and an older connection of the same tab goes. */
  #onMoved(roomId: string): void {
    const composer = this.#connected.get(roomId)?.composer;
    this.#disconnect(roomId);
    if (composer !== undefined) {
      composer.role = { name: 'unauthenticated' };
      composer.close(CLOSE.restart);
    }
    this.#notifyReceivers(roomId, 'interrupted');
  }

  async #onAbsentEnd(roomHash: string): Promise<void> {
    for (const roomId of this.#receivers.keys()) {
      if (hashOfRoom(roomId) === roomHash) await this.#endWaiting(roomId);
    }
  }

  /** Events may have been missed: what became of a room that is not here. */
  async #lookAgain(roomId: string): Promise<void> {
    if (this.rooms.find(roomId) !== undefined) return;
    const host = await this.cluster.locate(roomId).catch(unlessRefused);
    if (host == null) return await this.#endWaiting(roomId);
    this.#sendWaiting(roomId, { t: 'resumed' });
  }

  async #seek(roomId: string, tries: number): Promise<void> {
    const found = await this.#hostAnswers(roomId);
    const isOpen = found === 'unknown' || (found === 'silent' && tries < SILENT_TRIES);
    if (isOpen && this.#receivers.has(roomId)) {
      this.clock.after(LOOK_AGAIN_MS, () => void this.#seek(roomId, tries + 1));
      return;
    }
    this.#sought.delete(roomId);
    if (found === 'answers') this.#sendWaiting(roomId, { t: 'resumed' });
    if (found === 'none') await this.#endWaiting(roomId);
    if (found === 'silent') this.#sendElsewhere(roomId);
  }

  /** The room's host is alive, and this node does not reach it: another node, or the host itself, may serve them. */
  #sendElsewhere(roomId: string): void {
    const waiting = [...(this.#receivers.get(roomId) ?? [])].filter(({ host }) => host === null);
    this.log.warn({ event: 'node-unreachable', room: roomTag(roomId), readers: waiting.length });
    for (const peer of waiting) peer.close(CLOSE.restart);
  }

  /**
   * `here`, `none`: whoever takes the room from now on says so. `unknown`: nobody can be asked. `silent`: a host that may be
   * dead does not answer.
   */
  async #hostAnswers(roomId: string): Promise<'answers' | 'here' | 'none' | 'silent' | 'unknown'> {
    if (this.rooms.find(roomId) !== undefined) return 'here';
    try {
      const host = await this.cluster.locate(roomId);
      if (host === null) return 'none';
      return (await this.cluster.answersAt(host.url, host.run)) ? 'answers' : 'silent';
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      return 'unknown';
    }
  }

  #sendWaiting(roomId: string, message: { t: 'resumed' }): void {
    for (const peer of this.#receivers.get(roomId) ?? []) if (peer.host === null) peer.send(message);
  }

  /** Tells readers who wait here how their room ended, if it has. */
  async #endWaiting(roomId: string): Promise<void> {
    const tombstone = await this.rooms.findTombstone(roomId).catch(unlessRefused);
    if (tombstone == null) return;
    for (const peer of [...(this.#receivers.get(roomId) ?? [])]) {
      // Its own node tells the others.
      if (peer.host !== null) continue;
      this.removeReceiver(roomId, peer);
      peer.role = { name: 'unauthenticated' };
      this.sendEnded(tombstone, peer);
    }
  }

  #sendTime(room: Room): void {
    const time = { t: 'time-left', ...this.timeOf(room) } as const;
    for (const peer of this.#receivers.get(room.id) ?? []) peer.send(time);
  }

  #endConnections(tombstone: Tombstone): void {
    const { roomId, reason, phone } = tombstone;
    const connected = this.#connected.get(roomId);
    const peers = [...(this.#receivers.get(roomId) ?? []), ...(connected === undefined ? [] : [connected.composer])];
    for (const peer of peers) {
      peer.role = { name: 'unauthenticated' };
      peer.send({ t: 'ended', reason, agoMs: 0, phone });
      peer.close(CLOSE.done);
    }
    this.#receivers.delete(roomId);
    this.#disconnect(roomId);
  }

  #notifyReceivers(roomId: string, t: 'interrupted' | 'resumed'): void {
    for (const peer of this.#receivers.get(roomId) ?? []) {
      if (peer.role.name === 'receiver') peer.role.readerId = null;
      peer.send({ t });
    }
  }

  #disconnect(roomId: string): void {
    const connected = this.#connected.get(roomId);
    this.#connected.delete(roomId);
    connected?.close();
    this.rooms.setReading(roomId, 0);
  }

  /** The same tab came back before its old socket was known to be dead: readers have to join its new router. */
  #replace(before: ConnectedRoom): void {
    before.composer.role = { name: 'unauthenticated' };
    before.composer.close(CLOSE.policy);
    this.#disconnect(before.roomId);
    this.rooms.composerLost(before.roomId);
  }

  /** The composer's page still has the note: it is sent away to come back to another worker. */
  #onWorkerLost(roomId: string): void {
    const composer = this.#connected.get(roomId)?.composer;
    if (composer === undefined) return;
    this.composerDisconnected(composer);
    composer.role = { name: 'unauthenticated' };
    composer.close(CLOSE.restart);
  }
}

function readerIdOf({ role }: Peer): string | null {
  return role.name === 'receiver' ? role.readerId : null;
}

/** Null for what could not be asked; it is asked again with the next event. */
function unlessRefused(error: unknown): null {
  if (error instanceof Refused) return null;
  throw error;
}
