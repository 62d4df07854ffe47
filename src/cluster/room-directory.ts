import type { Clock } from '../clock.ts';
import type { EndReason } from '../protocol/constants.ts';
import { Refused } from '../protocol/errors.ts';
import type { Policy, PolicyLimits } from '../protocol/messages.ts';
import {
  type Decision,
  type Doctor,
  type DoctorId,
  hashOfRoom,
  type Room,
  type RoomCounts,
  type RoomEvent,
  sameDoctor,
  sameTenant,
  type Tenant,
  type Tombstone,
} from '../rooms/room.ts';
import type { RoomService } from '../rooms/room-service.ts';
import type { Answer, Cluster, ClusterEvent, Command, RoomSnapshot } from './cluster.ts';

/** A room of any node, as a chat shows it. Every `Room` is one too. */
export interface RoomView extends Omit<RoomSnapshot, 'leftMs'> {
  /** When it ends by itself, by this node's clock. */
  readonly expiresAt: number;
}

/** What happened to a room of any node. */
export type RoomChange =
  | {
      /** `suspended` is one of this node, whose server stops. */
      kind: Exclude<Extract<ClusterEvent, { room: RoomSnapshot }>['kind'], 'ended'> | 'suspended';
      room: RoomView;
    }
  | { kind: 'ended'; room: RoomView; tombstone: Pick<Tombstone, 'reason' | 'endedAt'> };

/**
 * The rooms of all nodes, for the chats: any node may hear of a doctor's command, and another one may host the room.
 * Answers the other nodes' commands from this node's rooms, and tells them what happens to these.
 *
 * Whatever another node has to be asked for rejects with Refused `node-unreachable` when that node does not answer within
 * 1.5 s, and `unavailable` when nobody knows which node it is. What the nodes that do answer were asked for is done even so.
 */
export class RoomDirectory {
  readonly #rooms: RoomService;
  readonly #cluster: Cluster;
  readonly #clock: Pick<Clock, 'now'>;
  /** Whose drafts are being made on this node: they count before they are there. */
  readonly #drafting: Doctor[] = [];
  /** Every room that was heard of and is not over, by the hash of its id: of one that nobody hosts any more nothing else is said. */
  readonly #heard = new Map<string, RoomView>();
  #listeners: readonly ((change: RoomChange) => void)[] = [];

