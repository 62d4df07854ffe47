import express, { type ErrorRequestHandler, type Express, type Response, type Router } from 'express';
import type { Logger } from 'pino';
import type { Page, Pages } from './pages.ts';
import { pagePolicy, securityHeaders } from './security-headers.ts';

interface Dependencies {
  publicUrl: string;
  /** Reverse proxies in front of the server. */
  trustProxy: number;
  pages: Pages;
  log: Logger;
  /** Whether rooms can be opened and joined at this moment. */
  ready: () => boolean;
  /** The local chat's API; null when a chat platform is configured or the public URL is not loopback. */
  localChat: Router | null;
  /** The chat platforms' routes. They read request bodies themselves, to check signatures over them. */
  platforms: readonly Router[];
}

/** The web server's routes. Nothing here looks at rooms: the pages are the same for everybody, scanners included. */
export function createWebServer({
  publicUrl,
  trustProxy,
  pages,
  log,
  ready,
  localChat,
  platforms,
}: Dependencies): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', trustProxy);
  app.use(securityHeaders(publicUrl));

  app.get('/healthz', (_request, response) => {
    response.status(ready() ? 200 : 503).json({ status: ready() ? 'ok' : 'starting' });
  });
  app.get('/favicon.svg', (_request, response) => {
    response.type('svg').send(pages.favicon);
  });
  app.get('/robots.txt', (_request, response) => {
    response.type('txt').send('User-agent: *\nDisallow: /\n');
  });
  const send = (page: Page) => {
    const policy = pagePolicy(publicUrl, page);
    return (_request: unknown, response: Response) => sendPage(response, page, policy);
  };
  app.get('/compose', send(pages.composer));
  app.get('/n/:roomId', send(pages.receiver));
  for (const platform of platforms) app.use(platform);
  if (localChat !== null) {
    app.get('/', send(pages.chat));
    app.use('/local', localChat);
  }
  app.use((_request, response) => {
    response.status(404).json({ error: 'not-found', next: 'Check the address, or ask for the link again.' });
  });
  app.use(errorHandler(log));
  return app;
}

function sendPage(response: Response, page: Page, policy: string): void {
  // Browsers list gzip first without preferring it: the smallest that they take is chosen here.
  const accepted = response.req.acceptsEncodings();
  const encoding = (['br', 'gzip'] as const).find((name) => accepted.includes(name)) ?? 'identity';
  response.set('Content-Security-Policy', policy).set('Vary', 'Accept-Encoding').type('html');
  if (encoding !== 'identity') response.set('Content-Encoding', encoding);
  response.end(page.bodies[encoding]);
}

/** Answers with a code and the next step. What was sent is neither logged nor sent back. */
function errorHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, _request, response, next) => {
    if (response.headersSent) return next(error);
    const status = statusOf(error);
    if (status >= 500) log.error({ event: 'http-fault', err: error });
    const next_ = status >= 500 ? 'Try again in a moment.' : 'Send what the page sends; nothing was changed.';
    response
      .status(status)
      .json({ error: status === 413 ? 'too-large' : status >= 500 ? 'unavailable' : 'bad-request', next: next_ });
  };
}

function statusOf(error: unknown): number {
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : 500;
}
