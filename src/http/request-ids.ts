import type { IncomingMessage, RequestListener } from 'node:http';
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
export function withRequestIds(
  listener: RequestListener,
  { trustProxy, clock, log }: { trustProxy: number; clock: Pick<Clock, 'uptime'>; log: Logger },
): RequestListener {
  return (request, response) => {
    const fields = { request: (trustProxy > 0 ? idOfProxy(request) : null) ?? newLogId() };
    const begun = clock.uptime();
    // Express writes another one there on the way.
    const { method = '', url = '' } = request;
    response.once('close', () => {
      const area = url.split(/[/?]/, 2)[1] ?? '';
      const { statusCode: status } = response;
      const where = AREAS.has(area) ? `/${area}` : 'elsewhere';
      const ms = Math.round(clock.uptime() - begun);
      withLogFields(fields, () => log.debug({ event: 'request-answered', method, where, status, ms }));
    });
    withLogFields(fields, () => listener(request, response));
  };
}

function idOfProxy({ headers }: IncomingMessage): string | null {
  const given = headers['x-request-id'];
  return typeof given === 'string' && PROXY_ID.test(given) ? given : null;
}
