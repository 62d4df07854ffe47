import { createHash } from 'node:crypto';
import { pino } from 'pino';
import { expect } from 'vitest';
import { LocalCluster } from '../../src/cluster/local-cluster.ts';
import { createAddressLimits } from '../../src/limits/address-limits.ts';
import { createFailureLog } from '../../src/limits/failure-log.ts';
import { randomBytes, toBase64Url } from '../../src/protocol/bytes.ts';
import { type Refusal, Refused } from '../../src/protocol/errors.ts';
import { replySchemas, type ServerMessage } from '../../src/protocol/messages.ts';
import type { RoomEvent, RoomService } from '../../src/rooms/room-service.ts';
import { ConnectedRooms } from '../../src/signalling/connected-rooms.ts';
import { createDispatcher } from '../../src/signalling/dispatcher.ts';
import { type MovableClock, standingClock } from '../support/server/movable-clock.ts';
import { type FakeChannel, type FakeRoom, FakeSfu } from '../support/signalling/fake-sfu.ts';
import { type Disk, disk, type Practice, practice } from '../unit/rooms/setup.ts';
import { type KnownReader, type KnownRoom, reached } from './signalling-known.ts';
import { type Asked, Line } from './signalling-line.ts';

const MANY = 1_000_000;
const LIMITS = { requests: MANY, sockets: MANY, entries: MANY, wrongTries: MANY };
const PER_HOUR = { user: MANY, tenant: MANY };
const SPARE_READERS = 8;

/** The server under test, with several sockets, and a book of who may do what. */
export class Scene {
  readonly rooms: KnownRoom[] = [];
  readonly lines: Line[] = [];
  readonly time: MovableClock = standingClock();
  readonly faults: unknown[] = [];
  sfu = new FakeSfu();
  /** Somebody beside the signalling ends rooms. */
  endsFromOutside = false;
  readonly #kept: Disk;
  /** Who put a box in, and for which reader; null for the composer. */
  readonly #boxes = new Map<string, { from: Line; to: string | null }[]>();
  #isAlive = { yes: true };
  #server: { practice: Practice; dispatcher: ReturnType<typeof createDispatcher> } | null = null;
  #boxCount = 0;

  private constructor(kept: Disk) {
    this.#kept = kept;
  }

  static async begin(): Promise<Scene> {
    const scene = new Scene(await disk());
    await scene.#start();
    return scene;
  }

  get rules(): RoomService {
    return this.#running.practice.rooms;
  }

  get #running() {
    if (this.#server === null) throw new Error('no server runs');
    return this.#server;
  }

