import type { Server } from 'node:http';

/** Where a server listens, whatever its public URL is. Throws while it does not. */
export function addressOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  return `http://127.0.0.1:${address.port}`;
}
