import express, { type ErrorRequestHandler, type Request, type Response, type Router } from 'express';
import type { Logger } from 'pino';
import { hostOf, isLoopbackHost } from '../../src/config/addresses.ts';
import type { TeamsConfig } from '../../src/config/config.ts';
import { TEAMS_MESSAGES_PATH } from '../../src/limits/signed-paths.ts';
import { errorFields } from '../commands/error-fields.ts';
import { BadActivity, type Incoming, readActivity } from './activity.ts';
import { type Authentication, isServed, TokenRefused } from './authentication.ts';
import type { InvokeAnswer } from './client/teams-client.ts';

const BODY_BYTES = 256 * 1024;

/** Every refusal, with what to do about it. */
const REFUSALS = {
  'bad-activity': { status: 400, next: 'Send an activity as Teams does.' },
  unauthorized: { status: 401, next: 'Only Teams may call this address, with a token for this bot.' },
  'other-tenant': { status: 403, next: 'GLIR serves one organisation here. Install one of your own.' },
  'other-site': { status: 403, next: 'Only the Playground on this machine may call this address.' },
  'too-large': { status: 413, next: 'Send at most 256 KiB.' },
  unavailable: { status: 503, next: 'Try again in a moment.' },
} as const;
type Refusal = keyof typeof REFUSALS;

interface Dependencies {
  app: TeamsConfig['app'];
  check: Authentication['check'];
  /** Carries out an activity; gives the answer to an invoke. */
  receive: (incoming: Incoming) => Promise<InvokeAnswer | undefined>;
  log: Logger;
}

/** The route for Teams: nothing of a request is read before its token is checked, and nothing of it is logged. */
export function teamsRouter({ app, check, receive, log }: Dependencies): Router {
  const router = express.Router();

  function refuse(response: Response, refusal: Refusal): void {
    const { status, next } = REFUSALS[refusal];
    log.warn({ event: 'teams-refused', refusal });
    response.status(status).json({ error: refusal, next });
  }

  /** What is left of the body stays unread, so nothing else can come over this connection. */
  function refuseUnread(response: Response, refusal: Refusal): void {
    response.set('Connection', 'close');
    refuse(response, refusal);
  }

  /** The service URL that a request's token is for, null where requests are not signed; or why it is refused. */
  async function authenticate(request: Request): Promise<{ serviceUrl: string | null } | Refusal> {
    if (app.kind === 'playground' && !isFromHere(request, app.origin)) return 'other-site';
    if (check === null) return { serviceUrl: null };
    try {
      return await check(request.get('authorization'));
    } catch (error) {
      log.warn({ event: 'teams-token', ...errorFields(error) });
      return error instanceof TokenRefused ? 'unauthorized' : 'unavailable';
    }
  }

  router.post(TEAMS_MESSAGES_PATH, async (request, response) => {
    if (Number(request.get('content-length')) > BODY_BYTES) return refuseUnread(response, 'too-large');
    const sender = await authenticate(request);
    if (typeof sender === 'string') return refuseUnread(response, sender);
    const incoming = readActivity(await readJson(request, response));
    const { serviceUrl } = incoming.conversation;
    if (sender.serviceUrl !== null && sender.serviceUrl !== serviceUrl) return refuse(response, 'unauthorized');
    if (!isServed(incoming, serviceUrl, app)) return refuse(response, 'other-tenant');
    const result = await receive(incoming);
    response.status(result?.status ?? 200);
    if (result?.body === undefined) response.end();
    else response.json(result.body);
  });

  const failed: ErrorRequestHandler = (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : null;
    if (error instanceof BadActivity || status === 400 || status === 415) return refuse(response, 'bad-activity');
    if (status === 413) return refuse(response, 'too-large');
    log.error({ event: 'teams-error', ...errorFields(error) });
    refuse(response, 'unavailable');
  };

  router.use(TEAMS_MESSAGES_PATH, failed);
  return router;
}

/**
 * Nothing else protects requests that are not signed: a page of another site must not send any through the doctor's
 * browser, nor through a name of its own that it points at this machine.
 */
function isFromHere(request: Request, playground: string): boolean {
  const host = URL.parse(`http://${request.get('host') ?? ''}`);
  const origin = request.get('origin');
  if (host === null || !isLoopbackHost(hostOf(host))) return false;
  return (origin === undefined || origin === playground) && (request.get('sec-fetch-site') ?? 'none') === 'none';
}

const json = express.json({ limit: BODY_BYTES });

/** Rejects with what Express' parser says of a body that is too large or no JSON. */
async function readJson(request: Request, response: Response): Promise<unknown> {
  await new Promise<void>((resolve, reject) => {
    json(request, response, (error: unknown) => (error === undefined ? resolve() : reject(error)));
  });
  return request.body;
}
