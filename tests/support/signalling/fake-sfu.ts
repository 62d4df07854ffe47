import { randomBytes, toBase64Url } from '../../../src/protocol/bytes.ts';
import { Refused } from '../../../src/protocol/errors.ts';
import type { TransportInfo } from '../../../src/protocol/messages.ts';
import type { Channel, PeerTransport } from '../../../src/sfu/peer-transport.ts';
import type { RoomRouter } from '../../../src/sfu/room-router.ts';
import type { WorkerPool } from '../../../src/sfu/worker-pool.ts';

/**
 * An SFU in memory, which moves nothing and remembers what it was told: which streams flow, and what is closed. Its
 * worker may be slow, so that other things happen before it answers, and may die.
 */
export class FakeSfu implements WorkerPool {
  readonly rooms: FakeRoom[] = [];
  /** No worker runs. */
  down = false;
  /** Called at the moment when a stream is let flow. */
  onResume: (channel: FakeChannel) => void = () => undefined;
  #slow = false;
  #deaths = 0;
  readonly #held: (() => void)[] = [];

  get slow(): boolean {
    return this.#slow;
  }

  /** From now on nothing is answered until `answer`. */
  hold(): void {
    this.#slow = true;
  }

  /** Answers everything, and at once from now on. */
  answer(): void {
    this.#slow = false;
    for (const go of this.#held.splice(0)) go();
  }

  /** The worker dies: its rooms are gone, and whatever it was asked is answered with that. */
  die(): void {
    this.#deaths += 1;
    for (const room of this.rooms) room.lost();
    for (const go of this.#held.splice(0)) go();
  }

  /** A part that is there and open; undefined when nobody knows it. */
  channel(id: string): FakeChannel | undefined {
    return this.rooms
      .flatMap(({ transports }) => transports)
      .flatMap(({ channels }) => channels)
      .find((one) => one.info.id === id);
  }

  roomOf(transportId: string): FakeRoom | undefined {
    return this.rooms.find(({ transports }) => transports.some(({ id }) => id === transportId));
  }

  /** As with mediasoup's, no two are alike, also of two servers. */
  name(kind: string): string {
    return `${kind}-${toBase64Url(randomBytes(9))}`;
  }

  /** The time that the worker takes. */
  moment(): Promise<void> {
    return this.#slow ? new Promise((go) => this.#held.push(go)) : Promise.resolve();
  }

  running(): number {
    return this.down ? 0 : 1;
  }

  usage(): Promise<[]> {
    return Promise.resolve([]);
  }

  ready(): boolean {
    return !this.down;
  }

  async openRoom(): Promise<RoomRouter> {
    const deaths = this.#deaths;
    await this.moment();
    if (this.down || deaths !== this.#deaths) throw new Refused('unavailable');
    const room = new FakeRoom(this);
    this.rooms.push(room);
    return room;
  }

  dump(): Promise<{ routers: number; transports: number }> {
    const open = this.rooms.filter(({ isOpen }) => isOpen);
    return Promise.resolve({ routers: open.length, transports: open.flatMap(({ connected }) => connected).length });
  }

  close(): Promise<void> {
    this.down = true;
    for (const room of this.rooms) room.close();
    return Promise.resolve();
  }
}

export class FakeRoom implements RoomRouter {
  readonly sfu: FakeSfu;
  readonly transports: FakeTransport[] = [];
  isOpen = true;
  readonly #listeners: ((cause: 'closed' | 'lost') => void)[] = [];

  constructor(sfu: FakeSfu) {
    this.sfu = sfu;
  }

  /** The transports that are open. */
  get connected(): FakeTransport[] {
    return this.transports.filter(({ isOpen }) => isOpen);
  }

  /** The streams that flow. */
  get flowing(): FakeChannel[] {
    return this.connected.flatMap(({ channels }) => channels).filter(({ flows, isOpen }) => flows && isOpen);
  }

  has(producerId: string): boolean {
    return this.connected.some(({ producers }) => producers.has(producerId));
  }

  async openTransport(): Promise<PeerTransport> {
    await this.sfu.moment();
    if (!this.isOpen) throw new Refused('not-open');
    const transport = new FakeTransport(this);
    this.transports.push(transport);
    return transport;
  }

  onClose(run: (cause: 'closed' | 'lost') => void): void {
    this.#listeners.push(run);
  }

  close(): void {
    this.#finish('closed');
  }

  lost(): void {
    this.#finish('lost');
  }

  #finish(cause: 'closed' | 'lost'): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    for (const run of this.#listeners) run(cause);
  }
}

export class FakeTransport implements PeerTransport {
  readonly id: string;
  readonly room: FakeRoom;
  readonly channels: FakeChannel[] = [];
  readonly producers = new Set<string>();
  #connected = false;
  #closed = false;

  constructor(room: FakeRoom) {
    this.room = room;
    this.id = room.sfu.name('transport');
  }

  get isOpen(): boolean {
    return !this.#closed && this.room.isOpen;
  }

  info(): TransportInfo {
    return {
      id: this.id,
      iceParameters: { usernameFragment: 'u', password: 'p' },
      iceCandidates: [],
      dtlsParameters: { fingerprints: [{ algorithm: 'sha-256', value: 'AA' }] },
      sctpParameters: { port: 5_000, maxSendMessageSize: 262_144, maxReceiveMessageSize: 262_144 },
      iceServers: [],
      iceTransportPolicy: 'all',
    };
  }

  /** It moves nothing, so that nobody waits for it either. */
  isConnected(): boolean {
    return true;
  }

  arrived(): 'dtls' {
    return 'dtls';
  }

  async connect(): Promise<void> {
    if (this.#connected) throw new Refused('not-allowed');
    await this.whileOpen();
    this.#connected = true;
  }

  async restartIce(): Promise<Pick<TransportInfo, 'iceParameters' | 'iceServers'>> {
    await this.whileOpen();
    return { iceParameters: { usernameFragment: 'u', password: 'p' }, iceServers: [] };
  }

  async produce(): Promise<string> {
    await this.room.sfu.moment();
    this.#mustBeOpen();
    const id = this.room.sfu.name('stream');
    this.producers.add(id);
    return id;
  }

  async consume(dataProducerId: string): Promise<Channel> {
    await this.room.sfu.moment();
    this.#mustBeOpen();
    // As the worker has it: nobody should ask for a stream that is not there.
    if (!this.room.has(dataProducerId)) throw new Error('no such stream');
    const channel = new FakeChannel(this, dataProducerId);
    this.channels.push(channel);
    return channel;
  }

  closeProducer(producerId: string): void {
    this.producers.delete(producerId);
  }

  close(): void {
    this.#closed = true;
  }

  /** The time that the worker takes; refused when the transport is closed by then. */
  async whileOpen(): Promise<void> {
    await this.room.sfu.moment();
    this.#mustBeOpen();
  }

  #mustBeOpen(): void {
    if (!this.isOpen) throw new Refused('not-open');
  }
}

export class FakeChannel implements Channel {
  readonly info: Channel['info'];
  readonly transport: FakeTransport;
  flows = false;

  constructor(transport: FakeTransport, dataProducerId: string) {
    this.transport = transport;
    const id = transport.room.sfu.name('channel');
    this.info = { id, dataProducerId, sctpStreamParameters: { streamId: 0 }, label: '', protocol: '' };
  }

  get isOpen(): boolean {
    return this.transport.isOpen && this.transport.room.has(this.info.dataProducerId);
  }

  async resume(): Promise<void> {
    this.flows = true;
    this.transport.room.sfu.onResume(this);
    await this.transport.whileOpen();
  }
}