  constructor({ rooms, cluster, clock }: { rooms: RoomService; cluster: Cluster; clock: Pick<Clock, 'now'> }) {
    this.#rooms = rooms;
    this.#clock = clock;
    this.#cluster = cluster;
    cluster.onCommand((command) => this.#serve(command));
    cluster.onEvent((event) => this.#onClusterEvent(event));
    cluster.onGap(() => this.#onGap());
    rooms.onEvent((event) => this.#onRoomEvent(event));
    rooms.onAbsentEnds((ends) => {
      for (const { roomHash, reason, endedAt } of ends) {
        const tombstone = { reason, endedAt };
        cluster.publish({ kind: 'ended-absent', room: roomHash, tombstone });
        this.#endedAbsent(roomHash, tombstone);
      }
    });
  }

  /** See `RoomService`: the draft is this node's. */
  async draft(
    doctor: Doctor,
    choice: Partial<Policy>,
    limits: Partial<PolicyLimits>,
    phone: string | null,
    isChosen: boolean,
  ): Promise<{ room: Room; ticket: string; ticketUntil: number }> {
    this.#drafting.push(doctor);
    try {
      return await this.#rooms.draft(doctor, choice, limits, phone, isChosen);
    } catch (error) {
      this.#noLongerDrafting(doctor);
      throw error;
    }
  }

  /** A doctor's rooms that are not over, oldest first. */
  async of(doctor: DoctorId): Promise<RoomView[]> {
    const elsewhere = await this.#askOthers({ kind: 'rooms-of', doctor: doctorId(doctor) });
    const here = this.#rooms.of(doctor).map((room) => this.#snapshotOf(room));
    const all = [...here, ...elsewhere.flatMap(roomsIn)].map((room) => this.#viewOf(room));
    // A room that moves from one node to another may be on both for a moment.
    const each = [...new Map(all.map((room) => [room.id, room])).values()];
    return each.sort((a, b) => a.createdAt - b.createdAt);
  }

  /** A room that is not over; undefined otherwise. */
  find(roomId: string): Promise<RoomView | undefined> {
    return this.#atHost<RoomView | undefined>(
      { kind: 'find', roomId },
      () => Promise.resolve(this.#rooms.find(roomId)),
      (answer) => roomsIn(answer).map((room) => this.#viewOf(room))[0],
    );
  }

  /** How a room ended; undefined when it is live or unknown. Rejects with Refused `unavailable` when it cannot be read. */
  findTombstone(roomId: string): Promise<Tombstone | undefined> {
    return this.#rooms.findTombstone(roomId);
  }

  /** Whether a room of this node is over and its end is being saved: the event that tells of it follows. */
  isEnding(roomId: string): boolean {
    return this.#rooms.isEnding(roomId);
  }

  /**
   * Ends a room for good; false when it was over or never there. When its node does not answer, its end is kept even so: that
   * node finds it as soon as it can, and nobody brings the room back.
   */
  async end(roomId: string, reason: EndReason): Promise<boolean> {
    try {
      return await this.#atHost(
        { kind: 'end', roomId, reason },
        async () => (await this.#rooms.end(roomId, reason)) || (await this.#rooms.endAbsent(roomId, reason)),
        (answer) => endedIn(answer) > 0,
      );
    } catch (error) {
      if (isNodeUnreachable(error)) await this.#rooms.endAbsent(roomId, reason);
      throw error;
    }
  }

  /** Ends every room of a doctor; gives how many. */
  endAllOfDoctor(doctor: DoctorId, reason: EndReason): Promise<number> {
    return this.#endAll(this.#rooms.endAllOfDoctor(doctor, reason), {
      kind: 'end-doctor',
      doctor: doctorId(doctor),
      reason,
    });
  }

  /** Ends every room of a workspace or organisation that removed GLIR; gives how many. */
  endTenant({ platform, tenant }: Tenant, reason: EndReason): Promise<number> {
    const theirs: Tenant = { platform, tenant };
    return this.#endAll(this.#rooms.endTenant(theirs, reason), { kind: 'end-tenant', tenant: theirs, reason });
  }

  /**
   * The doctor decided in the chat; the composer carries it out.
   * Rejects with Refused: `unknown-room`, `ended-room`, `unknown-reader` when nobody by that id waits any more.
   */
  requestDecision(roomId: string, readerId: string, decision: Decision): Promise<void> {
    return this.#atHost<void>(
      { kind: 'decision', roomId, readerId, decision },
      () => this.#rooms.requestDecision(roomId, readerId, decision),
      () => undefined,
    );
  }

  /**
   * The doctor asked for more time in the chat; the composer carries it out.
   * Rejects with Refused: `unknown-room`, `ended-room`, `not-open`, `not-allowed` when the room has its longest life.
   */
  requestMoreTime(roomId: string): Promise<void> {
    return this.#atHost<void>(
      { kind: 'more-time', roomId },
      () => this.#rooms.requestMoreTime(roomId),
      () => undefined,
    );
  }

  /** How many rooms this node has of a doctor, those that it is about to begin among them. */
  countHere(doctor: DoctorId): RoomCounts {
    const { user, tenant } = this.#rooms.countOf(doctor);
    return {
      user: user + this.#drafting.filter((other) => sameDoctor(other, doctor)).length,
      tenant: tenant + this.#drafting.filter((other) => sameTenant(other, doctor)).length,
    };
  }

  /** The same for all other nodes together. Rejects with Refused `unavailable` when it cannot be known. */
  countElsewhere(doctor: DoctorId): Promise<RoomCounts> {
    return this.#rooms.countElsewhere(doctor);
  }

  /** Calls `listener` on every change of a room of any node, until the returned function is called. */
  onEvent(listener: (change: RoomChange) => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== listener);
    };
  }

  #onRoomEvent(event: RoomEvent): void {
    // In the same turn in which the room is there, so that nobody counts it twice.
    if (event.kind === 'drafted') this.#noLongerDrafting(event.room.doctor);
    if (event.kind === 'recovered') {
      this.#cluster.publish({ kind: 'moved', roomId: event.room.id, epoch: event.epoch });
    }
    const published = publishedEvent(event, this.#snapshotOf(event.room));
    if (published !== null) this.#cluster.publish(published);
    const change = changeOf(event);
    if (change !== null) this.#tell(change);
  }

  #onClusterEvent(event: ClusterEvent): void {
    switch (event.kind) {
      case 'moved':
        return this.#rooms.moved(event.roomId, event.epoch);
      case 'ended-absent':
        // This node may have taken it for one of its own.
        void this.#rooms.verify();
        return this.#endedAbsent(event.room, event.tombstone);
      case 'wrong-guess':
        return undefined;
      case 'ended':
        // A former host may have ended what this node hosts by now.
        if (this.#rooms.find(event.room.id) !== undefined) void this.#rooms.verify();
        return this.#tell({ ...event, room: this.#viewOf(event.room) });
      default:
        return this.#tell({ ...event, room: this.#viewOf(event.room) });
    }
  }

