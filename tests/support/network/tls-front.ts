import { once } from 'node:events';
import { createServer, request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import type { Certificate } from './certificate.ts';

/** A reverse proxy with TLS, as an operator puts in front of GLIR. */
export interface TlsFront {
  /** `localhost:<port>`; http and https are on the same port. */
  host: string;
  stop(): Promise<void>;
}

const TLS_HANDSHAKE = 0x16;

/** Takes https for the server at `url`, and sends whoever comes by http to the same address by https. */
export async function startTlsFront(url: string, certificate: Certificate): Promise<TlsFront> {
  const secure = createSecureServer(certificate, (request, response) => pass(url, request, response));
  const plain = createServer((request, response) => {
    response.writeHead(301, { Location: `https://${request.headers.host}${request.url}`, 'Content-Length': 0 }).end();
  });
  const open = new Set<Socket>();
  const front = createTcpServer((socket) => {
    open.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    socket.once('readable', () => {
      const first: Buffer | null = socket.read();
      if (first === null) return;
      socket.unshift(first);
      (first[0] === TLS_HANDSHAKE ? secure : plain).emit('connection', socket);
    });
  }).listen(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    host: `localhost:${(front.address() as AddressInfo).port}`,
    async stop() {
      for (const socket of open) socket.destroy();
      await closed(front);
    },
  };
}

function pass(url: string, request: IncomingMessage, response: ServerResponse): void {
  const { method, headers } = request;
  const asked = forward(new URL(request.url ?? '/', url), { method, headers, setHost: false });
  asked.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
  });
  asked.on('error', () => response.destroy());
  request.pipe(asked);
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
