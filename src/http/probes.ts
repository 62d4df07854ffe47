import { type Request, Router } from 'express';

/** What a probe asks of the server at this moment. */
export interface Health {
  /** Whether rooms can be opened and joined. */
  ready: () => boolean;
  /** Whether what has to outlive the server can be written: otherwise no new room is opened. */
  writable: () => boolean;
  /** Whether the chat platforms that GLIR has to call can reach it. */
  connected: () => boolean;
  /** What the proxies in front do wrongly, in a word; null for nothing. */
  proxy?: () => string | null;
  /** Of the GLIR that runs. */
  version: string;
}

/**
 * What asks whether the server lives: `/livez` (the process answers), `/readyz` (a balancer may send people here) and `/healthz`
 * (the same, with what is not as it should be). No limit counts these requests: a probe that is refused has a healthy server
 * killed, and an answer costs next to nothing.
 */
export function probes({ ready, writable, connected, proxy = () => null, version }: Health): Router {
  const router = Router();
  // Other methods, and whoever sends a body along, are no probes, and are counted and refused as everywhere.
  router.use((request, _response, next) => next(isProbe(request) ? undefined : 'router'));
  router.get('/livez', (_request, response) => void response.json({ status: 'ok', version }));
  router.get('/readyz', (_request, response) => {
    const isReady = ready();
    response.status(isReady ? 200 : 503).json({ status: isReady ? 'ok' : 'starting', version });
  });
  router.get('/healthz', (_request, response) => {
    // Served when degraded as well: the rooms that are open go on, and a restart would help none of them.
    const status = ready() ? (writable() && connected() ? 'ok' : 'degraded') : 'starting';
    response.status(status === 'starting' ? 503 : 200).json({
      status,
      version,
      ...(writable() ? {} : { store: 'not-writable' }),
      ...(connected() ? {} : { slack: 'not-connected' }),
      // People are served all the same.
      ...(proxy() === null ? {} : { proxy: proxy() }),
    });
  });
  return router;
}

function isProbe({ method, headers }: Request): boolean {
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  return (method === 'GET' || method === 'HEAD') && length === '0' && encoding === undefined;
}
