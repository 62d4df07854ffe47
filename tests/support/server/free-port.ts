import { once } from 'node:events';
import { createServer } from 'node:net';
import process from 'node:process';

/** Below the ports that Linux gives to outgoing connections (32768 and up), and above those that browsers refuse. */
const FIRST = 11_000;
const COUNT = 21_000;

/** Test files run in several processes at once: each begins at another place, and none asks for the same port twice. */
let next = (process.pid * 499) % COUNT;

/** A port that nothing listens on at this moment. */
export async function freePort(): Promise<number> {
  const port = FIRST + next;
  next = (next + 1) % COUNT;
  return (await isFree(port)) ? port : freePort();
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    server.close();
    await once(server, 'close');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
}