  /** Others may have missed what happened here, and this node what happened there. */
  #onGap(): void {
    void this.#rooms.verify();
    for (const room of this.#rooms.all()) {
      if (room.state === 'open') this.#cluster.publish({ kind: 'resumed', room: this.#snapshotOf(room) });
    }
  }

  #endedAbsent(roomHash: string, tombstone: { reason: EndReason; endedAt: number }): void {
    const room = this.#heard.get(roomHash);
    if (room !== undefined) this.#tell({ kind: 'ended', room: { ...room, state: 'ended' }, tombstone });
  }

  #tell(change: RoomChange): void {
    const hash = hashOfRoom(change.room.id);
    if (change.kind === 'ended') this.#heard.delete(hash);
    else this.#heard.set(hash, change.room);
    for (const listener of this.#listeners) listener(change);
  }

  /** What another node asks of this one. */
  async #serve(command: Command): Promise<Answer> {
    try {
      return await this.#answer(command);
    } catch (error) {
      if (error instanceof Refused) return { kind: 'refused', code: error.code };
      throw error;
    }
  }

  async #answer(command: Command): Promise<Answer> {
    const rooms = this.#rooms;
    switch (command.kind) {
      case 'find': {
        const room = rooms.find(command.roomId);
        return { kind: 'rooms', rooms: room === undefined ? [] : [this.#snapshotOf(room)] };
      }
      case 'rooms-of':
        return { kind: 'rooms', rooms: rooms.of(command.doctor).map((room) => this.#snapshotOf(room)) };
      case 'end':
        return { kind: 'ended', count: (await rooms.end(command.roomId, command.reason)) ? 1 : 0 };
      case 'end-doctor':
        return { kind: 'ended', count: await rooms.endAllOfDoctor(command.doctor, command.reason) };
      case 'end-tenant':
        return { kind: 'ended', count: await rooms.endTenant(command.tenant, command.reason) };
      case 'decision':
        await rooms.requestDecision(command.roomId, command.readerId, command.decision);
        return { kind: 'done' };
      case 'more-time':
        await rooms.requestMoreTime(command.roomId);
        return { kind: 'done' };
    }
  }

  /** Here when the room is here or nowhere, and otherwise by its host. */
  async #atHost<Result>(
    command: Command & { roomId: string },
    here: () => Promise<Result>,
    read: (answer: Answer) => Result,
  ): Promise<Result> {
    if (this.#rooms.find(command.roomId) !== undefined) return await here();
    const host = await this.#cluster.locate(command.roomId);
    if (host === null) return await here();
    const [answer] = await this.#ask(host.run, command);
    if (answer === undefined) throw new Refused('node-unreachable');
    return read(answer);
  }

  async #endAll(endingHere: Promise<number>, command: Command): Promise<number> {
    const [here, elsewhere] = await Promise.all([endingHere, this.#askOthers(command)]);
    return elsewhere.reduce((sum, answer) => sum + endedIn(answer), here);
  }

  #askOthers(command: Command): Promise<readonly Answer[]> {
    return this.#ask('others', command);
  }

  /** Rejects when one of the nodes that were asked refuses or does not answer. */
  async #ask(target: string, command: Command): Promise<readonly Answer[]> {
    const { answers, missing } = await this.#cluster.ask(target, command);
    if (missing > 0) throw new Refused('node-unreachable');
    for (const answer of answers) if (answer.kind === 'refused') throw new Refused(answer.code);
    return answers;
  }

  /** Only what the schema knows crosses nodes, and no time by this node's clock that another one would count by. */
  #snapshotOf(room: Room): RoomSnapshot {
    const { id, doctor, state, createdAt, reading, waiting, readBy, isPageVisible } = room;
    const leftMs = this.#rooms.leftMs(room);
    const left = Number.isFinite(leftMs) ? Math.max(0, leftMs) : 0;
    return { id, doctor: doctorId(doctor), state, createdAt, leftMs: left, reading, waiting, readBy, isPageVisible };
  }

  #viewOf({ leftMs, ...room }: RoomSnapshot): RoomView {
    return { ...room, expiresAt: this.#clock.now() + leftMs };
  }

  #noLongerDrafting(doctor: Doctor): void {
    const index = this.#drafting.findIndex((other) => sameDoctor(other, doctor));
    if (index >= 0) this.#drafting.splice(index, 1);
  }
}

/** Whether a call of the directory failed because a node that hosts a room, or may host one, does not answer. */
export function isNodeUnreachable(error: unknown): boolean {
  return error instanceof Refused && error.code === 'node-unreachable';
}

function doctorId({ platform, tenant, user }: DoctorId): DoctorId {
  return { platform, tenant, user };
}

/** What this node's chats hear; null for what is between the chat and the composer's page, or the nodes. */
function changeOf(event: RoomEvent): RoomChange | null {
  if ('readerId' in event || event.kind === 'moved' || event.kind === 'more-time-requested') return null;
  return event;
}

/** What other nodes hear; null for what is between the chat and the composer's page. */
function publishedEvent(event: RoomEvent, room: RoomSnapshot): ClusterEvent | null {
  switch (event.kind) {
    case 'decision-requested':
    case 'decision-made':
    case 'more-time-requested':
    case 'moved':
      return null;
    case 'suspended': {
      const state = room.state === 'open' ? 'interrupted' : room.state;
      return { kind: 'interrupted', room: { ...room, state, waiting: [] } };
    }
    case 'ended': {
      if (event.elsewhere) return null;
      const { reason, endedAt } = event.tombstone;
      return { kind: 'ended', room, tombstone: { reason, endedAt } };
    }
    default:
      return { kind: event.kind, room };
  }
}

function roomsIn(answer: Answer): RoomSnapshot[] {
  return answer.kind === 'rooms' ? answer.rooms : [];
}

function endedIn(answer: Answer): number {
  return answer.kind === 'ended' ? answer.count : 0;
}
