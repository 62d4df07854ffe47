import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** What stands between a client and a server on this machine, and can be pulled out and put back. */
export class Cable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isIn = true;

  static async to(port: number): Promise<Cable> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new Cable(server, port);
  }

  private constructor(server: Server, port: number) {
    this.#server = server;
    server.on('connection', (client) => {
      const onward = connect(port, '127.0.0.1');
      this.#pass(client, onward);
      this.#pass(onward, client);
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** From now on nothing arrives, and nobody is told. */
  pull(): void {
    this.#isIn = false;
    for (const socket of this.#sockets) socket.pause();
  }

  /** What was said meanwhile arrives, as far as somebody still listens. */
  putBack(): void {
    this.#isIn = true;
    for (const socket of this.#sockets) socket.resume();
  }

  /** Ends every connection; new ones can be made. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (chunk) => to.write(chunk));
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
    if (!this.#isIn) from.pause();
  }
}