  /** A new socket. */
  line(): Line {
    const line = new Line(`line ${this.lines.length}`, this.time, this.#running.dispatcher, {
      begun: (...all) => this.#begun(...all),
      heard: (...all) => this.#heard(...all),
      answered: (...all) => this.#answered(...all),
      done: (who, { message }) => {
        if (message?.t !== 'leave') return;
        Object.assign(who, { inside: null, seated: false });
      },
      fault: (error) => this.faults.push(error),
    });
    this.lines.push(line);
    return line;
  }

  async draft(): Promise<void> {
    const { room, ticket } = await this.rules.draft({
      platform: 'slack',
      tenant: 'T',
      user: 'U',
      displayName: 'Dr Rossi',
    });
    const joinKey = randomBytes(32);
    this.rooms.push({
      id: room.id,
      ticket,
      joinKey: toBase64Url(joinKey),
      joinHash: createHash('sha256').update(joinKey).digest('base64url'),
      ...{
        tokens: [],
        readers: [],
        seats: [],
        composer: null,
        page: null,
        shared: null,
        admittedBefore: 0,
        over: null,
        forgotten: false,
      },
    });
  }

  /** A box that nobody has sent yet. */
  ciphertext(): string {
    this.#boxCount += 1;
    return `box-${this.#boxCount}`;
  }

  /** The server stops, or dies without a word, and starts again on the same disk. Every socket is gone. */
  async restart(how: 'stop' | 'crash'): Promise<void> {
    this.endsFromOutside = true;
    if (how === 'stop') this.rules.suspend();
    this.endsFromOutside = false;
    this.#isAlive.yes = false;
    await this.rules.close();
    if (how === 'stop') await this.#running.practice.persistence.close();
    this.lines.length = 0;
    for (const room of this.rooms) {
      room.composer = null;
      room.seats.length = 0;
    }
    this.#isAlive = { yes: true };
    this.sfu = new FakeSfu();
    await this.#start();
  }

  /** What has to be true after every step, when everybody has been answered who could be. */
  async check(): Promise<void> {
    // The first is what happened; what follows comes of it.
    if (this.faults.length > 0) throw this.faults[0];
    for (const room of this.rooms) await this.#checkRoom(room);
    for (const line of this.lines) {
      const waits = this.sfu.slow || line.working === null || line.working.message?.t === 'join';
      expect(waits, `"${line.working?.message?.t}" is never answered`).toBe(true);
    }
    for (const seat of this.sfu.rooms) if (seat.isOpen) this.#checkSeat(seat);
  }

  async #checkRoom(room: KnownRoom): Promise<void> {
    // It did not come back after a restart, and there was no event of that.
    if (room.over === null && room.composer === null && this.rules.find(room.id) === undefined) {
      room.over = (await this.rules.findTombstone(room.id))?.reason ?? null;
      room.forgotten = true;
    }
    if (room.over !== null) await this.#checkOver(room);
  }

  async #checkOver({ id, over, seats, forgotten }: KnownRoom): Promise<void> {
    expect(this.rules.find(id)).toBeUndefined();
    expect(await this.rules.findTombstone(id)).toMatchObject({ reason: over });
    expect(seats.filter(({ isOpen }) => isOpen).length, 'channels of a room that is over').toBe(0);
    for (const line of forgotten ? [] : this.lines) {
      if (line.inside?.id === id) expect(line.ended || !line.isOpen, 'somebody was not told of the end').toBe(true);
    }
  }

  #checkSeat(seat: FakeRoom): void {
    const room = this.rooms.find(({ seats }) => seats.at(-1) === seat);
    if (room === undefined) {
      const coming = this.lines.some(({ working }) => working !== null);
      return expect(coming && this.sfu.slow, 'channels are open that belong to nobody').toBe(true);
    }
    expect(room.over).toBeNull();
    expect(room.composer?.gone, 'channels outlive their composer').toBe(false);
    const most = room.shared?.maxReaders ?? 0;
    room.admittedBefore = Math.min(room.admittedBefore, seat.flowing.length);
    expect(seat.flowing.length, 'readers who are admitted').toBeLessThanOrEqual(Math.max(most, room.admittedBefore));
    // The first is the composer's.
    expect(seat.connected.length - 1, 'connected readers').toBeLessThanOrEqual(room.shared ? most + SPARE_READERS : 0);
  }

  #begun(line: Line, { message }: Asked): void {
    if (message?.t !== 'sealed' && message?.t !== 'knock') return;
    const to = message.t === 'sealed' ? (message.readerId ?? null) : null;
    this.#boxes.set(message.ciphertext, [...(this.#boxes.get(message.ciphertext) ?? []), { from: line, to }]);
  }

  #answered(line: Line, { message }: Asked, code: Refusal | null, data: unknown): void {
    if (code !== null) reached.refused += 1;
    if (code === 'room-full') reached.full += 1;
    if (message === null) return expect(code).toBe('bad-message');
    if (message.t === 'join' && code !== null) {
      const room = this.#room(message.roomId);
      // Whoever showed the right key is told what becomes of the room.
      if (room?.joinKey === message.joinKey && ['not-open', 'no-prekey', 'room-full'].includes(code))
        line.inside = room;
      return;
    }
    if (code !== null) return;
    switch (message.t) {
      case 'compose': {
        const given = replySchemas.compose.parse(data);
        const room = this.#seat(line, given.roomId, given.transport.id);
        expect(message.ticket, 'a composer without the ticket').toBe(room.ticket);
        expect(room.shared, 'a ticket was good after "Share"').toBeNull();
        if (room.page !== null) expect(message.page, 'a ticket was good twice').toBe(room.page);
        room.page = message.page ?? '';
        room.tokens.push(given.ownerToken);
        return;
      }
      case 'resume': {
        const given = replySchemas.resume.parse(data);
        const room = this.#seat(line, given.roomId, given.transport.id);
        expect(room.tokens, 'a composer without a token of its room').toContain(message.ownerToken);
        room.tokens.push(given.ownerToken);
        return;
      }
      case 'join':
        return this.#joined(line, message, data);
      case 'knock': {
        const reader = this.#reader(line.readerIds.at(-1));
        expect(reader?.line).toBe(line);
        if (reader !== undefined) reader.knocked = true;
        reached.knocks += 1;
        return;
      }
      case 'share':
      case 'extend':
        line.inside?.tokens.push(replySchemas.share.parse(data).ownerToken);
        return expect(line.seated, `"${message.t}" of nobody's`).toBe(true);
      case 'prekey':
      case 'admit':
      case 'refuse':
      case 'report-readers':
      case 'end':
        return expect(line.seated, `"${message.t}" of somebody who is no composer`).toBe(true);
      default:
        expect(line.inside, `"${message.t}" of a stranger`).not.toBeNull();
    }
  }

  #seat(line: Line, roomId: string, transportId: string): KnownRoom {
    const room = this.#room(roomId);
    if (room === undefined) throw new Error('a composer of a room that nobody drafted');
    expect(room.over, 'a room is back that was over').toBeNull();
    Object.assign(line, { inside: room, seated: true });
    room.composer = line;
    const seat = this.sfu.roomOf(transportId);
    if (seat !== undefined) room.seats.push(seat);
    reached.seats += 1;
    return room;
  }

  #joined(line: Line, { roomId, joinKey }: { roomId: string; joinKey: string }, data: unknown): void {
    const given = replySchemas.join.parse(data);
    const room = this.#room(roomId);
    const channel = this.sfu.channel(given.channel.id);
    expect(joinKey, 'somebody without the link is in').toBe(room?.joinKey);
    if (room?.shared == null || channel === undefined) throw new Error('a reader of nothing');
    expect(room.over, 'a reader in a room that is over').toBeNull();
    expect(channel.transport.id, "the reader got another's transport").toBe(given.transport.id);
    expect(channel.transport.room, "the reader got another room's channels").toBe(room.seats.at(-1));
    const prekeyId = given.channel.dataProducerId;
    const served = this.rooms.flatMap(({ readers }) => readers).map((other) => other.prekeyId);
    expect(served, 'an offer served two').not.toContain(prekeyId);
    room.readers.push({ id: given.readerId, line, channelId: given.channel.id, prekeyId, knocked: false });
    line.readerIds.push(given.readerId);
    line.inside = room;
    reached.joins += 1;
  }

  #heard(line: Line, message: ServerMessage): void {
    const isOver = line.inside?.over != null;
    if (isOver) expect(message.t, 'to somebody whose room is over').toBe('ended');
    switch (message.t) {
      case 'ended': {
        const room = line.inside ?? this.#asksFor(line);
        // Nobody brought it back after a restart: whoever waits for it hears first; the tombstone is looked at afterwards.
        if (room?.over === null && room.composer === null && this.rules.find(room.id) === undefined) {
          Object.assign(room, { over: message.reason, forgotten: true });
        }
        expect(message.reason).toBe(room?.over);
        expect(line.ended, 'told twice of the end').toBe(false);
        line.ended = true;
        return;
      }
      case 'sealed':
      case 'knocked':
        return this.#boxArrived(line, message.ciphertext, message.readerId);
      case 'reader-left':
      case 'prekey-taken':
      case 'decision-requested':
        return expect(line.inside?.composer, `"${message.t}" is the composer's`).toBe(line);
      case 'time-left':
      case 'interrupted':
      case 'resumed':
      case 'declined':
      case 'untapped':
        return expect(line.inside ?? this.#asksFor(line), `"${message.t}" to a stranger`).not.toBeNull();
      default:
        throw new Error(`"${message.t}" unasked`);
    }
  }

  #boxArrived(line: Line, ciphertext: string, readerId: string | undefined): void {
    reached.told += 1;
    const sent = this.#boxes.get(ciphertext) ?? [];
    const from = this.#reader(readerId)?.line;
    const isRight =
      readerId === undefined
        ? sent.some(({ from: who, to }) => who === line.inside?.composer && to !== null && line.readerIds.includes(to))
        : line.inside?.composer === line && from?.inside === line.inside && sent.some(({ from: who }) => who === from);
    expect(isRight, "somebody got another's box").toBe(true);
  }

  #resumed(channel: FakeChannel): void {
    const room = this.rooms.find(({ readers }) => readers.some(({ channelId }) => channelId === channel.info.id));
    const reader = room?.readers.find(({ channelId }) => channelId === channel.info.id);
    const isAdmitted = this.lines.some((line) => {
      const asked = line.working?.message;
      if (asked?.t === 'knock') return line === reader?.line && room?.shared?.admission === 'link';
      return asked?.t === 'admit' && line === room?.composer && asked.readerId === reader?.id && reader.knocked;
    });
    if (!isAdmitted || room?.over !== null) this.faults.push(new Error('a stream flows to somebody not admitted'));
    reached.admitted += 1;
  }

  #onRoomEvent(event: RoomEvent): void {
    const room = this.#room(event.room.id);
    if (room === undefined) return;
    const asked = room.composer?.working?.message;
    switch (event.kind) {
      case 'opened':
        expect(asked?.t, 'somebody else shared').toBe('share');
        if (asked?.t === 'share') room.shared = asked.policy;
        return;
      case 'restricted':
        expect(asked?.t, 'somebody else changed the choice').toBe('share');
        room.shared = event.room.policy;
        room.admittedBefore = room.seats.at(-1)?.flowing.length ?? 0;
        return;
      case 'extended':
        return expect(asked?.t, 'somebody else gave more time').toBe('extend');
      case 'ended': {
        const { reason } = event.tombstone;
        expect(room.over, 'a room ended twice').toBeNull();
        room.over = reason;
        reached.ended += 1;
        if (this.endsFromOutside || reason === 'expired') return;
        if (reason === 'lost')
          return expect(room.composer?.isOpen ?? false, 'lost, with its composer there').toBe(false);
        if (reason === 'left') return expect(asked?.t === 'leave' || room.composer?.goingAway, 'left').toBe(true);
        return expect(asked, 'somebody else ended it').toMatchObject({ t: 'end', reason });
      }
      default:
    }
  }

  #asksFor(line: Line): KnownRoom | null {
    const asked = line.working?.message;
    if (asked?.t === 'resume') return this.rooms.find(({ tokens }) => tokens.includes(asked.ownerToken)) ?? null;
    if (asked?.t !== 'join') return null;
    const room = this.#room(asked.roomId);
    return room?.joinKey === asked.joinKey ? room : null;
  }

  #room(id: string): KnownRoom | undefined {
    return this.rooms.find((room) => room.id === id);
  }

  #reader(id: string | undefined): KnownReader | undefined {
    return this.rooms.flatMap(({ readers }) => readers).find((reader) => reader.id === id);
  }

  async #start(): Promise<void> {
    const alive = this.#isAlive;
    const after: MovableClock['after'] = (ms, run) => this.time.after(ms, () => (alive.yes ? run() : undefined));
    const clock: MovableClock = { ...this.time, after };
    const log = pino({ level: 'error' }, { write: (line: string) => this.faults.push(new Error(line)) });
    const started = await practice({ kept: this.#kept, time: clock });
    const live = new ConnectedRooms({
      draftAgain: () => Promise.reject(new Refused('unavailable')),
      rooms: started.rooms,
      cluster: new LocalCluster(started.run),
      workers: this.sfu,
      failures: createFailureLog(log, clock, {}),
      files: { fileBytes: 1_000, totalBytes: 2_000 },
      clock,
      log,
    });
    const noted = (event: RoomEvent) => {
      try {
        if (alive.yes) this.#onRoomEvent(event);
      } catch (error) {
        this.faults.push(error);
      }
    };
    started.rooms.onEvent(noted, { first: true });
    this.sfu.onResume = (channel) => this.#resumed(channel);
    const limits = createAddressLimits({ ...LIMITS, notes: PER_HOUR, rooms: PER_HOUR }, clock, log);
    this.#server = { practice: started, dispatcher: createDispatcher(live, limits) };
    await started.rooms.start();
  }
}
