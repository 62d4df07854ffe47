import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { Router } from 'express';
import type { Secret } from '../config/secret.ts';
import type { PrometheusMetrics } from './prometheus.ts';

/** Where Prometheus asks. */
const METRICS_PATH = '/metrics';
/** Whoever asks sends a few headers and no body. */
const REQUEST_MS = 5_000;
const CONNECTIONS_MAX = 20;

/**
 * `GET /metrics` on the public port: for whoever shows the token (`Authorization: Bearer …`), and 401 for everybody else.
 */
export function metricsRouter(metrics: PrometheusMetrics, token: Secret): Router {
  const router = Router();
  router.get(METRICS_PATH, answerWith(metrics, token));
  return router;
}

/**
 * A server of its own for the metrics, listening. With a token it is asked for there too.
 * Rejects with an Error that says what to set when the port cannot be had.
 */
export async function listenForMetrics(
  metrics: PrometheusMetrics,
  { host, port, token }: { host: string; port: number; token: Secret | null },
): Promise<{ close(): Promise<void> }> {
  const answer = answerWith(metrics, token);
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }, (request, response) => {
    if (request.method === 'GET' && request.url === METRICS_PATH) return answer(request, response);
    response.writeHead(404, { 'Content-Type': 'text/plain' }).end('Only GET /metrics is here.\n');
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.listen(port, host);
  await listening(server, port);
  return {
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function listening(server: Server, port: number): Promise<void> {
  try {
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${port}/tcp is taken by another program. Set GLIR_METRICS_PORT or stop it.`);
  }
}

function answerWith(metrics: PrometheusMetrics, token: Secret | null): RequestListener {
  return async (request, response) => {
    if (token !== null && !shows(request.headers.authorization, token)) {
      response.writeHead(401, { 'WWW-Authenticate': 'Bearer', 'Content-Type': 'text/plain' });
      response.end('Send GLIR_METRICS_TOKEN as "Authorization: Bearer ...".\n');
      return;
    }
    const { type, text } = await metrics.page();
    response.writeHead(200, { 'Content-Type': type });
    response.end(text);
  };
}

/** Compared by digests, so that how long it takes says nothing (RFC 6750, section 2.1). */
function shows(authorization: string | undefined, token: Secret): boolean {
  const given = /^Bearer +([^\s]+)$/i.exec(authorization ?? '')?.[1];
  return given !== undefined && timingSafeEqual(digest(given), digest(token.reveal()));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
