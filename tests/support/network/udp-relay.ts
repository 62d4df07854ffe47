import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';

/** What a relay does to datagrams, each way. */
export interface Weather {
  /** Share that is lost, from 0 to 1. */
  loss: number;
  /** Milliseconds that each datagram takes at least. */
  delayMs: number;
  /** Up to as many more, at random: datagrams overtake each other. */
  jitterMs: number;
}

/** What came through a relay. */
export interface RelayCounts {
  passed: number;
  lost: number;
  /** How many came out after one that had come in later. */
  reordered: number;
}

/**
 * Takes datagrams for one server on a port of its own and passes them on late, in another order or not at all, in both
 * directions. Each client gets a socket of its own, so that the server can tell them apart. The same seed makes the same decisions.
 */
export class UdpRelay {
  readonly counts: RelayCounts = { passed: 0, lost: 0, reordered: 0 };
  readonly #socket: Socket;
  readonly #server: { address: string; port: number };
  /** May be changed at any time. */
  weather: Weather;
  readonly #random: () => number;
  readonly #ways = new Map<string, Promise<Socket>>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #newest = new Map<Socket, number>();
  #number = 0;

  /** @param own where it listens; on every address, on a port that is free, when nothing is said */
  static async start(
    server: { address: string; port: number },
    weather: Weather,
    seed: number,
    own: { address?: string; port?: number } = {},
  ): Promise<UdpRelay> {
    const socket = createSocket('udp4').bind(own.port ?? 0, own.address);
    await once(socket, 'listening');
    return new UdpRelay(socket, server, weather, seed);
  }

  private constructor(socket: Socket, server: { address: string; port: number }, weather: Weather, seed: number) {
    this.#socket = socket;
    this.#server = server;
    this.weather = weather;
    this.#random = mulberry32(seed);
    socket.on('message', (datagram, client) => void this.#forward(datagram, client));
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** Ends it, with everything that is still on its way. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    const ways = await Promise.all(this.#ways.values());
    for (const towards of ways) towards.close();
    this.#socket.close();
  }

  async #forward(datagram: Buffer, client: RemoteInfo): Promise<void> {
    const name = `${client.address}:${client.port}`;
    const opening = this.#ways.get(name) ?? this.#open(client);
    this.#ways.set(name, opening);
    const towards = await opening;
    const { address, port } = this.#server;
    this.#pass(towards, () => towards.send(datagram, port, address));
  }

  async #open(client: RemoteInfo): Promise<Socket> {
    const towards = createSocket('udp4').bind(0);
    await once(towards, 'listening');
    towards.on('message', (datagram) => {
      this.#pass(this.#socket, () => this.#socket.send(datagram, client.port, client.address));
    });
    return towards;
  }

  #pass(way: Socket, send: () => void): void {
    if (this.#random() < this.weather.loss) {
      this.counts.lost += 1;
      return;
    }
    this.#number += 1;
    const number = this.#number;
    const { delayMs, jitterMs } = this.weather;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        const newest = this.#newest.get(way) ?? 0;
        if (number < newest) this.counts.reordered += 1;
        this.#newest.set(way, Math.max(newest, number));
        this.counts.passed += 1;
        send();
      },
      delayMs + this.#random() * jitterMs,
    );
    this.#timers.add(timer);
  }
}

/** Random numbers from 0 to 1 that a seed fixes (Tommy Ettinger's mulberry32, public domain). Not for secrets. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
