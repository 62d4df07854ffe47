import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import type { OtherAnswer, SlackCall } from './cloud.ts';

export const APP_TOKEN = 'xapp-1-tests';

/**
 * Slack's socket server as its documentation tells of it: https://docs.slack.dev/apis/events-api/using-socket-mode
 * (`hello`, `disconnect` with its reasons, envelopes and their acknowledgements).
 */
export interface SlackSockets {
  /** For `apps.connections.open`. */
  instead: (call: SlackCall) => OtherAnswer | undefined;
  /** What happens to each new connection; `greet` unless it is set. */
  behave: (socket: WebSocket) => void;
  /** What `apps.connections.open` answers in place of an address; null gives addresses. */
  refusal: OtherAnswer | null;
  /** Every connection so far that is open, the newest last. */
  open(): WebSocket[];
  /** How many connections there were. */
  count(): number;
  /** How often an address was asked for. */
  asked(): number;
  /** Every acknowledgement so far. */
  answers: { envelope_id: string; payload?: unknown }[];
  /** No connection can be made any more until `listen`. */
  refuse(): Promise<void>;
  listen(): Promise<void>;
  close(): Promise<void>;
}

export async function startSlackSockets(): Promise<SlackSockets> {
  const all: WebSocket[] = [];
  let asked = 0;
  let port = 0;
  let server: WebSocketServer | null = null;

  const sockets: SlackSockets = {
    behave: greet,
    refusal: null,
    answers: [],
    instead({ path, token }) {
      if (path !== '/api/apps.connections.open') return undefined;
      asked += 1;
      if (sockets.refusal !== null) return sockets.refusal;
      if (token !== APP_TOKEN) return { status: 200, body: JSON.stringify({ ok: false, error: 'invalid_auth' }) };
      const url = `ws://127.0.0.1:${port}/link/?ticket=tests&app_id=tests`;
      return { status: 200, body: JSON.stringify({ ok: true, url }) };
    },
    open: () => all.filter(({ readyState }) => readyState === 1),
    count: () => all.length,
    asked: () => asked,
    async listen() {
      server = new WebSocketServer({ host: '127.0.0.1', port });
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
      server.on('connection', (socket) => {
        all.push(socket);
        socket.on('message', (data) => sockets.answers.push(answerSchema.parse(JSON.parse(String(data)))));
        sockets.behave(socket);
      });
    },
    async refuse() {
      for (const socket of all) socket.terminate();
      const closing = server;
      server = null;
      if (closing !== null) await new Promise((resolve) => closing.close(resolve));
    },
    close: () => sockets.refuse(),
  };
  await sockets.listen();
  return sockets;
}

const answerSchema = z.object({ envelope_id: z.string(), payload: z.unknown().optional() });

/** The first message of every connection. */
export function greet(socket: WebSocket): void {
  const debug = { host: 'applink-7fc4fdbb64-4x5xq', build_number: 10, approximate_connection_time: 18_060 };
  say(socket, { type: 'hello', connection_info: { app_id: 'A000000001' }, num_connections: 1, debug_info: debug });
}

/** Slack tells that it closes a connection. */
export function announceEnd(socket: WebSocket, reason: 'warning' | 'refresh_requested' | 'link_disabled'): void {
  say(socket, { type: 'disconnect', reason, debug_info: { host: 'applink-7fc4fdbb64-4x5xq' } });
}

export function say(socket: WebSocket, message: object): void {
  socket.send(JSON.stringify(message));
}
