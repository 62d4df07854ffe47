/**
 * Takes what it can get from one IPv6 /56 or as one doctor, in a process of its own, until it is told to end (SIGTERM):
 * `node abuse-crowd.ts URL WAY SECRET`. Needs a server that believes one proxy. Says when it is under way, and at the end how
 * many attempts it made.
 */
import { get } from 'node:http';
import { setPriority } from 'node:os';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { policySchema, serverMessageSchema } from '../../../src/protocol/messages.ts';
import { HALF_A_FRAME, tcpTab } from '../network/ice-tcp.ts';

const [url = '', way = '', secret = ''] = process.argv.slice(2);
const EACH_MS = 4;
/** A socket's own limit is 20 messages a second. */
const SAYS_MS = 50;
const BOX = 'b'.repeat(1_390);
const KNOCK = { t: 'knock', id: 2, enc: 'e'.repeat(87), ciphertext: BOX };
// It stands for another machine, which would not take this one's cores.
setPriority(19);
const claimsSchema = z.object({ joinHash: z.string(), policy: policySchema });
let attempts = 0;

/** An address in the next network of the /56. */
function nextAddress(): string {
  attempts += 1;
  return `2001:db8:0:42${(attempts % 256).toString(16).padStart(2, '0')}::${(attempts >> 8).toString(16)}`;
}

/** A socket from the next network of the /56. */
function open(onMessage: (socket: WebSocket, text: string) => void = () => undefined): WebSocket {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/signal`, {
    origin: url,
    headers: { 'x-forwarded-for': nextAddress() },
  });
  socket.on('error', () => undefined);
  socket.on('message', (data) => onMessage(socket, String(data)));
  return socket;
}

function say(socket: WebSocket, message: Record<string, unknown>): void {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
}

/** Joins the room of the link whose join message is `secret`; `next` is done once it is in. */
function joins(next: (socket: WebSocket) => void): void {
  const socket = open((_, text) => {
    const message = serverMessageSchema.parse(JSON.parse(text));
    if (message.t === 'reply' && message.id === 1) next(socket);
  });
  socket.on('open', () => socket.send(secret));
}

function keepsSaying(socket: WebSocket, message: () => Record<string, unknown>): void {
  const timer = setInterval(() => {
    attempts += 1;
    say(socket, message());
    if (socket.readyState !== WebSocket.OPEN) clearInterval(timer);
  }, SAYS_MS);
}

function askForPage(headers: Record<string, string>): void {
  const all = { ...headers, 'x-forwarded-for': nextAddress() };
  const asked = get(`${url}/n/AAAAAAAAAAAAAAAAAAAAAA`, { headers: all, agent: false }, (response) => response.resume());
  asked.on('error', () => undefined);
}

const WAYS: Readonly<Record<string, () => void>> = {
  /** Sockets that say nothing. */
  silent: () => setInterval(() => open(), EACH_MS),
  /** Half a frame to the TCP port of the data channels, `secret`, on one connection after the other. */
  'half-frames': () =>
    setInterval(() => {
      attempts += 1;
      const host = attempts % 250;
      void tcpTab(Number(secret), `127.0.${7 + (attempts % 3)}.${host + 1}`).then(({ socket }) =>
        socket.write(HALF_A_FRAME),
      );
    }, EACH_MS),
  /** Pages, as browsers ask for them: what the next one is compared with. */
  pages: () => setInterval(() => askForPage({}), EACH_MS),
  /** Pages asked for with 15 kB of languages. */
  headers: () => setInterval(() => askForPage({ 'accept-language': 'a-b;q=0.1,'.repeat(1_500) }), EACH_MS),
  /** Readers who never tap. */
  untapped: () => setInterval(() => joins(() => undefined), EACH_MS * 10),
  /** Readers who talk to the doctor's page without a tap. */
  talking: () =>
    setInterval(() => joins((socket) => keepsSaying(socket, () => ({ t: 'sealed', ciphertext: BOX }))), 250),
  /** Readers who tap with nonsense, and go on. */
  knocking: () =>
    setInterval(
      () =>
        joins((socket) => {
          say(socket, KNOCK);
          keepsSaying(socket, () => ({ t: 'sealed', ciphertext: BOX }));
        }),
      250,
    ),
  /** A doctor who takes ever more time off notes, and gives it back, and tells of ever more readers; `secret`: their owner tokens. */
  extending() {
    for (const ownerToken of secret.split(',')) {
      let id = 1;
      const { joinHash, policy } = claimsSchema.parse(
        JSON.parse(Buffer.from(ownerToken.split('.')[0] ?? '', 'base64url').toString()),
      );
      const { expirySeconds } = policy;
      const socket = open();
      socket.on('open', () => {
        say(socket, { t: 'resume', id, version: 1, ownerToken });
        keepsSaying(socket, () => {
          id += 1;
          if (id % 4 === 0) return { t: 'report-readers', id, waiting: [], readBy: id };
          if (id % 2 === 0) return { t: 'extend', id, totalSeconds: expirySeconds };
          return { t: 'share', id, joinHash, policy: { ...policy, expirySeconds: expirySeconds - id } };
        });
      });
    }
  },
};

WAYS[way]?.();
setTimeout(() => process.stdout.write('under way\n'), 1_000);
process.on('SIGTERM', () => {
  process.stdout.write(`${attempts}\n`, () => process.exit(0));
});
