import type { IncomingMessage } from 'node:http';
import { type RawData, WebSocket } from 'ws';
import type { Clock, Timer } from '../clock.ts';
import type { ForwardedClient, ForwardedSocket } from './cluster.ts';
import { RESTART } from './node-server.ts';

const OPEN_MS = 3_000;
const PING_MS = 1_000;
/** Pings that may stay unanswered: counted, not timed, so that a paused process cuts nobody off. */
const UNANSWERED_MAX = 3;
/** A message of a host, far above the largest one that a page gets. */
const MESSAGE_BYTES = 1024 * 1024;
/** RFC 6455, section 7.4.1: no code was in the close frame, or there was no close frame. */
const NO_CODE = 1005;
const DONE = 1000;

const OPTIONS = {
  handshakeTimeout: OPEN_MS,
  maxPayload: MESSAGE_BYTES,
  perMessageDeflate: false,
  closeTimeout: 1_000,
};

/** Opens a person's way to the node that hosts the room. Whoever answers there has to prove to be a node: `isHost`. */
export function openForwardedSocket(
  url: string,
  { headers, isHost }: { headers: Readonly<Record<string, string>>; isHost: (response: IncomingMessage) => boolean },
  { client, clock, onEnd }: { client: ForwardedClient; clock: Clock; onEnd: () => void },
): ForwardedSocket & { restart(): void } {
  const socket = new WebSocket(url, { ...OPTIONS, headers });
  let waiting: string[] = [];
  let unanswered = 0;
  let ended = false;
  let timer: Timer | null = null;

  function end(code: number | null): void {
    if (ended) return;
    ended = true;
    waiting = [];
    timer?.cancel();
    onEnd();
    if (code !== null) client.onClose(code);
  }
  function ping(): void {
    if (ended) return;
    if (unanswered >= UNANSWERED_MAX) {
      socket.terminate();
      return end(RESTART);
    }
    unanswered += 1;
    socket.ping();
    timer = clock.after(PING_MS, ping);
  }

  socket.on('upgrade', (response) => {
    if (!isHost(response)) socket.terminate();
  });
  socket.on('open', () => {
    if (ended) return;
    for (const text of waiting) socket.send(text);
    waiting = [];
    ping();
  });
  socket.on('pong', () => {
    unanswered = 0;
  });
  socket.on('message', (data: RawData, binary: boolean) => {
    unanswered = 0;
    if (!ended && !binary) client.onMessage(data.toString());
  });
  // Its close follows.
  socket.on('error', () => undefined);
  socket.on('close', (code) => end(passedOn(code)));

  return {
    send(text) {
      if (ended) return;
      if (socket.readyState === socket.CONNECTING) waiting.push(text);
      else if (socket.readyState === socket.OPEN) socket.send(text);
    },
    get bufferedAmount() {
      return socket.bufferedAmount + waiting.reduce((sum, { length }) => sum + length, 0);
    },
    close() {
      end(null);
      if (socket.readyState === socket.CONNECTING) socket.terminate();
      else socket.close(DONE);
    },
    restart() {
      end(RESTART);
      socket.terminate();
    },
  };
}

/** A host that closes says why; one that is gone says nothing. */
function passedOn(code: number): number {
  if (code === NO_CODE) return DONE;
  const isTold = code !== 1004 && code !== 1006 && code !== 1015;
  return isTold ? code : RESTART;
}
