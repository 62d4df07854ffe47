import type { Page, WebSocketRoute } from 'playwright-core';
import { z } from 'zod';
import type { RequestType } from '../../../src/protocol/messages.ts';

const requestSchema = z.object({ t: z.string(), id: z.int() });
const replySchema = z.object({ t: z.literal('reply'), id: z.int() });

/** A page's signalling whose answers a test can lose. */
export interface LosableAnswers {
  /**
   * The server carries out the next request of this kind, and the socket breaks before its answer arrives. Fulfilled when that
   * has happened. The page may connect again at once.
   */
  lose(request: RequestType): Promise<void>;
  /** The same with the join that a patient's page makes before its socket is there. */
  loseEarlyJoin(): Promise<void>;
}

/** Puts itself between the page and the server. Call it before the page is opened. */
export async function losableAnswers(page: Page): Promise<LosableAnswers> {
  const losing = new Map<string, () => void>();

  function take(t: string): () => void {
    const done = losing.get(t);
    losing.delete(t);
    return () => done?.();
  }

  await page.routeWebSocket('**/signal', (socket: WebSocketRoute) => {
    const server = socket.connectToServer();
    let id: number | null = null;
    let done = (): void => undefined;
    socket.onMessage((message) => {
      const request = read(requestSchema, message);
      if (id === null && request !== null && losing.has(request.t)) [id, done] = [request.id, take(request.t)];
      server.send(message);
    });
    server.onMessage((message) => {
      if (id === null || read(replySchema, message)?.id !== id) return socket.send(message);
      done();
      void Promise.all([server.close({ code: 3001 }), socket.close({ code: 3001 })]);
    });
  });
  let loseEarly: (() => void) | null = null;
  await page.route('**/join', async (route) => {
    if (loseEarly === null) return route.continue();
    const done = loseEarly;
    loseEarly = null;
    await route.fetch();
    await route.abort();
    done();
  });
  return {
    loseEarlyJoin: () =>
      new Promise((resolve) => {
        loseEarly = resolve;
      }),
    lose: (t) =>
      new Promise((resolve) => {
        losing.set(t, resolve);
      }),
  };
}

function read<Message>(schema: z.ZodType<Message>, message: string | Buffer): Message | null {
  return schema.safeParse(JSON.parse(message.toString())).data ?? null;
}
