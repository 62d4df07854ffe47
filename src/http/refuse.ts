import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Headers } from './security-headers.ts';

/** Answers with a status where Node has no response object to answer with, and ends the connection. */
export type Refuse = (socket: Duplex, status: number, more?: Headers) => void;

/** Refusals with `headers`, which every other answer has too. */
export function createRefuse(headers: Headers): Refuse {
  return (socket, status, more = {}) => {
    const lines = Object.entries({ ...headers, ...more, Connection: 'close', 'Content-Length': '0' });
    // The connection ends here, also when the other side leaves its half open.
    socket.once('finish', () => socket.destroy());
    socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`,
    );
  };
}
