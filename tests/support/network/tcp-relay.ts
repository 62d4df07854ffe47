import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Passes TCP connections on to one server, with everything that is said on them late, both ways. */
export class TcpRelay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  static async start(target: { address: string; port: number }, delayMs: number): Promise<TcpRelay> {
    const server = createServer({ allowHalfOpen: true }).listen(0, '0.0.0.0');
    await once(server, 'listening');
    return new TcpRelay(server, target, delayMs);
  }

  private constructor(server: Server, { address, port }: { address: string; port: number }, delayMs: number) {
    this.#server = server;
    server.on('connection', (client) => {
      const onward = connect({ host: address, port, allowHalfOpen: true });
      this.#late(client, onward, delayMs);
      this.#late(onward, client, delayMs);
    });
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #late(from: Socket, to: Socket, delayMs: number): void {
    this.#sockets.add(from);
    const after = (run: () => void) => setTimeout(run, delayMs);
    from.on('data', (chunk) => after(() => to.writable && to.write(chunk)));
    from.on('end', () => after(() => to.end()));
    from.on('error', () => to.destroy());
    from.on('close', () => this.#sockets.delete(from));
  }
}
