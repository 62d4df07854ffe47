import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import { newLogId, withLogFields } from '../log-context.ts';

/** Ids that proxies make: hexadecimal, or UUIDs. Nothing else goes into the log. */
const PROXY_ID = /^[0-9a-f]{8,32}$|^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What is served below `/`; of anything else, the log says that it was something else. */
const AREAS: ReadonlySet<string> = new Set([
  '',
  'admin',
  'api',
  'compose',
  'favicon.svg',
  'join',
  'local',
  'metrics',
  'n',
  'privacy',
  'robots.txt',
  'signal',
  'slack',
  'strings',
  'teams',
  'terms',
]);

/**
 * Gives each request an id, which is in every line of the log that it causes: the one of the proxy in front
 * (`X-Request-Id`) where there is one, so that both logs can be laid side by side.
 */
export function requestIds({
  trustProxy,
  clock,
  log,
}: {
  trustProxy: number;
  clock: Pick<Clock, 'uptime'>;
  log: Logger;
}): RequestHandler {
  return (request, response, next) => {
    const fields = { request: (trustProxy > 0 ? idOfProxy(request.headers['x-request-id']) : null) ?? newLogId() };
    const begun = clock.uptime();
    // Express writes another one there on the way.
    const { method, url } = request;
    response.once('close', () => {
      const area = url.split(/[/?]/, 2)[1] ?? '';
      const { statusCode: status } = response;
      const where = AREAS.has(area) ? `/${area}` : 'elsewhere';
      const ms = Math.round(clock.uptime() - begun);
      withLogFields(fields, () => log.debug({ event: 'request-answered', method, where, status, ms }));
    });
    withLogFields(fields, () => next());
  };
}

function idOfProxy(given: string | string[] | undefined): string | null {
  return typeof given === 'string' && PROXY_ID.test(given) ? given : null;
}
