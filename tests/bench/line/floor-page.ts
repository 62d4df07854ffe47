import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { Certificate } from '../../support/network/certificate.ts';

/** As long as the text on a page of 1 kB with one button: nothing that shows anything can be faster. */
const PAGE = `<!doctype html><title>floor</title><button>Open the note</button><p>${'.'.repeat(900)}</p>`;

/** Serves one static page on 127.0.0.1; with a certificate over TLS and HTTP/2. */
export async function serveFloor(port: number, certificate: Certificate | null): Promise<{ close(): void }> {
  const headers = { 'content-type': 'text/html' };
  const server: Pick<Server, 'listen' | 'once' | 'close'> =
    certificate === null
      ? createServer((_request, response) => void response.writeHead(200, headers).end(PAGE))
      : (createSecureServer({ ...certificate, allowHTTP1: true }, (_request, response) => {
          response.writeHead(200, headers);
          response.end(PAGE);
        }) as never);
  server.listen(port, '127.0.0.1');
  await once(server as Server, 'listening');
  return { close: () => void server.close() };
}
