import express, { type ErrorRequestHandler, type Request, type RequestHandler, type Response, Router } from 'express';
import type { Networks } from '../limits/client-network.ts';
import type { Refusal } from '../protocol/errors.ts';
import { clientMessageSchema } from '../protocol/messages.ts';

/** More than the longest join that the schema allows. */
const JOIN_BYTES = 4 * 1024;
const BUSY_SECONDS = 5;

/** A join as it was sent, and its number. */
interface Join {
  text: string;
  id: number;
}

/**
 * Joins a reader; `signal` is aborted when whoever asked is gone. Null when there is no place. The messages are JSON.
 */
type JoinEarly = (
  join: Join,
  network: string,
  signal: AbortSignal,
) => Promise<{ messages: readonly string[]; token?: string } | null>;

/**
 * `POST /join`: the first message of a patient's page, on the connection that the page itself came on, so that it need not wait
 * for a socket. It takes what the socket takes, from our own pages only, and is answered with what the socket would say.
 *
 * @param joinEarly null while the node is starting or stopping
 */
export function joinRoute({
  isOwnOrigin,
  networks,
  joinEarly,
}: {
  isOwnOrigin: (origin: string) => boolean;
  networks: Networks;
  joinEarly: () => JoinEarly | null;
}): Router {
  const onlyOwnPages: RequestHandler = (request, response, next) => {
    if (isOwnOrigin(request.get('origin') ?? '')) return next();
    refuse(response, 403, 'not-allowed');
  };
  const join: RequestHandler = async (request, response) => {
    const asked = readJoin(request);
    if (asked === null) return refuse(response, 400, 'bad-message');
    const answer = await (joinEarly() ?? notReady)(asked, networks.of(request), goneSignal(response));
    if (response.destroyed) return;
    if (answer === null) return refuse(response.set('Retry-After', String(BUSY_SECONDS)), 503, 'unavailable');
    // Each message is JSON already, and some have passed through another node.
    const { messages, token } = answer;
    const end = token === undefined ? '' : `,"token":${JSON.stringify(token)}`;
    response.type('json').send(`{"messages":[${messages.join(',')}]${end}}`);
  };
  const router = Router();
  router.post('/join', onlyOwnPages, express.text({ type: 'application/json', limit: JOIN_BYTES }), join);
  router.use('/join', unreadable);
  return router;
}

const notReady: JoinEarly = () => Promise.resolve(null);

/** A body that is too large, or in an encoding that is none. */
const unreadable: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : 500;
  if (typeof status !== 'number' || status < 400 || status > 499) return next(error);
  refuse(response, status, status === 413 ? 'too-large' : 'bad-message');
};

/** Null for everything that is no join. */
function readJoin({ body }: Request): Join | null {
  try {
    const text = String(body);
    const message = clientMessageSchema.parse(JSON.parse(text));
    return message.t === 'join' ? { text, id: message.id } : null;
  } catch {
    return null;
  }
}

function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** In the same form as every other refusal of a join. */
function refuse(response: Response, status: number, code: Refusal): void {
  response.status(status).json({ messages: [{ t: 'refused', code }] });
}
