import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** What a proxy on the way does to what passes it; each may be changed at any time. */
export interface Meddling {
  /** Takes `Upgrade` and `Connection` away, as a proxy that knows nothing of WebSockets does. */
  stripsUpgrade?: boolean;
  /** Adds a comment to every script in a page, as one that scans pages or makes them smaller does. */
  altersScripts?: boolean;
  /** Cuts each WebSocket after so many milliseconds. */
  cutsAfterMs?: number;
}

/** A proxy for one server, as some stand between people and the internet. */
export class MeddlingProxy {
  readonly #server: Server;
  readonly #target: { address: string; port: number };
  readonly #cut = new Set<Duplex>();
  meddling: Meddling;
  /** When it cut sockets, in milliseconds since the Unix epoch. */
  cutAt: number[] = [];

  /** @param own where it listens; a free port of this machine's loopback where nothing is said */
  static async start(
    target: { address: string; port: number },
    meddling: Meddling,
    own: { address?: string; port?: number } = {},
  ): Promise<MeddlingProxy> {
    const server = createServer();
    const proxy = new MeddlingProxy(server, target, meddling);
    server.listen(own.port ?? 0, own.address ?? '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  private constructor(server: Server, target: { address: string; port: number }, meddling: Meddling) {
    this.#server = server;
    this.#target = target;
    this.meddling = meddling;
    server.on('request', (incoming, outgoing) => this.#pass(incoming, outgoing));
    server.on('upgrade', (incoming, socket, head) => this.#passSocket(incoming, socket, head));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    for (const socket of this.#cut) socket.destroy();
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #ask({ method, url, headers }: IncomingMessage, change: Record<string, string | undefined>) {
    const { address: host, port } = this.#target;
    const asked = Object.entries({ ...headers, ...change }).filter(([, value]) => value !== undefined);
    return request({ host, port, method, path: url, headers: Object.fromEntries(asked) });
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const alters = this.meddling.altersScripts === true;
    const asked = this.#ask(incoming, alters ? { 'accept-encoding': undefined } : {});
    incoming.pipe(asked);
    asked.on('error', () => outgoing.destroy());
    asked.on('response', (answer) => {
      const isPage = answer.headers['content-type']?.includes('text/html') === true;
      if (!alters || !isPage) {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
        return;
      }
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        const page = Buffer.concat(parts).toString().replaceAll('</script>', '/* looked at */</script>');
        outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, 'content-length': Buffer.byteLength(page) });
        outgoing.end(page);
      });
    });
  }

  #passSocket(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    const strips = this.meddling.stripsUpgrade === true;
    const asked = this.#ask(incoming, strips ? { upgrade: undefined, connection: 'close' } : {});
    this.#cut.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#cut.delete(socket));
    asked.on('error', () => socket.destroy());
    asked.on('response', (answer) => {
      socket.end(
        `HTTP/1.1 ${answer.statusCode} ${answer.statusMessage}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`,
      );
      answer.resume();
    });
    asked.on('upgrade', (answer, onward, first) => {
      const lines = Object.entries(answer.headers).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`);
      socket.write(first);
      onward.write(head);
      onward.on('error', () => socket.destroy());
      socket.on('close', () => onward.destroy());
      onward.on('close', () => socket.destroy());
      onward.pipe(socket);
      socket.pipe(onward);
      const { cutsAfterMs } = this.meddling;
      if (cutsAfterMs === undefined) return;
      const timer = setTimeout(() => {
        this.cutAt.push(performance.timeOrigin + performance.now());
        socket.destroy();
      }, cutsAfterMs);
      socket.on('close', () => clearTimeout(timer));
    });
    asked.end();
  }
}
