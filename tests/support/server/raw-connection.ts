import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection without any protocol: sends what a test writes, however wrong, from an address of its choice. */
export interface RawConnection {
  send(data: string | Buffer): void;
  /** Everything that came so far. */
  text(): string;
  /** Waits until `matches` finds something in it; gives the match. Rejects when the connection closes before. */
  comes(matches: RegExp): Promise<RegExpExecArray>;
  /** Milliseconds from the connection's beginning to its end, once it has ended. */
  closed: Promise<number>;
  socket: Socket;
}

export async function rawConnection(url: string, from = '127.0.0.1'): Promise<RawConnection> {
  const began = performance.now();
  // Its own half stays open, as that of somebody who holds on to what they have.
  const socket = connect({
    host: '127.0.0.1',
    port: Number(new URL(url).port),
    localAddress: from,
    allowHalfOpen: true,
  });
  let text = '';
  const waiting = new Set<() => void>();
  socket.on('data', (data: Buffer) => {
    text += data.toString('latin1');
    for (const check of waiting) check();
  });
  // The close that follows is what a test waits for.
  socket.on('error', () => undefined);
  const closed = new Promise<number>((resolve) => {
    const end = () => {
      resolve(performance.now() - began);
      for (const check of waiting) check();
    };
    socket.once('end', end);
    socket.once('close', end);
  });
  await once(socket, 'connect');
  return {
    socket,
    closed,
    send: (data) => void socket.write(data),
    text: () => text,
    comes: (matches) =>
      new Promise((resolve, reject) => {
        const check = () => {
          const found = matches.exec(text);
          if (found !== null) resolve(found);
          else if (socket.readableEnded || socket.destroyed) reject(new Error(`closed after ${JSON.stringify(text)}`));
          else return;
          waiting.delete(check);
        };
        waiting.add(check);
        check();
      }),
  };
}

/** The handshake of a signalling socket (RFC 6455, section 4.1), as our page would begin it. */
export function handshake(url: string, headers = ''): string {
  const key = Buffer.alloc(16, 7).toString('base64');
  return `GET /signal HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nOrigin: ${url}\r\n${headers}\r\n`;
}

/** A client's frame (RFC 6455, section 5.2), masked with zeros: `bits` are the first byte's. */
export function frame(bits: number, payload: string): Buffer {
  const data = Buffer.from(payload);
  const length =
    data.length < 126 ? Buffer.from([0x80 | data.length]) : Buffer.from([0xfe, data.length >> 8, data.length & 255]);
  return Buffer.concat([Buffer.from([bits]), length, Buffer.alloc(4), data]);
}
