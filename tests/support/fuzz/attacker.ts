import { once } from 'node:events';
import { WebSocket } from 'ws';
import { type ServerMessage, serverMessageSchema } from '../../../src/protocol/messages.ts';
import type { Book } from './book.ts';
import type { Attacker } from './socket.ts';

/** What a reply may hold that is worth knowing. */
interface Reply {
  roomId?: string;
  ownerToken?: string;
  readerId?: string;
  admission?: string;
  transport?: { id: string };
  channel?: { id: string };
}

/** Opens a socket as one of our pages would; null when the server does not take it at this moment. */
export async function attacker(url: string, number: number, book: Book): Promise<Attacker | null> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/signal`, {
    origin: url,
    perMessageDeflate: false,
    handshakeTimeout: 5_000,
  });
  socket.on('error', () => undefined);
  const asked = new Map<number, { t: string; said: Record<string, unknown> }>();
  const answered = new Set<number>();
  const self: Attacker = {
    number,
    roomId: null,
    role: null,
    sent: 0,
    waiting: () => (socket.readyState === socket.OPEN ? asked.size : 0),
    isOpen: () => socket.readyState === socket.OPEN,
    say(data, request) {
      if (socket.readyState !== socket.OPEN) return;
      self.sent += 1;
      if (request !== undefined) asked.set(request.id, request);
      socket.send(data);
    },
    end(how) {
      if (how === 'cut') socket.terminate();
      else socket.close(how === 'away' ? 1001 : 1000);
    },
  };

  function answer(message: Extract<ServerMessage, { t: 'reply' | 'refused' }>): void {
    if (message.id === undefined) return;
    const request = asked.get(message.id);
    if (request === undefined && !answered.has(message.id)) return;
    if (answered.has(message.id)) book.wrong.push(`a request was answered twice`);
    answered.add(message.id);
    asked.delete(message.id);
    book.answers[message.t] += 1;
    if (message.t === 'refused') book.refusals[message.code] = (book.refusals[message.code] ?? 0) + 1;
    if (message.t === 'reply' && request !== undefined) heardReply(request, message.data as Reply);
  }

  function heardReply({ t, said }: { t: string; said: Record<string, unknown> }, data: Reply): void {
    if (t === 'compose' || t === 'resume') {
      self.role = 'composer';
      self.roomId = data.roomId ?? null;
      book.composed(self, t, data.roomId ?? '', data.transport?.id ?? '');
    }
    if (t === 'join') {
      self.role = 'reader';
      // Others may have been asked for since, in vain.
      self.roomId = String(said['roomId']);
      book.joined(self, data.readerId ?? '', data.channel?.id ?? '', data.admission ?? '');
    }
    if (data.ownerToken !== undefined && self.roomId !== null) book.ownerToken(self.roomId, data.ownerToken);
  }

  socket.on('message', (data) => {
    const message = serverMessageSchema.parse(JSON.parse(String(data)));
    if (message.t === 'reply' || message.t === 'refused') return answer(message);
    if (message.t === 'sealed') return book.told(self, message.ciphertext);
    if (message.t === 'knocked' && self.roomId !== null) book.knowledge.reader(self.roomId, message.readerId);
    if (message.t === 'ended' || message.t === 'interrupted') self.role = null;
  });

  await once(socket, 'open').catch(() => undefined);
  return socket.readyState === socket.OPEN ? self : null;
}
