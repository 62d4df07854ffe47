import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type ServerMessage, serverMessageSchema } from '../../../src/protocol/messages.ts';

/** A signalling client without any of the pages' code: says what it is told to, right or wrong. */
export interface RawClient {
  /** Every message that came, beats left out. */
  received: ServerMessage[];
  /** Sends anything as JSON and gives the next message that answers it: the one with its `id`, or any without. */
  ask(message: Record<string, unknown>): Promise<ServerMessage>;
  /** Sends text or bytes as they are. */
  sendRaw(data: string | Buffer): void;
  /** The first message, past or coming, that `matches`. */
  next(matches: (message: ServerMessage) => boolean): Promise<ServerMessage>;
  /** The close code, once the socket is closed. */
  closed: Promise<number>;
  close(): void;
  /** The network is gone: the socket ends without a closing word. */
  cut(): void;
  /** The network is gone and nobody knows yet: nothing goes in or out any more, but the connection is there. */
  freeze(): void;
}

/** Connects to a GLIR server's signalling; `origin` is the page's. */
export async function rawClient(url: string, origin = url): Promise<RawClient> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/signal`, { origin });
  const received: ServerMessage[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data) => {
    const message = serverMessageSchema.parse(JSON.parse(String(data)));
    if (message.t === 'heartbeat') return;
    received.push(message);
    for (const check of waiting) check();
  });
  // Without a listener a refused handshake or a broken pipe would end the test's process.
  socket.on('error', () => undefined);
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  await once(socket, 'open');

  function next(matches: (message: ServerMessage) => boolean): Promise<ServerMessage> {
    return new Promise((resolve, reject) => {
      const check = () => {
        const found = received.find(matches);
        if (found === undefined) return;
        waiting.delete(check);
        resolve(found);
      };
      waiting.add(check);
      void closed.then((code) => {
        waiting.delete(check);
        reject(new Error(`closed with ${code} before the message came`));
      });
      check();
    });
  }

  return {
    received,
    closed,
    next,
    sendRaw: (data) => socket.send(data),
    ask(message) {
      const before = received.length;
      socket.send(JSON.stringify(message));
      return next((candidate) => {
        const answers = candidate.t === 'reply' || candidate.t === 'refused';
        return (
          answers &&
          received.indexOf(candidate) >= before &&
          (candidate.id === message['id'] || candidate.id === undefined)
        );
      });
    },
    close: () => socket.close(),
    cut: () => socket.terminate(),
    freeze: () => socket.pause(),
  };
}
