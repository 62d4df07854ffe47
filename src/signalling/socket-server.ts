import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import { LIMITS } from '../protocol/terms.ts';
import { createBucket } from './bucket.ts';
import { createDispatcher } from './dispatch.ts';
import type { LiveRooms } from './live-rooms.ts';
import { CLOSE, Peer } from './peer.ts';

const PATH = '/signal';
const MAX_UNANSWERED = Math.floor(LIMITS.beatLostSeconds / LIMITS.beatSeconds);
const RATE = { burst: 100, perSecond: 20 };

/** The signalling's end at the server. */
export interface SocketServer {
  /** Closes every socket with a word, and at once those that do not answer. */
  close(): Promise<void>;
}

/**
 * Takes WebSocket connections on `/signal` from our own pages only: another site's page has another Origin and gets 403.
 */
export function attachSocketServer(
  http: Server,
  live: LiveRooms,
  isOwnOrigin: (origin: string) => boolean,
): SocketServer {
  const { clock } = live;
  const dispatcher = createDispatcher(live);
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LIMITS.signalBytes, perMessageDeflate: false });
  /** Beats that each socket has left unanswered: counted, not timed, so that a paused process cuts nobody off. */
  const unanswered = new Map<WebSocket, number>();
  let closing = false;

  http.on('upgrade', onUpgrade);

  function onUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    // Compared as it is: a target such as `//` is no URL, and must not end the process.
    if (request.url?.split('?')[0] !== PATH) return reject(socket, '404 Not Found');
    if (!isOwnOrigin(request.headers.origin ?? '')) return reject(socket, '403 Forbidden');
    if (closing) return reject(socket, '503 Service Unavailable');
    sockets.handleUpgrade(request, socket, head, (webSocket) => serve(webSocket));
  }

  function serve(socket: WebSocket): void {
    const peer = new Peer(socket);
    const mayGoOn = createBucket(clock, RATE);
    // One message at a time: what a socket asks for later never overtakes what it asked for first.
    let queue: Promise<void> = Promise.resolve();
    unanswered.set(socket, 0);
    socket.on('pong', () => unanswered.set(socket, 0));
    socket.on('message', (data: RawData, binary: boolean) => {
      // Somebody who does not answer the closing word could go on sending for half a minute.
      if (peer.closing) return;
      if (!mayGoOn()) {
        peer.send({ t: 'refused', code: 'too-often' });
        return peer.close(CLOSE.policy);
      }
      const text = binary ? '' : data.toString();
      queue = queue.then(() => peer.answering(() => dispatcher.dispatch(peer, text)));
    });
    // ws closes with 1009 by itself when a message is too large; without a listener its error would end the process.
    socket.on('error', () => undefined);
    socket.on('close', (code) => {
      unanswered.delete(socket);
      queue = queue.then(() => dispatcher.closed(peer, code === CLOSE.goingAway));
    });
  }

  function beat(): void {
    for (const [socket, count] of unanswered) {
      if (count >= MAX_UNANSWERED) {
        socket.terminate();
        continue;
      }
      unanswered.set(socket, count + 1);
      socket.ping();
      socket.send(JSON.stringify({ t: 'beat' }));
    }
    timer = clock.after(LIMITS.beatSeconds * 1000, beat);
  }
  let timer = clock.after(LIMITS.beatSeconds * 1000, beat);

  return {
    async close() {
      closing = true;
      timer.cancel();
      http.off('upgrade', onUpgrade);
      for (const socket of unanswered.keys()) socket.close(CLOSE.restart);
      const patience = clock.after(500, () => {
        for (const socket of unanswered.keys()) socket.terminate();
      });
      await new Promise((resolve) => sockets.close(resolve));
      patience.cancel();
    },
  };
}

function reject(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
