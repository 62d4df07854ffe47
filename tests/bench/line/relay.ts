import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { freePort } from '../../support/server/free-port.ts';
import { OneWay } from './one-way.ts';
import { SlowStart } from './slow-start.ts';

/** A line between a browser and the servers. */
export interface Line {
  /** Milliseconds there and back. */
  roundTripMs: number;
  bitsPerSecond: number;
}

/** Each round trip begins this much later than the one before, at the least. */
const NEXT_ROUND = 0.9;

/**
 * Puts a browser behind a line: its TCP connections and its datagrams share the line's two directions. Opening a connection
 * takes a round trip, and what is sent on it goes by slow start.
 */
export class LineRelay {
  readonly #line: Line;
  readonly #up: OneWay;
  readonly #down: OneWay;
  readonly #closes: (() => void)[] = [];
  readonly #cuts = new Set<() => void>();
  /** When something left the browser, by this process's clock; what arrived is acknowledged at once. */
  readonly #left: number[] = [];

  constructor(line: Line) {
    this.#line = line;
    const way = { delayMs: line.roundTripMs / 2, bitsPerSecond: line.bitsPerSecond };
    this.#up = new OneWay(way);
    this.#down = new OneWay(way);
  }

  /** Forgets what was counted so far. */
  begin(): void {
    this.#left.length = 0;
  }

  /** Round trips, each begun by what left the browser when the one before was over, until `now`. */
  roundTrips(now = performance.now()): number {
    let count = 0;
    let last = Number.NEGATIVE_INFINITY;
    for (const at of this.#left) {
      if (at > now - this.#line.roundTripMs * NEXT_ROUND || at < last + this.#line.roundTripMs * NEXT_ROUND) continue;
      count += 1;
      last = at;
    }
    return count;
  }

  /** Takes TCP connections at `address` for the port of the same number on 127.0.0.1. */
  async tcp(address: string, port: number): Promise<void> {
    const server: Server = createServer((client) => this.#connection(client, port));
    server.listen(port, address);
    await once(server, 'listening');
    this.#closes.push(() => server.close());
  }

  /** Takes datagrams for a port on 127.0.0.1; gives the port on 127.0.0.1 that it takes them at. */
  async udp(port: number): Promise<number> {
    const own = await freePort();
    const socket = createSocket('udp4').bind(own, '127.0.0.1');
    await once(socket, 'listening');
    const towards = new Map<string, UdpSocket>();
    const forget = () => {
      for (const one of towards.values()) one.close();
      towards.clear();
    };
    this.#cuts.add(forget);
    this.#closes.push(forget, () => socket.close());
    socket.on('message', (datagram, client) => {
      this.#leaves();
      const name = `${client.address}:${client.port}`;
      if (!towards.has(name)) {
        const onward = createSocket('udp4').bind(0, '127.0.0.1');
        onward.on('message', (answer) => {
          this.#down.send(answer.length, () => {
            if (towards.get(name) === onward) socket.send(answer, client.port, client.address);
          });
        });
        towards.set(name, onward);
      }
      this.#up.send(datagram.length, () => towards.get(name)?.send(datagram, port, '127.0.0.1'));
    });
    return own;
  }

  /** Every TCP connection ends, and datagrams go on from another port, as when a phone changes its network. */
  cut(): void {
    for (const cut of this.#cuts) cut();
  }

  close(): void {
    for (const close of this.#closes) close();
  }

  #leaves(): void {
    this.#left.push(performance.now());
  }

  #connection(client: Socket, port: number): void {
    const server = connect({ host: '127.0.0.1', port });
    for (const socket of [client, server]) socket.setNoDelay().on('error', () => undefined);
    const cut = () => client.resetAndDestroy();
    this.#cuts.add(cut);
    client.on('close', () => this.#cuts.delete(cut));
    this.#closes.push(() => client.destroy());
    const leaves = () => this.#leaves();
    const nothing = () => undefined;
    const upward = new SlowStart(this.#up, this.#down, (segment) => server.writable && server.write(segment), nothing);
    const downward = new SlowStart(this.#down, this.#up, (segment) => client.writable && client.write(segment), leaves);
    // The browser believes at once to be connected: its first bytes wait for the round trip that this takes.
    leaves();
    let early: Buffer[] | null = [];
    setTimeout(() => {
      const waited = early ?? [];
      early = null;
      for (const data of waited) send(data);
    }, this.#line.roundTripMs);
    function send(data: Buffer): void {
      leaves();
      upward.send(data);
    }
    client.on('data', (data: Buffer) => (early === null ? send(data) : early.push(data)));
    server.on('data', (data: Buffer) => downward.send(data));
    client.on('close', () => server.destroy());
    server.on('close', () => this.#down.send(0, () => client.end()));
  }
}
