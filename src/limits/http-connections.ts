import type { Server, ServerOptions } from 'node:http';
import type { Socket } from 'node:net';
import type { AddressLimits } from './address-limits.ts';
import type { Networks } from './client-network.ts';

/** Names and values of all of a request's headers together, with its first line. */
const HEADER_BYTES = 16 * 1024;
const HEADERS_MAX = 100;
const HEADERS_MS = 8_000;
const REQUEST_MS = 15_000;
/** How long nothing may move while a request is answered. */
const SILENCE_MS = 30_000;
const CHECK_MS = 2_000;
const KEPT_ALIVE_MS = 5_000;
/** Longer than proxies keep a connection that nobody uses, so that none is closed while a request is on its way. */
const KEPT_ALIVE_FOR_PROXY_MS = 120_000;
const REQUESTS_PER_CONNECTION = 1_000;

/** For `createServer`: how large headers may be, and how long a request may take to come. */
export const SERVER_OPTIONS: ServerOptions = {
  maxHeaderSize: HEADER_BYTES,
  headersTimeout: HEADERS_MS,
  requestTimeout: REQUEST_MS,
  connectionsCheckingInterval: CHECK_MS,
};

/**
 * Keeps connections few and short. Without a proxy in front, each network has its own number of them, and newcomers get the
 * oldest place of the most crowded one; behind a proxy, all
 * connections are the proxy's, and it has to keep clients apart before they have sent a request.
 */
export function guardConnections(
  server: Server,
  { trustProxy, limits, networks }: { trustProxy: number; limits: AddressLimits; networks: Networks },
): void {
  server.maxHeadersCount = HEADERS_MAX;
  server.maxConnections = limits.connectionsMax;
  server.setTimeout(SILENCE_MS);
  if (trustProxy > 0) {
    server.keepAliveTimeout = KEPT_ALIVE_FOR_PROXY_MS;
    server.setTimeout(KEPT_ALIVE_FOR_PROXY_MS);
    return;
  }
  server.keepAliveTimeout = KEPT_ALIVE_MS;
  server.maxRequestsPerSocket = REQUESTS_PER_CONNECTION;

  const releases = new WeakMap<Socket, () => void>();
  server.on('connection', (socket: Socket) => {
    const network = networks.at(socket.remoteAddress);
    const release = limits.isShutOut(network) ? null : limits.connections.acquire(network, () => socket.destroy());
    if (release === null) {
      socket.destroy();
      return;
    }
    releases.set(socket, release);
    socket.once('close', release);
  });
  // From here on it counts as a socket, or is refused and gone.
  server.on('upgrade', ({ socket }) => releases.get(socket)?.());
}
