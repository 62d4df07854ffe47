import express, {
  type ErrorRequestHandler,
  type Express,
  type RequestHandler,
  type Response,
  type Router,
} from 'express';
import type { Logger } from 'pino';
import type { Bodies, Page, Pages } from './built-pages.ts';
import { onlyMethods } from './http-server.ts';
import { type Health, probes } from './probes.ts';
import { framedByTeams, keptByItsOpener, pagePolicy } from './security-headers.ts';
import { sendTrouble, type TroublePages, troublePages } from './trouble-pages.ts';

interface Dependencies {
  publicUrl: string;
  /** Reverse proxies in front of the server. */
  trustProxy: number;
  /** Refuses whoever asks too often; comes before everything else but probes. */
  limited: RequestHandler;
  pages: Pages;
  log: Logger;
  health: Health;
  /** Whether notes are written inside Microsoft Teams' own dialog. */
  teamsDialog: boolean;
  /** The local chat's API; null when a chat platform is configured or the public URL is not loopback. */
  localChat: Router | null;
  /** Where patients' pages join. */
  join: Router;
  /** What is told of failures on the way of pages and sockets. */
  failureReports: Router;
  /** The pages about this GLIR. */
  info: Router;
  /** The chat platforms' routes. They read request bodies themselves, to check signatures over them. */
  platforms: readonly Router[];
}

/** The composer; also where a program wrote the `#` of its link as `%23`, however often encoded. */
const COMPOSE_PATH = /^\/compose\/?(?:%(?:25)*23.*)?$/i;
/** A note link with whatever a program made of it: the page itself reads it, or says what is wrong with it. */
const NOTE_PATH = /^\/n\/+[^/].*$/i;

/**
 * The Express app with all routes, to be served by `createHttpServer`. Nothing here looks at rooms: the pages are the same for
 * everybody, scanners included.
 */
export function createRoutes({
  publicUrl,
  trustProxy,
  limited,
  pages,
  log,
  health,
  teamsDialog,
  localChat,
  join,
  failureReports,
  info,
  platforms,
}: Dependencies): Express {
  const app = express();
  const trouble = troublePages();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', trustProxy);
  app.use(probes(health));
  app.use(limited);
  app.use(onlyMethods);

  app.get('/favicon.svg', (_request, response) => {
    response.type('svg').send(pages.favicon);
  });
  app.get('/robots.txt', (_request, response) => {
    response.type('txt').send('User-agent: *\nDisallow: /\n');
  });
  app.use(join);
  const send = (page: Page, framed?: 'by-teams') => {
    const policy = pagePolicy(publicUrl, page, framed);
    return (_request: unknown, response: Response) => sendPage(response, page, policy);
  };
  app.get(COMPOSE_PATH, send(pages.composer));
  app.get(NOTE_PATH, send(pages.receiver));
  for (const { lazyScripts } of [pages.receiver, pages.composer, pages.teams, pages.chat]) {
    for (const [at, bodies] of lazyScripts) {
      app.get(at, (_request, response) => sendSmallest(response.type('js'), bodies));
    }
  }
  for (const name of ['receiver', 'composer'] as const) {
    for (const [language, { strings }] of pages[name].languages) {
      app.get(`/strings/${name}/${language}.json`, (_request, response) => {
        response.set('Content-Language', language).type('json');
        sendSmallest(response, strings);
      });
    }
  }
  app.use(failureReports);
  if (teamsDialog) {
    app.get('/teams/compose', framedByTeams, send(pages.teams, 'by-teams'));
    app.get('/teams/continue', keptByItsOpener, send(pages.teams));
  }
  for (const platform of platforms) app.use(platform);
  if (localChat !== null) {
    app.get('/', send(pages.chat));
    app.use('/local', localChat);
  }
  // After the local chat, which is at `/` where it is on.
  app.use(info);
  app.use((request, response) => {
    const data = { error: 'not-found', next: 'Check the address, or ask for the link again.' };
    sendTrouble(request, response, { status: 404, page: trouble.missing, data });
  });
  app.use(errorHandler(log, trouble));
  return app;
}

/** Sends a page in the language that the browser asks for, as far as the page speaks it; otherwise in English. */
function sendPage(response: Response, page: Page, policy: string): void {
  response.set('Content-Security-Policy', policy).type('html');
  let language = 'en';
  if (page.languages.size > 0) {
    language = response.req.acceptsLanguages([...page.languages.keys()]) || language;
    response.vary('Accept-Language');
  }
  response.set('Content-Language', language);
  sendSmallest(response, page.languages.get(language)?.bodies ?? page.bodies);
}

function sendSmallest(response: Response, bodies: Bodies): void {
  // Browsers list gzip first without preferring it: the smallest that they take is chosen here.
  const accepted = response.req.acceptsEncodings();
  const encoding = (['br', 'gzip'] as const).find((name) => accepted.includes(name)) ?? 'identity';
  response.vary('Accept-Encoding');
  if (encoding !== 'identity') response.set('Content-Encoding', encoding);
  response.end(bodies[encoding]);
}

/** Answers with a code and the next step. What was sent is neither logged nor sent back. */
function errorHandler(log: Logger, trouble: TroublePages): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) return next(error);
    const status = statusOf(error);
    if (status >= 500) {
      log.error({ event: 'http-error', err: error });
      const data = { error: 'unavailable', next: 'Try again in a moment.' };
      return sendTrouble(request, response, { status, page: trouble.failed, data });
    }
    const code = status === 413 ? 'too-large' : 'bad-request';
    const data = { error: code, next: 'Send what the page sends; nothing was changed.' };
    sendTrouble(request, response, { status, page: trouble.missing, data });
  };
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
