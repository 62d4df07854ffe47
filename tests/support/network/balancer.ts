import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A balancer in front of several servers: each connection goes to the next one that answers, without stickiness. */
export class Balancer {
  readonly #server: Server;
  readonly #ports: () => readonly number[];
  readonly #sockets = new Set<Socket>();
  #count = 0;
  #only: number | null = null;

  /** @param ports of the servers, as they are at each connection */
  static async before(ports: () => readonly number[]): Promise<Balancer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Balancer(server, ports);
  }

  private constructor(server: Server, ports: () => readonly number[]) {
    this.#server = server;
    this.#ports = ports;
    server.on('connection', (client) => this.#pass(client, this.#next()));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on every connection goes to this server, or to the next one in turn again. */
  only(index: number | null): void {
    this.#only = index;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #next(): readonly number[] {
    const ports = this.#ports();
    if (this.#only !== null) return ports.slice(this.#only, this.#only + 1);
    const first = this.#count++ % ports.length;
    return [...ports.slice(first), ...ports.slice(0, first)];
  }

  /** To the first that takes it. */
  #pass(client: Socket, [port, ...others]: readonly number[]): void {
    if (port === undefined) return void client.destroy();
    const onward = connect(port, '127.0.0.1');
    onward.once('connect', () => {
      onward.removeAllListeners('error');
      for (const [from, to] of [
        [client, onward],
        [onward, client],
      ] as const) {
        this.#sockets.add(from);
        from.pipe(to);
        from.on('error', () => to.destroy());
        from.on('close', () => {
          this.#sockets.delete(from);
          to.destroy();
        });
      }
    });
    onward.once('error', () => this.#pass(client, others));
  }
}
